// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/knob.h"
#include "core/model/knob_value.h"

namespace reeve::format {

// Reads what the kernel prints for an interface file. Strict: hostile or unknown text is Invalid, and
// nothing is guessed. Keys a newer kernel adds to a table's row are kept.
//   errors   Invalid, with the offending token
Result<KnobValue> ParseKnob(const Knob& knob, std::string_view kernel_text);

// The canonical text of a value, as the kernel would print it (tables: one line a row). For showing,
// recording and comparing; what is written comes from WritesFor.
std::string FormatKnob(const Knob& knob, const KnobValue& value);

// The writes that take a file from `observed` (nullptr: a fresh cgroup's defaults) to `wanted`, one line
// a write, in decimal digits only and never empty: an empty line sets memory.max to 0 (KERNEL.md 30).
// IdSet {} is written as "\n", which is how the kernel wants "inherit".
// Rows of `observed` that `wanted` does not have are reset (io.max: "8:0 rbps=max wbps=max ..."), if they are
// in `ours` (reset only what reeve once set); an empty result means nothing to do.
std::vector<std::string> WritesFor(const Knob& knob,
                                   const KnobValue& wanted,
                                   const KnobValue* observed,
                                   bool reset_other_rows);

// Whether the kernel's value is what was wanted, after the roundings the kernel makes: bytes are rounded
// down to a page, lists are normalized, a column at max is the same as no column, cpu.weight reads 0
// or 1 under cpu.idle, `root invalid (reason)` is not `root`.
//   page_size   bytes, a power of two
bool SameValue(const Knob& knob, const KnobValue& wanted, const KnobValue& observed,
               std::uint64_t page_size);

// The value a fresh cgroup has.
KnobValue DefaultValue(const Knob& knob);

}  // namespace reeve::format
