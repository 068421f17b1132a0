// SPDX-License-Identifier: Apache-2.0
#include "support/fake_cgroup_fs.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/base/text.h"
#include "core/format/owner_mark.h"

namespace reeve::support {
namespace {

constexpr const char* kMarkName = "trusted.reeve";

void MustWork(Errno error, std::string_view what, std::string_view path) {
  if (error == 0) return;
  (void)std::fprintf(stderr,
                     "fake kernel: %s %s: %s\n",
                     std::string(what).c_str(),
                     std::string(path).c_str(),
                     ErrnoName(error).c_str());
  std::abort();
}

std::string Writing(std::string_view text) {
  return "writing \"" + EscapeForTerminal(Trim(text)) + "\"";
}

std::string Subject(const CgroupPath& path, std::string_view file) {
  return (path.is_root() ? "" : path.text() + "/") + std::string(file);
}

// What the port refuses before it asks the kernel.
Error Refused(const CgroupPath& path, std::string_view file, std::string message) {
  return Error{ErrorKind::kInvalid, 0, Subject(path, file), std::move(message)};
}

}  // namespace

std::string JournalEntry::ToString() const {
  std::string line = verb + " " + (path.empty() ? "." : path);
  if (!file.empty()) line += " " + file;
  if (!text.empty()) line += " " + text;
  if (error != 0) line += " -> " + ErrnoName(error);
  return line;
}

FakeCgroupFs::FakeCgroupFs(Options options)
    : options_(std::move(options)), kernel_(options_.kernel) {
  std::string all = options_.kernel.controllers.ToString("+");
  std::string made;
  if (options_.managed_root.empty()) return;
  for (std::string_view part : Split(options_.managed_root, '/')) {
    MustWork(kernel_.Write(made, "cgroup.subtree_control", all), "enabling in", made);
    if (!made.empty()) made += '/';
    made += part;
    MustWork(kernel_.Mkdir(made), "mkdir", made);
  }
}

std::string FakeCgroupFs::Absolute(std::string_view path) const {
  if (options_.managed_root.empty() || path.empty()) {
    return options_.managed_root + std::string(path);
  }
  return options_.managed_root + "/" + std::string(path);
}

FakeCgroup* FakeCgroupFs::Find(const CgroupPath& path) {
  return kernel_.Find(Absolute(path.text()));
}

Error FakeCgroupFs::DirectoryError(Errno error, const CgroupPath& path, std::string_view what) {
  std::string subject = path.is_root() ? "." : path.text();
  if (error == ENOENT) return Error{ErrorKind::kNotFound, error, subject, "no such cgroup"};
  return ErrnoError(error, subject, what);
}

Error FakeCgroupFs::FileError(Errno error,
                              const CgroupPath& path,
                              std::string_view file,
                              std::string_view what) {
  if (Find(path) == nullptr) return DirectoryError(ENOENT, path, what);
  Error made = ErrnoError(error, Subject(path, file), what);
  // The cgroup is there, so these errnos are about what was named: a file, a controller, a device.
  if (error == ENOENT || error == ENODEV) made.kind = ErrorKind::kUnsupported;
  if (error == EEXIST && file == "cgroup.subtree_control") made.kind = ErrorKind::kConflict;
  return made;
}

void FakeCgroupFs::Note(std::string verb,
                        const CgroupPath& path,
                        std::string_view file,
                        std::string_view text,
                        Errno error) {
  journal_.push_back({std::move(verb), path.text(), std::string(file), std::string(text), error});
}

Result<port::CgroupStat> FakeCgroupFs::Stat(const CgroupPath& path) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return DirectoryError(ENOENT, path, "looking at");
  return port::CgroupStat{cgroup->id, static_cast<std::uint32_t>(cgroup->children.size())};
}

Result<std::vector<std::string>> FakeCgroupFs::ListChildren(const CgroupPath& path) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return DirectoryError(ENOENT, path, "listing");
  // Backwards, so that nobody comes to rely on an order.
  std::vector<std::string> names;
  for (auto child = cgroup->children.rbegin(); child != cgroup->children.rend(); ++child) {
    names.push_back(child->first);
  }
  return names;
}

Result<std::string> FakeCgroupFs::ReadFile(const CgroupPath& path, std::string_view file) {
  std::string text;
  if (Errno error = kernel_.Read(Absolute(path.text()), file, &text)) {
    return FileError(error, path, file, "reading");
  }
  return text;
}

Result<std::string> FakeCgroupFs::WriteFile(const CgroupPath& path,
                                            std::string_view file,
                                            std::string_view text) {
  if (text.empty()) {
    return Refused(path, file, "an empty text is never written: the kernel would take it as 0");
  }
  std::string absolute = Absolute(path.text());
  Errno error = kernel_.Find(absolute) == nullptr ? ENOENT
                : options_.read_only              ? EROFS
                                                  : kernel_.Write(absolute, file, text);
  Note("write", path, file, text, error);
  if (error != 0) return FileError(error, path, file, Writing(text));
  std::string after;
  if (kernel_.Read(absolute, file, &after) != 0) after.clear();
  return after;
}

