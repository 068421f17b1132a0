// SPDX-License-Identifier: Apache-2.0
#include "core/model/knob_rows.h"

namespace reeve {
namespace {

// PID_MAX_LIMIT of 64-bit kernels; one more is EINVAL.
constexpr std::uint64_t kMostTasks = 4'194'304;
// INT_MAX reads as "max", more is EINVAL.
constexpr std::uint64_t kMostRdma = 2'147'483'646;

constexpr Knob kRows[] = {
    {
        .file = "pids.max",
        .controller = Controller::kPids,
        .kind = ValueKind::kCount,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kMostTasks,
        .default_text = "max",
        .words = "",
        .since = "4.5",
        .host_only = false,
        .unit = "tasks",
        .syntax = "2000, 60% of host, max",
        .doc = "How many tasks may exist here and below. The kernel counts threads, not "
               "processes: one browser or JVM is hundreds. At the limit fork and clone fail with "
               "EAGAIN; moving processes in is never refused, so there may be more than the "
               "limit. `of host` is of the smaller of kernel.pid_max and kernel.threads-max.",
    },
    {
        .file = "rdma.max",
        .controller = Controller::kRdma,
        .kind = ValueKind::kNamedCounts,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kMostRdma,
        .default_text = "",
        .words = "hca_handle hca_object",
        .since = "4.11",
        .host_only = false,
        .unit = "handles and objects",
        .syntax = "[{name: mlx5_0, hca_handle: 2, hca_object: 2000}]",
        .doc = "How many handles and objects of an RDMA device processes here may hold. Beyond "
               "it the verbs fail with EAGAIN. What a process holds stays charged where it was "
               "taken, also after it is moved.",
    },
    {
        .file = "misc.max",
        .controller = Controller::kMisc,
        .kind = ValueKind::kNamedCounts,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "",
        .since = "5.13",
        .host_only = false,
        .unit = "units of the resource",
        .syntax = "[{name: sev, value: 10}]",
        .doc = "How many units of a scalar resource may be used here, such as address space ids "
               "of encrypted virtual machines (sev, sev_es). Which ones exist stands in "
               "misc.capacity at the root; without such hardware the list is empty and every "
               "name is refused with EINVAL. A limit above the capacity is accepted.",
    },
    {
        .file = "dmem.max",
        .controller = Controller::kDmem,
        .kind = ValueKind::kNamedBytes,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "",
        .since = "6.14",
        .host_only = false,
        .unit = "bytes",
        .syntax = "[{name: \"drm/0000:03:00.0/vram0\", value: 4GiB}]",
        .doc = "How much device memory of a region (such as a GPU's VRAM) may be allocated here. "
               "Beyond it the driver evicts or fails the allocation. Which regions exist stands "
               "in dmem.capacity at the root. Charges stay where they were made, also after the "
               "process is moved.",
    },
    {
        .file = "dmem.min",
        .controller = Controller::kDmem,
        .kind = ValueKind::kNamedBytes,
        .direction = Direction::kLargerStronger,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "",
        .since = "6.14",
        .host_only = false,
        .unit = "bytes",
        .syntax = "[{name: \"drm/0000:03:00.0/vram0\", value: 1GiB}]",
        .doc = "Device memory of a region that is never evicted in favour of others. Counts only "
               "as far as every ancestor protects as much.",
    },
    {
        .file = "dmem.low",
        .controller = Controller::kDmem,
        .kind = ValueKind::kNamedBytes,
        .direction = Direction::kLargerStronger,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "",
        .since = "6.14",
        .host_only = false,
        .unit = "bytes",
        .syntax = "[{name: \"drm/0000:03:00.0/vram0\", value: 1GiB}]",
        .doc = "Device memory of a region that is evicted only when nothing unprotected is left. "
               "Counts only as far as every ancestor protects as much.",
    },
};

}  // namespace

std::span<const Knob> CountKnobs() {
  return kRows;
}

}  // namespace reeve
