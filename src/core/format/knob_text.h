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

// Reads what the kernel prints for an interface file; the last newline may be missing. Strict:
// hostile or unknown text is Invalid, and nothing is guessed. Columns a newer kernel adds to a
// table's row are kept, and so are words behind a state ("root invalid (reason)", "domain
// threaded"). kHostTable and kControllers: text in normal form (host_table.h; names sorted).
//   errors   Invalid, with the offending token; the subject is the file
Result<KnobValue> ParseKnob(const Knob& knob, std::string_view kernel_text);

// The canonical text of a value, as the kernel would print it but without the last newline (tables:
// one line a row, all columns). For showing, recording and comparing; what is written comes from
// WritesFor.
std::string FormatKnob(const Knob& knob, const KnobValue& value);

// The writes that take a file from `observed` (nullptr: a fresh cgroup's defaults) to `wanted`, one
// line a write, in decimal digits only and never empty: an empty line sets memory.max to 0
// (measured on 6.1, 6.12 and 7.2). IdSet {} is written as "\n", which is how the kernel wants
// "inherit". Tables: a write for each row that differs, with all its columns, because the kernel
// keeps those that are not named. Rows of `observed` that `wanted` does not name are reset when
// `reset_other_rows` (io.max: "8:0 rbps=max wbps=max ...", io.weight: "8:0 default", io.latency:
// "8:0 target=0"), else left alone. An empty result means nothing to do. Bytes are compared without
// rounding, so ask SameValue first.
std::vector<std::string> WritesFor(const Knob& knob,
                                   const KnobValue& wanted,
                                   const KnobValue* observed,
                                   bool reset_other_rows);

// Whether the kernel's value is what was wanted, after the roundings the kernel makes: bytes are
// rounded down to a page (hugetlb: to a huge page), numbers beyond its counters are max, lists are
// normalized, a column at max is the same as no column, columns it does not name are not judged,
// `root invalid (reason)` is not `root`. Rows that `wanted` does not name count as different unless
// they say nothing. Under cpu.idle cpu.weight reads 0 (6.1) or 1 (later), and neither is a weight in
// force: who knows that cpu.idle is 1 must not ask.
//   page_size   bytes, a power of two
bool SameValue(const Knob& knob,
               const KnobValue& wanted,
               const KnobValue& observed,
               std::uint64_t page_size);

// The value a fresh cgroup has.
KnobValue DefaultValue(const Knob& knob);

}  // namespace reeve::format
