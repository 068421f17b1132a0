// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/usage_table.h"

namespace reeve::metrics {
namespace {

using Value = std::optional<Number>;

Value Count(const std::optional<std::uint64_t>& number) {
  if (!number) return std::nullopt;
  return Number::Count(*number);
}

Value Seconds(const std::optional<std::uint64_t>& microseconds) {
  if (!microseconds) return std::nullopt;
  return Number::Micros(*microseconds);
}

// No limit has no sample: there is no number for it.
Value LimitOf(const std::optional<Limit>& limit) {
  if (!limit || limit->is_max()) return std::nullopt;
  return Number::Count(limit->value());
}

// A field of a part of the row that may be absent, whether or not the field itself may be.
template <auto Part, auto Field>
std::optional<std::uint64_t> FieldOf(const CgroupUsage& usage) {
  const auto& part = usage.*Part;
  if (!part) return std::nullopt;
  return (*part).*Field;
}

template <auto Field>
Value CountOf(const CgroupUsage& usage) {
  return Count(usage.*Field);
}

template <auto Part, auto Field>
Value CountIn(const CgroupUsage& usage) {
  return Count(FieldOf<Part, Field>(usage));
}

template <auto Part, auto Field>
Value SecondsIn(const CgroupUsage& usage) {
  return Seconds(FieldOf<Part, Field>(usage));
}

template <auto Field>
Value LimitIn(const CgroupUsage& usage) {
  return LimitOf(usage.limits.*Field);
}

Value CpuLimit(const CgroupUsage& usage) {
  const std::optional<CpuMax>& max = usage.limits.cpu_max;
  if (!max || max->quota.is_max()) return std::nullopt;
  return Number::Real(static_cast<double>(max->quota.value()) / static_cast<double>(max->period));
}

template <auto Resource>
Value Waiting(const CgroupUsage& usage) {
  const std::optional<Pressure>& pressure = usage.*Resource;
  if (!pressure) return std::nullopt;
  return Number::Micros(pressure->some.total);
}

template <auto Resource>
Value Stalled(const CgroupUsage& usage) {
  const std::optional<Pressure>& pressure = usage.*Resource;
  if (!pressure || !pressure->full) return std::nullopt;
  return Number::Micros(pressure->full->total);
}

Value Frozen(const CgroupUsage& usage) {
  if (!usage.events || !usage.events->frozen) return std::nullopt;
  return Number::Count(*usage.events->frozen ? 1 : 0);
}

Value Populated(const CgroupUsage& usage) {
  if (!usage.events) return std::nullopt;
  return Number::Count(usage.events->populated ? 1 : 0);
}

template <auto Field>
Number OfDevice(const DeviceIo& device) {
  return Number::Count(device.*Field);
}

using U = CgroupUsage;
constexpr Type kCounter = Type::kCounter;
constexpr Type kGauge = Type::kGauge;

constexpr UsageFamily kFamilies[] = {
    // What alerts and bills are made of.
    {.name = "cpu_usage_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "CPU time used.",
     .of_cgroup = SecondsIn<&U::cpu, &CpuStat::usage_usec>},
    {.name = "cpu_throttled_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "Time for which tasks were kept from running because cpu.max was used up.",
     .of_cgroup = SecondsIn<&U::cpu, &CpuStat::throttled_usec>},
    {.name = "memory_usage_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Memory in use, page cache included.",
     .of_cgroup = CountOf<&U::memory_current>},
    {.name = "memory_limit_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "memory.max in force; absent when there is no limit.",
     .of_cgroup = LimitIn<&LimitsInForce::memory_max>},
    {.name = "oom_kills_total",
     .type = kCounter,
     .unit = "",
     .help = "Processes killed for want of memory.",
     .of_cgroup = CountIn<&U::memory_events, &MemoryEvents::oom_kill>},
    {.name = "pids",
     .type = kGauge,
     .unit = "",
     .help = "Tasks now: processes and threads.",
     .of_cgroup = CountOf<&U::pids_current>},
    {.name = "pids_limit_hits_total",
     .type = kCounter,
     .unit = "",
     .help = "Forks that failed at pids.max.",
     .of_cgroup = CountIn<&U::pids_events, &PidsEvents::max>},
    {.name = "io_read_bytes_total",
     .type = kCounter,
     .unit = "bytes",
     .help = "Bytes read from a disk.",
     .of_device = OfDevice<&DeviceIo::rbytes>},
    {.name = "io_written_bytes_total",
     .type = kCounter,
     .unit = "bytes",
     .help = "Bytes written to a disk.",
     .of_device = OfDevice<&DeviceIo::wbytes>},
    // How near the limits are.
    {.name = "cpu_limit_cores",
     .type = kGauge,
     .unit = "cores",
     .help = "cpu.max in force, quota by period; absent when there is no limit.",
     .of_cgroup = CpuLimit},
    {.name = "cpu_periods_total",
     .type = kCounter,
     .unit = "",
     .help = "Periods of cpu.max in which something ran.",
     .of_cgroup = CountIn<&U::cpu, &CpuStat::nr_periods>},
    {.name = "cpu_throttled_periods_total",
     .type = kCounter,
     .unit = "",
     .help = "Periods of cpu.max in which the quota was used up.",
     .of_cgroup = CountIn<&U::cpu, &CpuStat::nr_throttled>},
    {.name = "memory_high_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "memory.high in force; absent when there is none.",
     .of_cgroup = LimitIn<&LimitsInForce::memory_high>},
    {.name = "memory_peak_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Most memory in use since the cgroup was made.",
     .of_cgroup = CountOf<&U::memory_peak>},
    {.name = "pids_limit",
     .type = kGauge,
     .unit = "",
     .help = "pids.max in force; absent when there is no limit.",
     .of_cgroup = LimitIn<&LimitsInForce::pids_max>},
    // Who waits for what.
    {.name = "pressure_cpu_waiting_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "Time in which some task waited for a CPU.",
     .of_cgroup = Waiting<&U::cpu_pressure>},
    {.name = "pressure_cpu_stalled_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "Time in which all tasks waited for a CPU.",
     .of_cgroup = Stalled<&U::cpu_pressure>},
    {.name = "pressure_memory_waiting_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "Time in which some task waited for memory.",
     .of_cgroup = Waiting<&U::memory_pressure>},
    {.name = "pressure_memory_stalled_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "Time in which all tasks waited for memory.",
     .of_cgroup = Stalled<&U::memory_pressure>},
    {.name = "pressure_io_waiting_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "Time in which some task waited for a disk.",
     .of_cgroup = Waiting<&U::io_pressure>},
    {.name = "pressure_io_stalled_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "Time in which all tasks waited for a disk.",
     .of_cgroup = Stalled<&U::io_pressure>},
    {.name = "memory_high_events_total",
     .type = kCounter,
     .unit = "",
     .help = "Times memory.high slowed something down.",
     .of_cgroup = CountIn<&U::memory_events, &MemoryEvents::high>},
    {.name = "memory_max_events_total",
     .type = kCounter,
     .unit = "",
     .help = "Times memory.max was about to be passed.",
     .of_cgroup = CountIn<&U::memory_events, &MemoryEvents::max>},
    {.name = "oom_events_total",
     .type = kCounter,
     .unit = "",
     .help = "Times an allocation was about to fail at the limit.",
     .of_cgroup = CountIn<&U::memory_events, &MemoryEvents::oom>},
    // What the memory is.
    {.name = "memory_anon_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Memory of programs themselves, which only swap can take.",
     .of_cgroup = CountIn<&U::memory, &MemoryStat::anon>},
    {.name = "memory_file_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Page cache, shared memory included.",
     .of_cgroup = CountIn<&U::memory, &MemoryStat::file>},
    {.name = "memory_inactive_file_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Page cache that nobody used lately; use without it is the working set.",
     .of_cgroup = CountIn<&U::memory, &MemoryStat::inactive_file>},
    {.name = "memory_kernel_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Memory of the kernel on account of the cgroup.",
     .of_cgroup = CountIn<&U::memory, &MemoryStat::kernel>},
    {.name = "memory_shmem_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Shared memory and tmpfs.",
     .of_cgroup = CountIn<&U::memory, &MemoryStat::shmem>},
    {.name = "memory_major_faults_total",
     .type = kCounter,
     .unit = "",
     .help = "Page faults that had to read a disk.",
     .of_cgroup = CountIn<&U::memory, &MemoryStat::pgmajfault>},
    {.name = "memory_file_refaults_total",
     .type = kCounter,
     .unit = "",
     .help = "Pages of files that were needed again after they were given up.",
     .of_cgroup = CountIn<&U::memory, &MemoryStat::workingset_refault_file>},
    {.name = "memory_anon_refaults_total",
     .type = kCounter,
     .unit = "",
     .help = "Pages of programs that were needed again after they were swapped out.",
     .of_cgroup = CountIn<&U::memory, &MemoryStat::workingset_refault_anon>},
    {.name = "swap_usage_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Swap in use.",
     .of_cgroup = CountOf<&U::swap_current>},
    {.name = "swap_limit_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "memory.swap.max in force; absent when there is no limit.",
     .of_cgroup = LimitIn<&LimitsInForce::swap_max>},
    {.name = "swap_limit_hits_total",
     .type = kCounter,
     .unit = "",
     .help = "Times swapping out was refused at memory.swap.max.",
     .of_cgroup = CountIn<&U::swap_events, &SwapEvents::max>},
    {.name = "swap_failures_total",
     .type = kCounter,
     .unit = "",
     .help = "Times swapping out was refused, at the limit or for want of space.",
     .of_cgroup = CountIn<&U::swap_events, &SwapEvents::fail>},
    // For a closer look.
    {.name = "cpu_user_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "CPU time in programs.",
     .of_cgroup = SecondsIn<&U::cpu, &CpuStat::user_usec>},
    {.name = "cpu_system_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "CPU time in the kernel.",
     .of_cgroup = SecondsIn<&U::cpu, &CpuStat::system_usec>},
    {.name = "io_reads_total",
     .type = kCounter,
     .unit = "",
     .help = "Read operations on a disk.",
     .of_device = OfDevice<&DeviceIo::rios>},
    {.name = "io_writes_total",
     .type = kCounter,
     .unit = "",
     .help = "Write operations on a disk.",
     .of_device = OfDevice<&DeviceIo::wios>},
    {.name = "io_read_limit_bytes_per_second",
     .type = kGauge,
     .unit = "bytes_per_second",
     .help = "rbps of io.max in force; absent when there is no limit.",
     .io_max_column = "rbps"},
    {.name = "io_write_limit_bytes_per_second",
     .type = kGauge,
     .unit = "bytes_per_second",
     .help = "wbps of io.max in force; absent when there is no limit.",
     .io_max_column = "wbps"},
    {.name = "io_reads_limit_per_second",
     .type = kGauge,
     .unit = "",
     .help = "riops of io.max in force; absent when there is no limit.",
     .io_max_column = "riops"},
    {.name = "io_writes_limit_per_second",
     .type = kGauge,
     .unit = "",
     .help = "wiops of io.max in force; absent when there is no limit.",
     .io_max_column = "wiops"},
    {.name = "io_discarded_bytes_total",
     .type = kCounter,
     .unit = "bytes",
     .help = "Bytes a disk was told to forget.",
     .of_device = OfDevice<&DeviceIo::dbytes>},
    {.name = "pids_peak",
     .type = kGauge,
     .unit = "",
     .help = "Most tasks at one time since the cgroup was made.",
     .of_cgroup = CountOf<&U::pids_peak>},
    {.name = "swap_peak_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "Most swap in use since the cgroup was made.",
     .of_cgroup = CountOf<&U::swap_peak>},
    {.name = "memory_low_bytes",
     .type = kGauge,
     .unit = "bytes",
     .help = "memory.low in force: what is protected from reclaim; absent when it is all.",
     .of_cgroup = LimitIn<&LimitsInForce::memory_low>},
    {.name = "memory_low_events_total",
     .type = kCounter,
     .unit = "",
     .help = "Times memory was reclaimed although memory.low protects it.",
     .of_cgroup = CountIn<&U::memory_events, &MemoryEvents::low>},
    {.name = "oom_group_kills_total",
     .type = kCounter,
     .unit = "",
     .help = "Times the cgroup was killed as a whole for want of memory.",
     .of_cgroup = CountIn<&U::memory_events, &MemoryEvents::oom_group_kill>},
    {.name = "cpu_burst_seconds_total",
     .type = kCounter,
     .unit = "seconds",
     .help = "CPU time beyond the quota that cpu.max.burst allowed.",
     .of_cgroup = SecondsIn<&U::cpu, &CpuStat::burst_usec>},
    {.name = "populated",
     .type = kGauge,
     .unit = "",
     .help = "1 while a process lives in it or below.",
     .of_cgroup = Populated},
    {.name = "frozen",
     .type = kGauge,
     .unit = "",
     .help = "1 while all its processes stand still.",
     .of_cgroup = Frozen},
    {.name = "descendants",
     .type = kGauge,
     .unit = "",
     .help = "Cgroups below it, whoever made them.",
     .of_cgroup = CountIn<&U::counts, &CgroupCounts::nr_descendants>},
    {.name = "dying_descendants",
     .type = kGauge,
     .unit = "",
     .help = "Removed cgroups below it that something still keeps charged.",
     .of_cgroup = CountIn<&U::counts, &CgroupCounts::nr_dying_descendants>},
};

}  // namespace

std::span<const UsageFamily> UsageFamilies() {
  return kFamilies;
}

}  // namespace reeve::metrics
