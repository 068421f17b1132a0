// SPDX-License-Identifier: Apache-2.0
#include "support/usage_rows.h"

namespace reeve::support {

void FillUsageRow(CgroupUsage& usage, std::uint64_t seed) {
  std::uint64_t next = seed;
  usage.id = ++next;
  usage.born_usec = 1'700'000'000'000'000 + ++next;
  CpuStat& cpu = usage.cpu.emplace();
  for (std::uint64_t* field : {&cpu.usage_usec, &cpu.user_usec, &cpu.system_usec}) *field = ++next;
  for (auto* field : {&cpu.nice_usec,
                      &cpu.nr_periods,
                      &cpu.nr_throttled,
                      &cpu.throttled_usec,
                      &cpu.nr_bursts,
                      &cpu.burst_usec,
                      &usage.memory_current,
                      &usage.memory_peak,
                      &usage.swap_current,
                      &usage.swap_peak,
                      &usage.pids_current,
                      &usage.pids_peak}) {
    *field = ++next;
  }
  MemoryStat& memory = usage.memory.emplace();
  memory.anon = ++next;
  memory.file = ++next;
  for (auto* field : {&memory.kernel,
                      &memory.shmem,
                      &memory.inactive_file,
                      &memory.pgmajfault,
                      &memory.workingset_refault_anon,
                      &memory.workingset_refault_file}) {
    *field = ++next;
  }
  MemoryEvents& events = usage.memory_events.emplace();
  for (std::uint64_t* field :
       {&events.low, &events.high, &events.max, &events.oom, &events.oom_kill}) {
    *field = ++next;
  }
  events.oom_group_kill = ++next;
  usage.swap_events = SwapEvents{next + 1, next + 2};
  usage.pids_events = PidsEvents{next + 3};
  usage.counts = CgroupCounts{next + 4, next + 5};
  usage.events = CgroupEvents{true, false};
  next += 5;
  for (auto* pressure : {&usage.cpu_pressure, &usage.memory_pressure, &usage.io_pressure}) {
    Pressure both;
    both.some.total = ++next;
    both.full = Pressure::Line{};
    both.full->total = ++next;
    *pressure = both;
  }
  DeviceIo& disk = usage.io["259:0"];
  for (std::uint64_t* field :
       {&disk.rbytes, &disk.wbytes, &disk.rios, &disk.wios, &disk.dbytes, &disk.dios}) {
    *field = ++next;
  }
  LimitsInForce& limits = usage.limits;
  limits.cpu_max = CpuMax{Limit(50'000), 100'000};
  for (auto* limit : {&limits.memory_low,
                      &limits.memory_high,
                      &limits.memory_max,
                      &limits.swap_max,
                      &limits.pids_max}) {
    *limit = Limit(++next);
  }
  TableRow& row = limits.io_max.rows["259:0"];
  for (const char* column : {"rbps", "wbps", "riops", "wiops"}) row.emplace(column, Limit(++next));
}

}  // namespace reeve::support
