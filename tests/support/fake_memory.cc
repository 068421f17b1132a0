// SPDX-License-Identifier: Apache-2.0
// The fake kernel's memory: charges, reclaim and the OOM killer. Page cache can be reclaimed, a
// process's own memory cannot (there is no swap).
#include <algorithm>
#include <cerrno>
#include <set>

#include "support/fake_kernel.h"

namespace reeve::support {

std::uint64_t FakeKernel::MemoryCurrent(const FakeCgroup& cgroup) const {
  std::uint64_t bytes = cgroup.anon_bytes + cgroup.cache_bytes;
  for (const auto& [name, child] : cgroup.children) bytes += MemoryCurrent(*child);
  return bytes;
}

std::uint64_t FakeKernel::Reclaim(FakeCgroup& cgroup, std::uint64_t bytes) {
  std::uint64_t freed = 0;
  cgroup.Walk([&](FakeCgroup& inside) {
    std::uint64_t take = std::min(inside.cache_bytes, bytes - freed);
    inside.cache_bytes -= take;
    freed += take;
  });
  return freed;
}

void FakeKernel::CountMemoryEvent(FakeCgroup& cgroup, MemoryEvent event) {
  ++cgroup.memory.events_local[event];
  for (FakeCgroup* c = &cgroup; c != nullptr; c = c->parent) ++c->memory.events[event];
}

bool FakeKernel::OomKill(FakeCgroup& cgroup) {
  std::int64_t victim = 0;
  std::uint64_t most = 0;
  for (const auto& [pid, process] : processes_) {
    std::uint64_t size = 0;
    for (const auto& [charged, bytes] : process.memory) {
      for (const FakeCgroup* c = charged; c != nullptr; c = c->parent) {
        if (c == &cgroup) size += bytes;
      }
    }
    if (size <= most) continue;
    victim = pid;
    most = size;
  }
  if (victim == 0) return false;

  // The whole group dies where memory.oom.group says so, at the highest such cgroup below the
  // limit.
  FakeCgroup* home = tasks_.at(victim).second;
  FakeCgroup* group = nullptr;
  for (FakeCgroup* c = home; c != nullptr; c = c->parent) {
    if (c->memory.oom_group) group = c;
    if (c == &cgroup) break;
  }
  std::set<std::int64_t> victims{victim};
  if (group != nullptr) {
    CountMemoryEvent(*group, kOomGroupKill);
    group->Walk([&](FakeCgroup& inside) {
      for (std::int64_t tid : inside.tasks) victims.insert(tasks_.at(tid).first);
    });
  }
  for (std::int64_t pid : victims) {
    CountMemoryEvent(*tasks_.at(pid).second, kOomKill);
    Exit(pid);
  }
  return true;
}

void FakeKernel::EnforceMemoryMax(FakeCgroup& cgroup) {
  while (MemoryCurrent(cgroup) > cgroup.memory.max * kPageSize) {
    if (Reclaim(cgroup, MemoryCurrent(cgroup) - cgroup.memory.max * kPageSize) != 0) continue;
    CountMemoryEvent(cgroup, kOom);
    if (!OomKill(cgroup)) return;
  }
}

void FakeKernel::EnforceMemoryHigh(FakeCgroup& cgroup) {
  const std::uint64_t current = MemoryCurrent(cgroup);
  if (current > cgroup.memory.high * kPageSize) {
    Reclaim(cgroup, current - cgroup.memory.high * kPageSize);
  }
}

void FakeKernel::FillCache(std::string_view path, std::uint64_t bytes) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return;
  cgroup->cache_bytes += bytes;
  for (FakeCgroup* c = cgroup; c != nullptr; c = c->parent) {
    EnforceMemoryHigh(*c);
    EnforceMemoryMax(*c);
  }
}

void FakeKernel::UseCache(std::string_view path, std::uint64_t bytes) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr || cgroup->cache_bytes >= bytes) return;
  const std::uint64_t missing = bytes - cgroup->cache_bytes;
  for (FakeCgroup* c = cgroup; c != nullptr; c = c->parent) {
    c->refaulted_pages += missing / kPageSize;
  }
  FillCache(path, missing);
}

void FakeKernel::StallForMemory(std::string_view path,
                                std::uint64_t some_usec,
                                std::uint64_t full_usec) {
  for (FakeCgroup* c = Find(path); c != nullptr; c = c->parent) {
    c->memory_some_usec += some_usec;
    c->memory_full_usec += full_usec;
  }
}

void FakeKernel::Allocate(std::int64_t pid, std::uint64_t bytes) {
  auto task = tasks_.find(pid);
  if (task == tasks_.end()) return;
  FakeCgroup& home = *task->second.second;
  bytes = (bytes + kPageSize - 1) / kPageSize * kPageSize;
  home.anon_bytes += bytes;
  processes_.at(task->second.first).memory[&home] += bytes;
  for (FakeCgroup* c = &home; c != nullptr; c = c->parent) {
    c->memory.peak = std::max(c->memory.peak, MemoryCurrent(*c));
    if (MemoryCurrent(*c) > c->memory.max * kPageSize) CountMemoryEvent(*c, kMaxHit);
    EnforceMemoryMax(*c);
  }
}

}  // namespace reeve::support
