// SPDX-License-Identifier: Apache-2.0
#include "core/model/knob_rows.h"

namespace reeve {
namespace {

constexpr Knob kRows[] = {
    {
        .file = "memory.min",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerStronger,
        .min = 0,
        .max = kNoBound,
        .default_text = "0",
        .words = "",
        .since = "4.18",
        .host_only = false,
        .unit = "bytes",
        .syntax = "2GiB, 25% of host, 50% of memory.max, max",
        .doc = "Memory that is never reclaimed from this cgroup, whatever happens elsewhere; if "
               "it cannot be kept, something is OOM-killed instead. Counts only as far as every "
               "ancestor protects as much; if children together ask for more than their parent "
               "has, they share it by use. Promising more than the machine has makes the whole "
               "machine run out.",
    },
    {
        .file = "memory.low",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerStronger,
        .min = 0,
        .max = kNoBound,
        .default_text = "0",
        .words = "",
        .since = "4.5",
        .host_only = false,
        .unit = "bytes",
        .syntax = "4GiB, 50% of host, max",
        .doc = "Memory that is reclaimed from this cgroup only when nothing unprotected is left. "
               "Counts only as far as every ancestor protects as much; what children do not use "
               "of a parent's protection is theirs too when the hierarchy is mounted with "
               "memory_recursiveprot.",
    },
    {
        .file = "memory.high",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "max",
        .words = "",
        .since = "4.5",
        .host_only = false,
        .unit = "bytes",
        .syntax = "6GiB, 90% of memory.max, host - 2GiB, max",
        .doc = "The brake: above it processes are slowed down and made to reclaim, nothing is "
               "killed. Without swap or cache to give back they may stand nearly still for ever, "
               "so somebody must watch (`cases:` with pressure, or memory.max a little above). "
               "Set below use it takes effect at once and slows.",
    },
    {
        .file = "memory.max",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "max",
        .words = "",
        .since = "4.5",
        .host_only = false,
        .unit = "bytes",
        .syntax = "4GiB, 25% of host, 50% of parent, min(4GiB, 10% of host), max",
        .doc = "The ceiling: a process that needs more and finds nothing to reclaim is "
               "OOM-killed. The kernel also kills when the value is lowered below use, and "
               "reports success; reeve therefore reclaims first and waits (`shrink: wait`), "
               "unless the policy says `shrink: kill`. Swap is not included. Page cache is "
               "charged to whoever touched the page first. Values are rounded down to whole "
               "pages.",
    },
    {
        .file = "memory.oom.group",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBool,
        .direction = Direction::kNone,
        .min = 0,
        .max = 1,
        .default_text = "0",
        .words = "",
        .since = "4.19",
        .host_only = false,
        .unit = "",
        .syntax = "true, false",
        .doc = "When the OOM killer takes one process of this cgroup it takes all of it and "
               "below, except those with oom_score_adj -1000. For jobs of which half is worth "
               "nothing.",
    },
    {
        .file = "memory.swap.high",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "max",
        .words = "",
        .since = "5.8",
        .host_only = false,
        .unit = "bytes",
        .syntax = "1GiB, 50% of memory.swap.max, max",
        .doc = "Above this much swap every further allocation here is slowed down. Meant as an "
               "alarm that gives somebody time to act, not as a limit to live with. Absent when "
               "swap accounting is off.",
    },
    {
        .file = "memory.swap.max",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "max",
        .words = "",
        .since = "4.5",
        .host_only = false,
        .unit = "bytes",
        .syntax = "0, 2GiB, 10% of memory.max, max",
        .doc = "How much of this cgroup may be swapped out, beside memory.max and not within it. "
               "0 keeps it out of swap. Lowering it below use swaps nothing back in; it only "
               "stops further swapping. Absent when swap accounting is off.",
    },
    {
        .file = "memory.zswap.max",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "max",
        .words = "",
        .since = "5.19",
        .host_only = false,
        .unit = "bytes",
        .syntax = "512MiB, max",
        .doc = "How much compressed memory this cgroup may hold in zswap; beyond that pages go "
               "to the swap device. Needs CONFIG_ZSWAP, which Debian's cloud kernels do not have.",
    },
    {
        .file = "memory.zswap.writeback",
        .controller = Controller::kMemory,
        .kind = ValueKind::kBool,
        .direction = Direction::kNone,
        .min = 0,
        .max = 1,
        .default_text = "1",
        .words = "",
        .since = "6.8",
        .host_only = false,
        .unit = "",
        .syntax = "true, false",
        .doc = "Whether pages may go on from zswap to the swap device. false also keeps "
               "everything below from writing back. Needs CONFIG_ZSWAP.",
    },
    {
        .file = "hugetlb.<size>.max",
        .controller = Controller::kHugetlb,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "max",
        .words = "",
        .since = "5.6",
        .host_only = false,
        .unit = "bytes",
        .syntax = "hugetlb.2MB.max: 1GiB, max",
        .doc = "How much memory of one huge page size this cgroup may have faulted in. Rounded "
               "down to whole huge pages: 1.5 GiB of 1GB pages is 1 GiB. A process that touches "
               "a page beyond it gets SIGBUS, so limit reservations (hugetlb.<size>.rsvd.max) "
               "rather than this. systemd delegates no hugetlb.",
    },
    {
        .file = "hugetlb.<size>.rsvd.max",
        .controller = Controller::kHugetlb,
        .kind = ValueKind::kBytes,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "max",
        .words = "",
        .since = "5.7",
        .host_only = false,
        .unit = "bytes",
        .syntax = "hugetlb.2MB.rsvd.max: 1GiB, max",
        .doc = "How much memory of one huge page size this cgroup may reserve. Beyond it mmap "
               "and shmget fail with ENOMEM, which a program can handle, unlike the SIGBUS of "
               "hugetlb.<size>.max. Rounded down to whole huge pages.",
    },
};

}  // namespace

std::span<const Knob> MemoryKnobs() {
  return kRows;
}

}  // namespace reeve
