// SPDX-License-Identifier: Apache-2.0
// The fake kernel's processes: birth, migration, death.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "support/fake_kernel.h"

namespace reeve::support {

std::int64_t FakeKernel::NewTask(FakeCgroup& cgroup, std::int64_t process) {
  std::int64_t tid = next_pid_++;
  if (process == 0) process = tid;
  processes_[process].pid = process;
  processes_[process].threads.insert(tid);
  tasks_[tid] = {process, &cgroup};
  cgroup.tasks.insert(tid);
  NotePidsPeak(cgroup);
  return tid;
}

void FakeKernel::NotePidsPeak(FakeCgroup& cgroup) {
  for (FakeCgroup* c = &cgroup; c != nullptr; c = c->parent) {
    c->pids.peak = std::max(c->pids.peak, PidsCurrent(*c));
  }
}

Errno FakeKernel::MayFork(FakeCgroup& cgroup) {
  for (FakeCgroup* c = &cgroup; !c->is_root(); c = c->parent) {
    if (!Control(*c).Has(Controller::kPids)) continue;
    if (PidsCurrent(*c) + 1 <= c->pids.max) continue;
    // Before 6.11 the event is counted where the fork was tried; since then at the limit and above.
    if (options_.version < 611) {
      ++cgroup.pids.events_max;
    } else {
      for (FakeCgroup* above = c; above != nullptr; above = above->parent) ++above->pids.events_max;
    }
    return EAGAIN;
  }
  return 0;
}

Errno FakeKernel::Spawn(std::string_view path, std::int64_t* pid) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return ENOENT;
  if (Errno error = MigrateVet(*cgroup)) return error;
  if (Errno error = MayFork(*cgroup)) return error;
  *pid = NewTask(*cgroup, 0);
  return 0;
}

Errno FakeKernel::SpawnKernelThread(std::string_view path, std::int64_t* pid) {
  if (Errno error = Spawn(path, pid)) return error;
  processes_[*pid].kernel_thread = true;
  return 0;
}

Errno FakeKernel::Fork(std::int64_t parent, std::int64_t* child) {
  auto task = tasks_.find(parent);
  if (task == tasks_.end()) return ESRCH;
  FakeCgroup& cgroup = *task->second.second;
  if (Errno error = MayFork(cgroup)) return error;
  *child = NewTask(cgroup, 0);
  return 0;
}

Errno FakeKernel::StartThread(std::int64_t pid, std::int64_t* tid) {
  auto task = tasks_.find(pid);
  if (task == tasks_.end()) return ESRCH;
  FakeCgroup& cgroup = *task->second.second;
  if (Errno error = MayFork(cgroup)) return error;
  *tid = NewTask(cgroup, task->second.first);
  return 0;
}

void FakeKernel::EndTask(std::int64_t tid) {
  auto task = tasks_.find(tid);
  if (task == tasks_.end()) return;
  task->second.second->tasks.erase(tid);
  tasks_.erase(task);
}

void FakeKernel::BecomeZombie(std::int64_t pid) {
  auto process = processes_.find(pid);
  if (process == processes_.end()) return;
  for (std::int64_t tid : process->second.threads) EndTask(tid);
  for (auto& [cgroup, bytes] : process->second.memory) cgroup->anon_bytes -= bytes;
  process->second.memory.clear();
  process->second.zombie = true;
}

void FakeKernel::Exit(std::int64_t pid) {
  BecomeZombie(pid);
  processes_.erase(pid);
}

bool FakeKernel::Alive(std::int64_t pid) const {
  const FakeProcess* process = FindProcess(pid);
  return process != nullptr && !process->zombie;
}

const FakeProcess* FakeKernel::FindProcess(std::int64_t pid) const {
  auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : &found->second;
}

std::string FakeKernel::CgroupOf(std::int64_t pid) const {
  auto task = tasks_.find(pid);
  return task == tasks_.end() ? "" : task->second.second->Path();
}

std::vector<std::int64_t> FakeKernel::ProcessesIn(std::string_view path) {
  std::vector<std::int64_t> pids;
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return pids;
  for (std::int64_t tid : cgroup->tasks) {
    std::int64_t pid = tasks_.at(tid).first;
    if (pids.empty() || pids.back() != pid) pids.push_back(pid);
  }
  return pids;
}

std::uint64_t FakeKernel::PidsCurrent(const FakeCgroup& cgroup) const {
  std::uint64_t count = cgroup.tasks.size();
  for (const auto& [name, child] : cgroup.children) count += PidsCurrent(*child);
  return count;
}

std::uint64_t FakeKernel::CpuUsage(const FakeCgroup& cgroup) const {
  std::uint64_t usec = cgroup.cpu_usec;
  for (const auto& [name, child] : cgroup.children) usec += CpuUsage(*child);
  return usec;
}

void FakeKernel::UseCpu(std::int64_t pid, std::uint64_t usec) {
  auto task = tasks_.find(pid);
  if (task != tasks_.end()) task->second.second->cpu_usec += usec;
}

Errno FakeKernel::MigrateVet(const FakeCgroup& target) const {
  if (!IsValidDomain(Domain(target))) return EOPNOTSUPP;
  if (CanBeThreadRoot(target) || target.threaded) return 0;
  return target.subtree_control.empty() ? 0 : EBUSY;
}

FakeFile::Text FakeKernel::ListProcesses(const FakeCgroup& cgroup) const {
  if (cgroup.threaded) return {EOPNOTSUPP, ""};
  std::string text;
  for (const auto& [pid, process] : processes_) {
    auto leader = tasks_.find(pid);
    if (leader == tasks_.end() || &Domain(*leader->second.second) != &cgroup) continue;
    text += std::to_string(pid) + "\n";
  }
  return {0, text};
}

FakeFile::Text FakeKernel::ListThreads(const FakeCgroup& cgroup) const {
  std::string text;
  for (std::int64_t tid : cgroup.tasks) text += std::to_string(tid) + "\n";
  return {0, text};
}

Errno FakeKernel::MoveTask(FakeCgroup& target, std::string_view text, bool whole_process) {
  int number = 0;
  if (Kstrtoint(Strstrip(text), &number) != 0 || number < 0) return EINVAL;
  std::int64_t tid = number == 0 ? self_ : number;
  auto task = tasks_.find(tid);
  if (task == tasks_.end()) {
    const FakeProcess* process = FindProcess(tid);
    return process != nullptr && process->zombie ? MigrateVet(target) : ESRCH;
  }
  FakeProcess& process = processes_.at(task->second.first);
  if (process.kernel_thread) return EINVAL;
  if (Errno error = MigrateVet(target)) return error;
  if (!whole_process && &Domain(*task->second.second) != &Domain(target)) return EOPNOTSUPP;
  std::set<std::int64_t> moving{tid};
  if (whole_process) moving = process.threads;
  for (std::int64_t moved : moving) {
    auto place = tasks_.find(moved);
    if (place == tasks_.end()) continue;
    place->second.second->tasks.erase(moved);
    target.tasks.insert(moved);
    place->second.second = &target;
  }
  NotePidsPeak(target);
  return 0;
}

Errno FakeKernel::KillAll(FakeCgroup& cgroup) {
  if (cgroup.threaded) return EOPNOTSUPP;
  std::set<std::int64_t> victims;
  cgroup.Walk([&](FakeCgroup& inside) {
    for (std::int64_t tid : inside.tasks) {
      std::int64_t pid = tasks_.at(tid).first;
      if (!processes_.at(pid).kernel_thread) victims.insert(pid);
    }
  });
  for (std::int64_t pid : victims) Exit(pid);
  return 0;
}

}  // namespace reeve::support
