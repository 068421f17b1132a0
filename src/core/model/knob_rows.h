// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/model/knob.h"

namespace reeve {

// The rows of model/knob.h, a file for each group of controllers. Only knob.cc joins them.
//
// Ranges and defaults were measured on 6.1 and 6.12 where a Debian kernel has the file; io.latency,
// io.prio.class, cpu.uclamp.*, memory.zswap.* and dmem.* are from the kernel's source.
// Signed minima (cpu.weight.nice) stand as two's complement in `min`.
std::span<const Knob> CoreKnobs();
std::span<const Knob> CpuKnobs();  // cpu and cpuset
std::span<const Knob> IoKnobs();
std::span<const Knob> MemoryKnobs();  // memory and hugetlb
std::span<const Knob> CountKnobs();   // pids, rdma, misc, dmem

inline constexpr std::uint64_t kNoBound = UINT64_MAX;

}  // namespace reeve
