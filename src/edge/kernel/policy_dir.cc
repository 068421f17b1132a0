// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/policy_dir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/kept_generation.h"
#include "edge/io/files.h"
#include "edge/kernel/mounts.h"
#include "edge/kernel/policy_names.h"

namespace reeve::kernel {
namespace {

// What one directory holds.
struct Listing {
  std::vector<std::shared_ptr<const SourceFile>>
      files;                    // by name; SourceFile::name is the name in it
  std::set<std::string> names;  // that mask the same ones in weaker layers, refused files included
  std::vector<port::IgnoredName> ignored;
};

std::string Joined(const std::string& directory, const std::string& name) {
  return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

// Where `for_each: {file: ...}` starts: beside the policy directory.
std::string Beside(const std::string& directory) {
  std::error_code error;
  const std::filesystem::path whole =
      std::filesystem::absolute(directory, error).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).parent_path().string();
}

class DirectoryReader {
 public:
  DirectoryReader(const PolicyLayer& layer, Ownership ownership)
      : layer_(layer), ownership_(ownership), beside_(Beside(layer.directory)) {}

  //   errors   of the directory itself; Conflict for a volume that is swapped faster than read
  Result<Listing> Read() {
    REEVE_TRY(const UniqueFd directory, OpenTrustedDirectory(layer_.directory, ownership_));
    for (int attempt = 0; attempt < 100; ++attempt) {
      REEVE_TRY(const VolumeData data, OpenVolumeData(directory.get()));
      listing_ = {};
      if (!data.directory.valid()) {
        REEVE_TRY_VOID(ReadFrom(directory.get()));
        return std::move(listing_);
      }
      REEVE_TRY_VOID(ReadFrom(data.directory.get()));
      REEVE_TRY_VOID(NameStrangers(directory.get()));
      // The old set is removed after a swap, so that it was whole if it still is the one.
      if (ReadVolumeTarget(directory.get()) == data.target) return std::move(listing_);
    }
    return Error{
        ErrorKind::kConflict, 0, layer_.directory, "replaced again and again while it was read"};
  }

 private:
  Result<> ReadFrom(int directory) {
    REEVE_TRY(const std::vector<std::string> names, ListNames(directory, layer_.directory));
    for (const std::string& name : names) {
      if (IsVolumeInternal(name)) continue;
      if (const std::string why = WhyIgnored(name); !why.empty()) {
        Ignore(name, why, false);
      } else {
        Take(directory, name);
      }
    }
    return {};
  }

  void Take(int directory, const std::string& name) {
    TrustedFile file = ReadTrustedFile(directory, name, kMaxPolicyFileBytes, ownership_);
    if (file.gone) return;  // removed between listing and reading: not there
    listing_.names.insert(name);
    if (file.masking) return;
    if (!file.refused.empty()) {
      Ignore(name, file.refused, true);
      return;
    }
    listing_.files.push_back(std::make_shared<const SourceFile>(
        SourceFile{name, std::move(file.text), layer_.layer, beside_}));
  }

  // Files that lie beside `..data` instead of behind it look like policies and are none.
  Result<> NameStrangers(int directory) {
    REEVE_TRY(const std::vector<std::string> names, ListNames(directory, layer_.directory));
    for (const std::string& name : names) {
      struct stat found = {};
      if (IsVolumeInternal(name) || !WhyIgnored(name).empty()) continue;
      if (::fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) continue;
      if (!S_ISLNK(found.st_mode)) Ignore(name, "lies beside ..data, not in it", true);
    }
    return {};
  }

  void Ignore(const std::string& name, std::string why, bool error) {
    listing_.ignored.push_back(
        {Joined(layer_.directory, name), std::move(why), error, layer_.layer});
  }

