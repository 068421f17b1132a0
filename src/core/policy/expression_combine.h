// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "core/model/setting.h"
#include "core/policy/quantity.h"

namespace reeve::policy {

// Puts amounts together with an operator or a function, or says why they do not fit: `max` is no
// number to reckon with, bytes and cores cannot be added, of two factors one is a plain number.
//   keeps    what needs no host folded into one number, unless it is below zero: that can still be
//            on the way to something positive, and is the caller's to refuse at the end
//   operands at least one; two for + - *
std::variant<Expression, Advice> Combine(Expression::Op op, std::vector<Expression> operands);

}  // namespace reeve::policy
