// SPDX-License-Identifier: Apache-2.0
#include "core/engine/slow_files.h"

#include <algorithm>
#include <array>

namespace reeve::engine {
namespace {

// The writer itself does the work, for as long as it takes:
//   memory.high, memory.max  reclaim until the use fits, sixteen vain rounds at most; memory.max
//                            then kills (mm/memcontrol.c: memory_high_write, memory_max_write)
//   memory.reclaim           reclaims so much (user_proactive_reclaim, before 6.17 memory_reclaim)
//   cpuset.cpus, .mems       every task is moved and every page migrated to the new nodes before
//                            the write returns (kernel/cgroup/cpuset.c: cpuset_write_resmask flushes
//                            cpuset_migrate_mm_wq)
//   cpuset.*partition,       scheduling domains are built anew, behind the lock of CPU hotplug
//          .exclusive        (partition_sched_domains)
//   io.max, io.latency,      the first one on a disk freezes its queue: waits until what the disk
//   io.cost.*                has in hand is done (block/: blk_throtl_init since 6.10, rq_qos_add)
// Not here, although they sound like it: cgroup.freeze and cgroup.kill only mark the tasks,
// memory.swap.* and pids.max only store a number, and neither takes anything from those inside.
//   source   the functions named, in kernels 6.1 to 6.18
constexpr auto kSlow = std::to_array<std::string_view>({
    "memory.high",
    "memory.max",
    "memory.reclaim",
    "cpuset.cpus",
    "cpuset.cpus.exclusive",
    "cpuset.cpus.partition",
    "cpuset.mems",
    "io.cost.model",
    "io.cost.qos",
    "io.latency",
    "io.max",
});

}  // namespace

bool MayBlock(std::string_view file) {
  return std::find(kSlow.begin(), kSlow.end(), file) != kSlow.end();
}

}  // namespace reeve::engine
