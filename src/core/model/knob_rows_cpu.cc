// SPDX-License-Identifier: Apache-2.0
#include "core/model/knob_rows.h"

namespace reeve {
namespace {

// 2^44 - 1 us, half a year: the kernel keeps bandwidth in 44 bits and refuses the next number.
constexpr std::uint64_t kLargestQuota = 17'592'186'044'415;
// Hundredths of a percent.
constexpr std::uint64_t kWholeCpu = 100'00;

constexpr Knob kRows[] = {
    {
        .file = "cpu.weight",
        .controller = Controller::kCpu,
        .kind = ValueKind::kWeight,
        .direction = Direction::kLargerStronger,
        .min = 1,
        .max = 10'000,
        .default_text = "100",
        .words = "",
        .since = "4.15",
        .host_only = false,
        .unit = "",
        .syntax = "1 to 10000: 100, 100 * 4",
        .doc = "Share of CPU time among siblings while they compete: 300 gets three times what "
               "100 gets. Says nothing while CPUs are idle, and nothing against cgroups outside "
               "the parent. Works on tasks of the normal scheduling classes only. Cannot stand "
               "beside `cpu.idle: true`: the kernel then refuses weights and shows 0 (6.1) or 1 "
               "(later); leaving idle resets the weight to 100. cpu.weight.nice is the same "
               "value in other words, so set one of the two.",
    },
    {
        .file = "cpu.weight.nice",
        .controller = Controller::kCpu,
        .kind = ValueKind::kNice,
        .direction = Direction::kNone,
        .min = static_cast<std::uint64_t>(-20),
        .max = 19,
        .default_text = "0",
        .words = "",
        .since = "4.15",
        .host_only = false,
        .unit = "",
        .syntax = "-20 to 19: 5",
        .doc = "cpu.weight in nice levels; a smaller number is a larger share, and one level is "
               "about a quarter more or less. Coarser than cpu.weight, which it overwrites.",
    },
    {
        .file = "cpu.max",
        .controller = Controller::kCpu,
        .kind = ValueKind::kCpuMax,
        .direction = Direction::kLargerLooser,
        .min = 1'000,
        .max = kLargestQuota,
        .default_text = "max 100000",
        .words = "",
        .since = "4.15",
        .host_only = false,
        .unit = "microseconds",
        .syntax = "2.5 cores, 4 cores every 50ms, 30% of host, \"250000 100000\", max",
        .doc = "The most CPU time that all processes of this cgroup together get: quota in each "
               "period. Whoever has used it up stands still until the period ends, so a small "
               "quota in a long period means long pauses, and many threads use it up quickly. "
               "Quota at least 1000 us, period 1000 to 1000000 us. A value above the parent's is "
               "accepted, but the tightest cgroup on the way up rules. Works on tasks of the "
               "normal scheduling classes only. Lowering it below cpu.max.burst is refused, "
               "therefore reeve lowers the burst first.",
    },
    {
        .file = "cpu.max.burst",
        .controller = Controller::kCpu,
        .kind = ValueKind::kCpuTime,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kLargestQuota,
        .default_text = "0",
        .words = "",
        .since = "5.14",
        .host_only = false,
        .unit = "microseconds",
        .syntax = "20ms, 100% of cpu.max",
        .doc = "How much unused quota may be saved up and used beyond cpu.max in a later period. "
               "At most the quota itself, else the kernel refuses (EINVAL). Good for latency of "
               "services that work in short bursts and stay below their quota on average.",
    },
    {
        .file = "cpu.idle",
        .controller = Controller::kCpu,
        .kind = ValueKind::kBool,
        .direction = Direction::kNone,
        .min = 0,
        .max = 1,
        .default_text = "0",
        .words = "",
        .since = "5.15",
        .host_only = false,
        .unit = "",
        .syntax = "true, false",
        .doc = "Runs only when no sibling wants the CPU, like SCHED_IDLE for a whole cgroup. "
               "Cannot stand beside cpu.weight. Processes inside that hold a lock others wait "
               "for may keep them waiting long.",
    },
    {
        .file = "cpu.uclamp.min",
        .controller = Controller::kCpu,
        .kind = ValueKind::kPercent,
        .direction = Direction::kLargerStronger,
        .min = 0,
        .max = kWholeCpu,
        .default_text = "0.00",
        .words = "",
        .since = "5.4",
        .host_only = false,
        .unit = "hundredths of a percent",
        .syntax = "20%, 33.33%, max",
        .doc = "The scheduler treats tasks here as if they used at least this share of a CPU's "
               "capacity, so that the CPU clocks up for them. Limited by cpu.uclamp.max and by "
               "the parent's value. Needs CONFIG_UCLAMP_TASK_GROUP, which Debian 12's kernels do "
               "not have.",
    },
    {
        .file = "cpu.uclamp.max",
        .controller = Controller::kCpu,
        .kind = ValueKind::kPercent,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kWholeCpu,
        .default_text = "max",
        .words = "",
        .since = "5.4",
        .host_only = false,
        .unit = "hundredths of a percent",
        .syntax = "50%, max",
        .doc = "The scheduler treats tasks here as if they used at most this share of a CPU's "
               "capacity, so that the CPU does not clock up for them. It limits frequency, not "
               "time: that is cpu.max. Needs CONFIG_UCLAMP_TASK_GROUP, which Debian 12's kernels "
               "do not have.",
    },
    {
        .file = "cpuset.cpus",
        .controller = Controller::kCpuset,
        .kind = ValueKind::kIdList,
        .direction = Direction::kNone,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "",
        .since = "5.0",
        .host_only = false,
        .unit = "CPU numbers",
        .syntax = "0-3,8, \"\" (inherit)",
        .doc = "CPUs that processes here may run on; empty means those of the parent. Overrides "
               "what a process asked for with sched_setaffinity. What is really in force stands "
               "in cpuset.cpus.effective: a set that shares nothing with the parent's falls back "
               "to the parent's, without an error. Emptying it while processes are inside is "
               "refused with ENOSPC before 7.x. A CPU number the machine can never have is "
               "ERANGE.",
    },
    {
        .file = "cpuset.mems",
        .controller = Controller::kCpuset,
        .kind = ValueKind::kIdList,
        .direction = Direction::kNone,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "",
        .since = "5.0",
        .host_only = false,
        .unit = "memory node numbers",
        .syntax = "0, 0-1, \"\" (inherit)",
        .doc =
            "Memory nodes that processes here may allocate from; empty means those of the parent. "
            "A change "
            "migrates the pages that are already there, which takes time and stalls the processes.",
    },
    {
        .file = "cpuset.cpus.exclusive",
        .controller = Controller::kCpuset,
        .kind = ValueKind::kIdList,
        .direction = Direction::kNone,
        .min = 0,
        .max = kNoBound,
        .default_text = "",
        .words = "",
        .since = "6.7",
        .host_only = false,
        .unit = "CPU numbers",
        .syntax = "2-3, \"\" (none)",
        .doc = "CPUs set aside for a partition further down. No sibling may name the same ones. "
               "Needed on every cgroup on the way from the root to a remote partition.",
    },
    {
        .file = "cpuset.cpus.partition",
        .controller = Controller::kCpuset,
        .kind = ValueKind::kWord,
        .direction = Direction::kNone,
        .min = 0,
        .max = 0,
        .default_text = "member",
        .words = "member root isolated",
        .since = "5.0",
        .host_only = false,
        .unit = "",
        .syntax = "member, root, isolated",
        .doc = "`root` gives this cgroup a scheduling domain of its own, `isolated` (6.1) one "
               "without load balancing. The kernel accepts the word even when it cannot be: "
               "reading then says `root invalid (reason)`, which reeve reports as not in force. "
               "A local partition needs a parent that is one; a remote one (6.7) needs "
               "cpuset.cpus.exclusive all the way down. Going back to member invalidates the "
               "partitions below.",
    },
};

}  // namespace

std::span<const Knob> CpuKnobs() {
  return kRows;
}

}  // namespace reeve