Result<CgroupId> FakeCgroupFs::Create(const CgroupPath& path) {
  if (path.is_root()) {
    return Error{ErrorKind::kInvalid, 0, ".", "the managed root is never created"};
  }
  Errno error = options_.read_only ? EROFS : kernel_.Mkdir(Absolute(path.text()));
  Note("create", path, "", "", error);
  if (error != 0) return DirectoryError(error, error == ENOENT ? path.Parent() : path, "mkdir");
  FakeCgroup* made = Find(path);
  made->born_of_us = true;
  return made->id;
}

Result<> FakeCgroupFs::Remove(const CgroupPath& path) {
  if (path.is_root()) {
    return Error{ErrorKind::kInvalid, 0, ".", "the managed root is never removed"};
  }
  Errno error = options_.read_only ? EROFS : kernel_.Rmdir(Absolute(path.text()));
  Note("remove", path, "", "", error);
  if (error != 0) return DirectoryError(error, path, "rmdir");
  return {};
}

Result<std::vector<std::int64_t>> FakeCgroupFs::ReadProcesses(const CgroupPath& path) {
  REEVE_TRY(std::string text, ReadFile(path, "cgroup.procs"));
  std::vector<std::int64_t> pids;
  for (std::string_view line : SplitLines(text)) pids.push_back(*ParseSignedDecimal(line));
  return pids;
}

Result<> FakeCgroupFs::AddProcess(const CgroupPath& path, std::int64_t pid) {
  std::string text = std::to_string(pid);
  if (pid <= 0) {
    return Refused(path, "cgroup.procs", text + " is no process");
  }
  Errno error = Find(path) == nullptr ? ENOENT
                : options_.read_only  ? EROFS
                                      : kernel_.Write(Absolute(path.text()), "cgroup.procs", text);
  Note("move", path, "", text, error);
  if (error != 0) return FileError(error, path, "cgroup.procs", Writing(text));
  return {};
}

Result<std::optional<std::string>> FakeCgroupFs::ReadMark(const CgroupPath& path) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return DirectoryError(ENOENT, path, "reading the mark");
  auto mark = cgroup->xattrs.find(kMarkName);
  if (mark == cgroup->xattrs.end()) {
    if (!cgroup->born_of_us) return std::optional<std::string>();
    REEVE_TRY(std::string born, format::FormatOwnerMark({true, path.text(), {}}));
    return std::optional<std::string>(std::move(born));
  }
  return std::optional<std::string>(mark->second);
}

Result<> FakeCgroupFs::WriteMark(const CgroupPath& path, std::string_view text) {
  Errno error = Find(path) == nullptr ? ENOENT
                : options_.read_only  ? EROFS
                                      : kernel_.SetXattr(Absolute(path.text()), kMarkName, text);
  Note("mark", path, "", text, error);
  if (error != 0) return DirectoryError(error, path, "writing the mark");
  Find(path)->born_of_us = false;
  return {};
}

std::string FakeCgroupFs::Text(std::string_view path, std::string_view file) {
  std::string text;
  if (Errno error = kernel_.Read(Absolute(path), file, &text)) return "(" + ErrnoName(error) + ")";
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void FakeCgroupFs::ForeignMkdir(std::string_view path) {
  MustWork(kernel_.Mkdir(Absolute(path)), "mkdir", path);
}

void FakeCgroupFs::ForeignRmdir(std::string_view path) {
  MustWork(kernel_.Rmdir(Absolute(path)), "rmdir", path);
}

void FakeCgroupFs::ForeignWrite(std::string_view path,
                                std::string_view file,
                                std::string_view text) {
  MustWork(kernel_.Write(Absolute(path), file, text), "writing " + std::string(file) + " in", path);
}

std::int64_t FakeCgroupFs::Spawn(std::string_view path, std::uint64_t memory_bytes) {
  std::int64_t pid = 0;
  MustWork(kernel_.Spawn(Absolute(path), &pid), "spawning in", path);
  if (memory_bytes != 0) kernel_.Allocate(pid, memory_bytes);
  return pid;
}

std::vector<std::string> FakeCgroupFs::Tree() {
  std::vector<std::string> paths;
  FakeCgroup* managed = kernel_.Find(options_.managed_root);
  std::size_t prefix = options_.managed_root.empty() ? 0 : options_.managed_root.size() + 1;
  managed->Walk([&](FakeCgroup& cgroup) {
    if (&cgroup != managed) paths.push_back(cgroup.Path().substr(prefix));
  });
  return paths;
}

}  // namespace reeve::support
