// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/model/plan.h"

namespace reeve::show {

// How much a plan does, in the things people count. A value whose table takes several writes is
// one, a controller is one, every process that moves is one; marks are not counted.
struct PlanCounts {
  std::size_t create = 0;
  std::size_t change = 0;
  std::size_t remove = 0;
  std::size_t move = 0;
  std::size_t enable = 0;
  std::size_t disable = 0;

  std::size_t total() const { return create + change + remove + move + enable + disable; }
};

PlanCounts CountPlan(const Plan& plan);

// What one action adds to the total; 0 for marks and for a table's lines but the last.
std::size_t WeightOf(const Action& action);

// The word that answers "is this host as described?": AS DESCRIBED, HELD (only held writes are
// left), DIFFERS.
std::string_view WordOf(const Plan& plan);

// "web/api"; "(root)" for the managed root. Escaped.
std::string ShownPath(const CgroupPath& path);

}  // namespace reeve::show
