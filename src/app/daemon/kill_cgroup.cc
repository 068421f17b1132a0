// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/kill_cgroup.h"

#include <signal.h>

#include <functional>
#include <string>

namespace reeve::daemon {
namespace {

// A forked child that was missed is found by the next round; a bound, so that nothing of theirs can keep us.
constexpr int kRounds = 10;

void ForEach(port::CgroupFs& fs,
             const CgroupPath& path,
             const std::function<void(const CgroupPath&)>& visit) {
  visit(path);
  const auto children = fs.ListChildren(path);
  if (!children.has_value()) return;
  for (const std::string& name : *children) ForEach(fs, path.Child(name), visit);
}

std::size_t SignalAll(port::CgroupFs& fs, const CgroupPath& path) {
  std::size_t signalled = 0;
  ForEach(fs, path, [&](const CgroupPath& cgroup) {
    const auto pids = fs.ReadProcesses(cgroup);
    if (!pids.has_value()) return;
    for (const std::int64_t pid : *pids) {
      // 0 is a process of another pid namespace, which is not ours to name.
      if (pid > 1 && ::kill(static_cast<pid_t>(pid), SIGKILL) == 0) ++signalled;
    }
  });
  return signalled;
}

}  // namespace

std::size_t ProcessesIn(port::CgroupFs& fs, const CgroupPath& path) {
  std::size_t count = 0;
  ForEach(fs, path, [&](const CgroupPath& cgroup) {
    const auto pids = fs.ReadProcesses(cgroup);
    if (pids.has_value()) count += pids->size();
  });
  return count;
}

Result<> KillCgroup(port::CgroupFs& fs, const CgroupPath& path) {
  const auto killed = fs.WriteFile(path, "cgroup.kill", "1");
  if (killed.has_value()) return {};
  if (killed.error().kind != ErrorKind::kUnsupported) return killed.error();
  // A frozen process can neither fork nor end by itself, so its pid stays its own until we have signalled it.
  const auto frozen = fs.WriteFile(path, "cgroup.freeze", "1");
  for (int round = 0; round < kRounds && SignalAll(fs, path) != 0; ++round) {
  }
  if (frozen.has_value()) (void)fs.WriteFile(path, "cgroup.freeze", "0");
  return {};
}

}  // namespace reeve::daemon
