// SPDX-License-Identifier: Apache-2.0
#include "core/model/knob_rows.h"

namespace reeve {
namespace {

// The kernel keeps nanoseconds in 64 bits.
constexpr std::uint64_t kLargestLatency = UINT64_MAX / 1000;

constexpr Knob kRows[] = {
    {
        .file = "io.weight",
        .controller = Controller::kIo,
        .kind = ValueKind::kDeviceWeights,
        .direction = Direction::kLargerStronger,
        .min = 1,
        .max = 10'000,
        .default_text = "default 100",
        .words = "",
        .since = "5.4",
        .host_only = false,
        .unit = "",
        .syntax = "[{default: 100}, {device: /dev/sda, weight: 300}, {mount: /srv, weight: 50}]",
        .doc = "Share of a disk's time among siblings while they compete. Without effect unless "
               "the device is driven by iocost (io.cost.qos at the root); a weight for one "
               "device is then refused with EOPNOTSUPP. Writes through the page cache count only "
               "on ext2, ext4, btrfs, f2fs and xfs, and only with memory and io both on.",
    },
    {
        .file = "io.bfq.weight",
        .controller = Controller::kIo,
        .kind = ValueKind::kDeviceWeights,
        .direction = Direction::kLargerStronger,
        .min = 1,
        .max = 1'000,
        .default_text = "default 100",
        .words = "",
        .since = "5.0",
        .host_only = false,
        .unit = "",
        .syntax = "[{default: 100}, {device: /dev/sda, weight: 300}]",
        .doc = "The same for devices with the BFQ scheduler. The file exists while the bfq "
               "module is loaded; a weight for a device with another scheduler is refused with "
               "EOPNOTSUPP.",
    },
    {
        .file = "io.max",
        .controller = Controller::kIo,
        .kind = ValueKind::kDeviceLimits,
        .direction = Direction::kLargerLooser,
        .min = 2,
        .max = kNoBound,
        .default_text = "",
        .words = "rbps wbps riops wiops",
        .since = "4.5",
        .host_only = false,
        .unit = "bytes and operations a second",
        .syntax = "[{device: /dev/sda, rbps: 200MiB/s, wiops: 5000}, {mount: /srv, wbps: max}]",
        .doc = "The most a device does for this cgroup: rbps and wbps in bytes a second, riops "
               "and wiops in operations a second. A column that is not named is unlimited. Whole "
               "disks only: a mount point or partition is taken as the disk it lies on, which "
               "the plan shows. 0 and 1 are refused by the kernel. Writes through the page cache "
               "count only on ext2, ext4, btrfs, f2fs and xfs, and only with memory and io both "
               "on; else they are charged to the root and not limited. reeve writes plain "
               "digits: kernels differ on \"1M\", and 7.2 takes it as one byte a second.",
    },
    {
        .file = "io.latency",
        .controller = Controller::kIo,
        .kind = ValueKind::kDeviceLatency,
        .direction = Direction::kNone,
        .min = 0,
        .max = kLargestLatency,
        .default_text = "",
        .words = "target",
        .since = "4.19",
        .host_only = false,
        .unit = "microseconds",
        .syntax = "[{device: /dev/sda, target: 5ms}]",
        .doc = "Average latency this cgroup shall see on a device. While it is missed, siblings "
               "with a larger target (or none) are slowed down; it does nothing against cgroups "
               "under other parents. Start from avg_lat in io.stat, plus 10 to 15 percent. Needs "
               "CONFIG_BLK_CGROUP_IOLATENCY, which Debian kernels do not have.",
    },
    {
        .file = "io.prio.class",
        .controller = Controller::kIo,
        .kind = ValueKind::kWord,
        .direction = Direction::kNone,
        .min = 0,
        .max = 0,
        .default_text = "no-change",
        .words = "no-change promote-to-rt restrict-to-be idle none-to-rt",
        .since = "5.14",
        .host_only = false,
        .unit = "",
        .syntax = "no-change, promote-to-rt, restrict-to-be, idle",
        .doc = "IO priority class of requests from here: promote-to-rt raises all that are not "
               "real-time (6.5; older kernels have none-to-rt), restrict-to-be lowers real-time "
               "ones, idle serves them only when nobody else wants the device. Matters where the "
               "scheduler looks at priorities (mq-deadline, BFQ). Needs "
               "CONFIG_BLK_CGROUP_IOPRIO, which Debian 12's kernels do not have.",
    },
    {
        .file = "io.cost.qos",
        .controller = Controller::kIo,
        .kind = ValueKind::kHostTable,
        .direction = Direction::kNone,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "enable ctrl rpct rlat wpct wlat min max",
        .since = "5.4",
        .host_only = true,
        .unit = "percent and microseconds",
        .syntax =
            "[{device: /dev/sda, rpct: 95, rlat: 5ms, wpct: 95, wlat: 10ms, min: 50, max: 150}]",
        .doc = "Turns iocost on for a device (enable), which makes io.weight work, and says when "
               "the device counts as saturated: rpct percent of reads slower than rlat, wpct "
               "percent of writes slower than wlat. min and max bound, in percent, how far the "
               "model is scaled. For the whole host: stands under `host:` and needs "
               "allow_host_files.",
    },
    {
        .file = "io.cost.model",
        .controller = Controller::kIo,
        .kind = ValueKind::kHostTable,
        .direction = Direction::kNone,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "ctrl model rbps rseqiops rrandiops wbps wseqiops wrandiops",
        .since = "5.4",
        .host_only = true,
        .unit = "bytes and operations a second",
        .syntax = "[{device: /dev/sda, rbps: 2GB/s, rseqiops: 90000, rrandiops: 110000}]",
        .doc = "What iocost takes a device to be capable of: bytes a second and sequential and "
               "random operations a second, for reads and writes. Measure it with "
               "tools/cgroup/iocost_coef_gen.py of the kernel; the built-in guess is crude. For "
               "the whole host: stands under `host:` and needs allow_host_files.",
    },
};

}  // namespace

std::span<const Knob> IoKnobs() {
  return kRows;
}

}  // namespace reeve
