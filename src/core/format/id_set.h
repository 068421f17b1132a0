// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/knob_value.h"

namespace reeve::format {

// A list of CPUs or memory nodes: "0-3,8"; nothing but white space is the empty set.
//   keeps    nothing of the order or overlaps: the result is normal (model/knob_value.h)
//   errors   Invalid for "3-1", strides ("0-7:1/2", which the kernel reads but never prints) and
//   anything
//            else, with the offending token; the subject is `what`
Result<IdSet> ParseIdSet(std::string_view what, std::string_view text);

std::string FormatIdSet(const IdSet& set);

// The same ids as ascending ranges that neither touch nor overlap.
IdSet NormalIdSet(IdSet set);

}  // namespace reeve::format
