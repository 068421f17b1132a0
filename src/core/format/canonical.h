// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/knob.h"
#include "core/model/knob_value.h"

namespace reeve::format {

// A value as the kernel will hold it after it was written: bytes rounded down to a page (hugetlb:
// to a huge page), numbers beyond the kernel's counters become max, cells and rows of tables that
// say no more than a fresh cgroup does are left out, id lists are normal.
//   page_size   bytes, a power of two; 1 for no rounding of bytes
//   source      measured on 6.1 and 6.12 for memory.*, hugetlb.*, io.max, cgroup.max.*; kernel
//   source for the
//               others (kernel/cgroup/rdma.c, dmem.c, kernel/sched/core.c, block/blk-iolatency.c)
KnobValue Canonical(const Knob& knob, const KnobValue& value, std::uint64_t page_size);

}  // namespace reeve::format
