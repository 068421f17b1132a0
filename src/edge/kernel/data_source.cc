// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/data_source.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/kernel/beneath.h"
#include "edge/kernel/policy_dir.h"

namespace reeve::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPaths = 100'000;

bool HasDotDot(std::string_view path) {
  const auto parts = Split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

fs::path Normal(const std::string& path) {
  std::error_code error;
  fs::path whole = fs::absolute(path, error).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

void AddOnce(std::vector<std::string>* list, std::string path) {
  if (std::find(list->begin(), list->end(), path) == list->end()) list->push_back(std::move(path));
}

Result<std::vector<std::string>> Match(const std::string& pattern) {
  glob_t found = {};
  const std::unique_ptr<glob_t, void (*)(glob_t*)> owner(&found, ::globfree);
  // With an empty list instead of an error, instances would come and go with permissions.
  const auto on_error = [](const char*, int error) {
    return error == ENOENT || error == ENOTDIR ? 0 : 1;
  };
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only `~` is, and no absolute pattern starts with it
  const int status = ::glob(pattern.c_str(), GLOB_NOSORT, on_error, &found);
  if (status == GLOB_NOMATCH) return std::vector<std::string>();
  if (status == GLOB_ABORTED) {
    return Error{ErrorKind::kDenied, 0, pattern, "a directory on the way can not be read"};
  }
  if (status != 0) return Error{ErrorKind::kIo, ENOMEM, pattern, "out of memory"};
  if (found.gl_pathc > kMaxPaths) {
    return Error{
        ErrorKind::kOutOfRange, 0, pattern, fmt::format("matches more than {} paths", kMaxPaths)};
  }
  std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  std::sort(paths.begin(), paths.end());  // by bytes: the same whatever the locale
  return paths;
}

}  // namespace

Result<std::shared_ptr<const SourceFile>> HostData::ReadData(const std::string& name) {
  if (apart_ == nullptr) {
    REEVE_TRY(SourceFile file, Find(name));
    return std::make_shared<const SourceFile>(std::move(file));
  }
  REEVE_TRY(io::Apart::Texts texts, apart_->Run(name, [&]() -> Result<io::Apart::Texts> {
    REEVE_TRY(SourceFile file, Find(name));
    return io::Apart::Texts{std::move(file.text), std::move(file.directory)};
  }));
  return std::make_shared<const SourceFile>(
      SourceFile{name, std::move(texts[0]), 1, std::move(texts[1])});
}

Result<SourceFile> HostData::Find(const std::string& name) {
  if (name.empty() || HasDotDot(name)) {
    return Error{
        ErrorKind::kInvalid, 0, name, "a data file lies in data.d or is named by its whole path"};
  }
  if (name.starts_with('/')) {
    const fs::path path(name);
    return ReadIn(path.parent_path().string(), name);
  }
  for (const std::string& directory : directories_) {
    auto file = ReadIn(directory, name);
    if (file.has_value() || file.error().kind != ErrorKind::kNotFound) return file;
  }
  return Error{ErrorKind::kNotFound,
               ENOENT,
               name,
               directories_.empty() ? "there is no data directory"
                                    : fmt::format("not in {}", Join(directories_, ", "))};
}

Result<SourceFile> HostData::ReadIn(const std::string& directory, const std::string& name) {
  // A volume swaps its set beneath us: once more, then.
  for (int attempt = 0; attempt < 100; ++attempt) {
    REEVE_TRY(UniqueFd base, OpenTrustedDirectory(directory, ownership_));
    REEVE_TRY(VolumeData volume, OpenVolumeData(base.get()));
    const fs::path path(name);
    const std::string below = name.starts_with('/') ? "" : path.parent_path().string();
    const Beneath beneath(std::move(volume.directory.valid() ? volume.directory : base),
                          Confinement::kKernel);
    const UniqueFd parent(beneath.Open(RelativeName(below), O_RDONLY | O_DIRECTORY));
    if (!parent.valid()) return ErrnoError(-parent.get(), name, "opening its directory");
    REEVE_TRY_VOID(CheckTrusted(parent.get(), name, ownership_));
    TrustedFile file =
        ReadTrustedFile(parent.get(), path.filename().string(), kMaxPolicyFileBytes, ownership_);
    if (file.gone && !volume.target.empty() && attempt + 1 < 100) {
      REEVE_TRY(const UniqueFd again, OpenTrustedDirectory(directory, ownership_));
      if (ReadVolumeTarget(again.get()) != volume.target) continue;
    }
    if (file.gone) return Error{ErrorKind::kNotFound, ENOENT, name, "not there"};
    if (!file.refused.empty()) return Error{ErrorKind::kDenied, 0, name, file.refused};
    return SourceFile{name, std::move(file.text), 1, directory};
  }
  return Error{ErrorKind::kConflict, 0, name, "replaced again and again while it was read"};
}

Result<std::vector<std::string>> HostData::MatchPaths(const std::string& pattern) {
  if (!pattern.starts_with('/') || HasDotDot(pattern)) {
    return Error{ErrorKind::kInvalid, 0, pattern, "a path pattern starts with / and holds no .."};
  }
  if (apart_ == nullptr) return Match(pattern);
  return apart_->Run(pattern, [&] { return Match(pattern); });
}

std::vector<std::string> DataDirectoriesBeside(const std::vector<std::string>& policy_directories) {
  std::vector<std::string> directories;
  for (auto it = policy_directories.rbegin(); it != policy_directories.rend(); ++it) {
    AddOnce(&directories, (Normal(*it).parent_path() / "data.d").string());
  }
  return directories;
}

std::vector<std::string> DataDirectoriesFor(const std::vector<std::string>& names) {
  std::vector<std::string> directories;
  for (const std::string& name : names) {
    if (name == "-") continue;
    const fs::path path = Normal(name);
    std::error_code error;
    if (fs::is_directory(path, error)) {
      AddOnce(&directories, (path.parent_path() / "data.d").string());
    } else {
      AddOnce(&directories, (path.parent_path() / "data.d").string());
      AddOnce(&directories, (path.parent_path().parent_path() / "data.d").string());
    }
  }
  return directories;
}

}  // namespace reeve::kernel