  const PolicyLayer& layer_;
  Ownership ownership_;
  std::string beside_;
  Listing listing_;
};

// A listing on its way from the process that read it: each entry is a word and its texts.
io::Apart::Texts Packed(const Listing& listing) {
  io::Apart::Texts texts;
  for (const auto& file : listing.files) {
    texts.insert(texts.end(), {"file", file->name, file->text, file->directory});
  }
  for (const std::string& name : listing.names) texts.insert(texts.end(), {"name", name});
  for (const port::IgnoredName& ignored : listing.ignored) {
    texts.insert(texts.end(),
                 {ignored.error ? "refused" : "ignored", ignored.name, ignored.reason});
  }
  return texts;
}

Listing Unpacked(io::Apart::Texts texts, int layer) {
  Listing listing;
  for (auto at = texts.begin(); at != texts.end();) {
    const std::string word = std::move(*at++);
    const auto next = [&at] { return std::move(*at++); };
    if (word == "file") {
      SourceFile file;
      file.name = next();
      file.text = next();
      file.layer = layer;
      file.directory = next();
      listing.files.push_back(std::make_shared<const SourceFile>(std::move(file)));
    } else if (word == "name") {
      listing.names.insert(next());
    } else {
      port::IgnoredName ignored;
      ignored.name = next();
      ignored.reason = next();
      ignored.error = word == "refused";
      listing.ignored.push_back(std::move(ignored));
    }
  }
  return listing;
}

Result<Listing> ReadLayer(const PolicyLayer& layer, Ownership ownership, io::Apart* apart) {
  const auto read = [&] { return DirectoryReader(layer, ownership).Read(); };
  if (apart == nullptr) return read();
  REEVE_TRY(io::Apart::Texts texts, apart->Run(layer.directory, [&]() -> Result<io::Apart::Texts> {
    REEVE_TRY(const Listing listing, read());
    return Packed(listing);
  }));
  return Unpacked(std::move(texts), layer.layer);
}

// Leaves out what would make the set larger than it may be.
void LimitSet(port::FileSet* set) {
  std::size_t size = 0;
  const auto too_much = [&](const auto& file) {
    size += file->text.size();
    if (size <= kMaxPolicySetBytes) return false;
    set->ignored.push_back(
        {file->name,
         fmt::format("with it the policies are larger than {} MiB", kMaxPolicySetBytes >> 20),
         true,
         file->layer});
    return true;
  };
  set->files.erase(std::remove_if(set->files.begin(), set->files.end(), too_much),
                   set->files.end());
}

}  // namespace

std::vector<PolicyLayer> LayersOf(const std::vector<std::string>& directories) {
  std::vector<PolicyLayer> layers;
  for (const std::string& directory : directories) {
    const int layer = IsAtOrBelow(directory, "/usr")   ? 0
                      : IsAtOrBelow(directory, "/run") ? kByHandLayer
                                                       : 1;
    layers.push_back({directory, layer});
  }
  return layers;
}

Result<port::FileSet> PolicyDirs::Read() {
  std::vector<Listing> listings;
  std::optional<Error> missing;
  bool any = false;
  for (const PolicyLayer& layer : layers_) {
    auto listing = ReadLayer(layer, ownership_, apart_);
    if (listing.has_value()) {
      any = true;
      seen_[layer.directory] = true;
      listings.push_back(*std::move(listing));
      continue;
    }
    if (listing.error().kind != ErrorKind::kNotFound) return std::move(listing).error();
    if (seen_[layer.directory]) {
      Error gone = std::move(listing).error();
      gone.message = "the directory was here and is gone; make it anew if it is to be empty";
      return gone;
    }
    missing = std::move(listing).error();
    listings.emplace_back();
  }
  if (!any && missing) return *std::move(missing);

  port::FileSet set;
  for (std::size_t i = 0; i < listings.size(); ++i) {
    for (auto& file : listings[i].files) {
      const PolicyLayer* masked_by = nullptr;
      for (std::size_t j = i + 1; j < listings.size(); ++j) {
        if (listings[j].names.contains(file->name)) masked_by = &layers_[j];
      }
      if (masked_by == nullptr) {
        set.files.push_back(std::move(file));
      } else {
        set.ignored.push_back(
            {Joined(layers_[i].directory, file->name),
             fmt::format("masked by {}", Joined(masked_by->directory, file->name)),
             false,
             layers_[i].layer});
      }
    }
    std::move(
        listings[i].ignored.begin(), listings[i].ignored.end(), std::back_inserter(set.ignored));
  }
  LimitSet(&set);
  return set;
}

void PolicyDirs::WasThere(const std::vector<std::shared_ptr<const SourceFile>>& files) {
  for (const PolicyLayer& layer : layers_) {
    if (layer.layer == kByHandLayer) continue;
    const std::string beside = Beside(layer.directory);
    const bool any = std::any_of(files.begin(), files.end(), [&](const auto& file) {
      return file->layer == layer.layer && file->directory == beside;
    });
    if (any) seen_[layer.directory] = true;
  }
}

Result<port::FileSet> NamedFiles::Read() {
  port::FileSet set;
  for (const std::string& name : names_) {
    struct stat found = {};
    if (name != "-" && ::stat(name.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) {
      const PolicyLayer layer{name, 1};
      REEVE_TRY(Listing listing, DirectoryReader(layer, ownership_).Read());
      for (const auto& file : listing.files) {
        SourceFile named = *file;
        named.name = Joined(name, named.name);
        set.files.push_back(std::make_shared<const SourceFile>(std::move(named)));
      }
      std::move(listing.ignored.begin(), listing.ignored.end(), std::back_inserter(set.ignored));
      continue;
    }
    // Without O_NONBLOCK: whoever names a pipe waits for what comes through it.
    const UniqueFd own(name == "-" ? -1 : ::open(name.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
    if (name != "-" && !own.valid()) return ErrnoError(errno, name, "opening");
    const int fd = name == "-" ? STDIN_FILENO : own.get();
    REEVE_TRY(std::string text, io::ReadWhole(fd, kMaxPolicyFileBytes, name));
    SourceFile file;
    file.name = name == "-" ? "<stdin>" : name;
    file.text = std::move(text);
    file.directory = name == "-" ? "" : Beside(std::filesystem::path(name).parent_path().string());
    set.files.push_back(std::make_shared<const SourceFile>(std::move(file)));
  }
  LimitSet(&set);
  return set;
}

Result<port::FileSet> ReadOptionalDir(const std::string& directory,
                                      Ownership ownership,
                                      io::Apart* apart) {
  auto set = PolicyDirs({{directory, 1}}, ownership, apart).Read();
  if (!set.has_value() && set.error().kind == ErrorKind::kNotFound) return port::FileSet();
  return set;
}

}  // namespace reeve::kernel
