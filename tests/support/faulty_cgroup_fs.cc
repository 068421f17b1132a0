// SPDX-License-Identifier: Apache-2.0
#include "support/faulty_cgroup_fs.h"

#include <utility>

namespace reeve::support {

void FaultyCgroupFs::FailAfter(std::size_t n, int errno_value) {
  fault_ = Fault{n, n, errno_value, true};
}

bool FaultyCgroupFs::Counts(Verb verb) const {
  switch (counted_) {
    case Calls::kAll:
      return true;
    case Calls::kChanges:
      return verb == Verb::kChange;
    case Calls::kLooks:
      return verb == Verb::kLook;
  }
  return true;
}

template <typename Call>
auto FaultyCgroupFs::Through(
    Verb kind, const char* verb, const CgroupPath& path, std::string_view file, Call call)
    -> decltype(call()) {
  if (!Counts(kind)) return call();
  std::size_t n = calls_++;
  if (auto happening = happens_.find(n); happening != happens_.end()) happening->second();
  if (!fault_ || n < fault_->first || n > fault_->last) return call();
  std::string subject = path.text();
  if (!file.empty()) subject += (subject.empty() ? "" : "/") + std::string(file);
  hit_ = std::string(verb) + " " + subject;
  if (fault_->after) (void)call();
  return ErrnoError(fault_->errno_value, subject, verb);
}

Result<port::CgroupStat> FaultyCgroupFs::Stat(const CgroupPath& path) {
  return Through(Verb::kStat, "stat", path, "", [&] { return world_.Stat(path); });
}

Result<std::vector<std::string>> FaultyCgroupFs::ListChildren(const CgroupPath& path) {
  return Through(Verb::kLook, "list", path, "", [&] { return world_.ListChildren(path); });
}

Result<std::string> FaultyCgroupFs::ReadFile(const CgroupPath& path, std::string_view file) {
  return Through(Verb::kLook, "read", path, file, [&] { return world_.ReadFile(path, file); });
}

Result<std::string> FaultyCgroupFs::WriteFile(const CgroupPath& path,
                                              std::string_view file,
                                              std::string_view text) {
  return Through(
      Verb::kChange, "write", path, file, [&] { return world_.WriteFile(path, file, text); });
}

Result<CgroupId> FaultyCgroupFs::Create(const CgroupPath& path) {
  return Through(Verb::kChange, "create", path, "", [&] { return world_.Create(path); });
}

Result<> FaultyCgroupFs::Remove(const CgroupPath& path) {
  return Through(Verb::kChange, "remove", path, "", [&] { return world_.Remove(path); });
}

Result<std::vector<std::int64_t>> FaultyCgroupFs::ReadProcesses(const CgroupPath& path) {
  return Through(Verb::kLook, "processes", path, "", [&] { return world_.ReadProcesses(path); });
}

Result<> FaultyCgroupFs::AddProcess(const CgroupPath& path, std::int64_t pid) {
  return Through(
      Verb::kChange, "move", path, "cgroup.procs", [&] { return world_.AddProcess(path, pid); });
}

Result<std::optional<std::string>> FaultyCgroupFs::ReadMark(const CgroupPath& path) {
  return Through(Verb::kLook, "mark", path, "", [&] { return world_.ReadMark(path); });
}

Result<> FaultyCgroupFs::WriteMark(const CgroupPath& path, std::string_view text) {
  return Through(
      Verb::kChange, "write mark", path, "", [&] { return world_.WriteMark(path, text); });
}

}  // namespace reeve::support
