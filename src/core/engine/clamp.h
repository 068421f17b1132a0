// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/cgroup_path.h"
#include "core/port/cgroup_fs.h"
#include "core/port/process_source.h"

namespace reeve::engine {

// A process that a clamp moved, and where it was. Pid and start time name one process for ever.
struct ClampedProcess {
  std::int64_t pid = 0;
  std::uint64_t starttime = 0;  // clock ticks since boot
  CgroupPath origin;            // from the hierarchy's root

  bool operator==(const ClampedProcess&) const = default;
};

// A clamp in force: what must be remembered, also over a restart, to bring everybody back.
struct Clamp {
  std::string name;                       // "clamp-77120": of the document and of the cgroup
  std::vector<ClampedProcess> processes;  // in the order they were moved, the one named first

  bool operator==(const Clamp&) const = default;
};

// A clamp as text for the state directory, and back. Lines of words; paths are percent-escaped.
//   errors   Invalid for anything FormatClamp does not write
std::string FormatClamp(const Clamp& clamp);
Result<Clamp> ParseClamp(std::string_view text);

struct ClampWish {
  std::string name;
  std::int64_t pid = 0;
  bool tree = false;  // its descendants as well
  // Whether processes may be taken that are outside the managed root (the service of a systemd
  // unit): for root only, because they leave what their manager accounts and limits.
  bool may_escape = false;
  std::int64_t self = 0;  // our own pid, which is never clamped
};

// What is about to be moved, for people to see before.
struct ClampView {
  std::vector<ProcessStat> processes;
  std::vector<CgroupPath> escapes;  // origins outside the managed root, each once, sorted
};

struct UnclampReport {
  std::size_t moved = 0;
  std::size_t ended = 0;      // that are not there any more
  std::vector<Error> stayed;  // those that could not go back, and why; they stay in the clamp
};

// Moves processes into a cgroup for a while, and back where they were. The only place that moves a
// process out of the managed root, and only to where that same process (or the one it descends
// from) was taken from.
class Clamps {
 public:
  //   hierarchy   the whole cgroup2 hierarchy that this host shows us, for the ways back
  //   managed     the managed root in it
  Clamps(port::CgroupFs& hierarchy, CgroupPath managed, port::ProcessSource& processes)
      : hierarchy_(hierarchy), managed_(std::move(managed)), processes_(processes) {}

  //   errors   Gone: no such process; Denied: it is one that is never taken (pid 1, kernel threads,
  //            reeve), or outside the managed root without may_escape
  Result<ClampView> Look(const ClampWish& wish);

  // Moves them; the cgroup is there, with its limits. Children that are born meanwhile are moved as
  // well. `remember` is called with everything known before anybody is moved, once a round, so that
  // no crash loses a way back; when it fails nothing more is moved.
  //   errors   as Look; of `remember`; of the first process's move. Others that can not be moved
  //            stay where they are.
  Result<Clamp> Begin(const ClampWish& wish, const std::function<Result<>(const Clamp&)>& remember);

  // Everybody in the clamp's cgroup back: to its own origin, or that of the nearest ancestor that
  // has one. The cgroup is left empty where all could go.
  UnclampReport End(const Clamp& clamp);

 private:
  Result<std::vector<ProcessStat>> Targets(const ClampWish& wish);
  Result<> JudgeTarget(const ProcessStat& process, const ClampWish& wish);
  // Where a process is now.
  Result<CgroupPath> OriginOf(std::int64_t pid);
  // Where a process that is in the clamp belongs.
  CgroupPath HomeOf(const ProcessStat& process, const Clamp& clamp);
  CgroupPath InManaged(const std::string& name) const;
  // Moves one and sees that it was the one meant.
  Result<> Move(const ClampedProcess& process, const CgroupPath& to);

  port::CgroupFs& hierarchy_;
  CgroupPath managed_;
  port::ProcessSource& processes_;
};

// A process and all its descendants, parents first; only the process without `tree`. Empty when it
// is not among `all`.
std::vector<ProcessStat> ProcessTree(const std::vector<ProcessStat>& all,
                                     std::int64_t pid,
                                     bool tree);

}  // namespace reeve::engine
