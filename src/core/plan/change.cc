// SPDX-License-Identifier: Apache-2.0
#include "core/plan/change.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>

namespace reeve::plan {
namespace {

__extension__ using Wide = unsigned __int128;

Change Order(const Limit& before, const Limit& after) {
  if (after > before) return Change::kGrows;
  return after < before ? Change::kShrinks : Change::kNeutral;
}

// Bandwidth is the ratio: a longer period with the same quota is less.
Change Order(const CpuMax& before, const CpuMax& after) {
  if (before.quota.is_max() || after.quota.is_max()) return Order(before.quota, after.quota);
  const Wide left = Wide{before.quota.value()} * after.period;
  const Wide right = Wide{after.quota.value()} * before.period;
  if (right > left) return Change::kGrows;
  return right < left ? Change::kShrinks : Change::kNeutral;
}

bool Holds(const IdSet& outer, const IdSet& inner) {
  return std::all_of(inner.ranges.begin(), inner.ranges.end(), [&](const auto& range) {
    return std::any_of(outer.ranges.begin(), outer.ranges.end(), [&](const auto& in) {
      return in.first <= range.first && range.second <= in.second;
    });
  });
}

// The empty set inherits everything the parent has, so it holds every other one.
Change Order(const IdSet& before, const IdSet& after) {
  if (before == after) return Change::kNeutral;
  if (after.ranges.empty()) return Change::kGrows;
  if (before.ranges.empty()) return Change::kShrinks;
  if (Holds(after, before)) return Change::kGrows;
  return Holds(before, after) ? Change::kShrinks : Change::kSideways;
}

Limit CellOrMax(const TableRow& row, const std::string& column) {
  const auto found = row.find(column);
  return found == row.end() ? Limit::Max() : found->second;
}

// One shrinking cell makes the table shrink: it must wait for its place among the tightenings.
Change Order(const Table& before, const Table& after) {
  static const TableRow kNothing;
  Change result = Change::kNeutral;
  const auto look = [&](const TableRow& old_row, const TableRow& new_row) {
    for (const TableRow* columns : {&old_row, &new_row}) {
      for (const auto& cell : *columns) {
        const Change one = Order(CellOrMax(old_row, cell.first), CellOrMax(new_row, cell.first));
        if (one == Change::kShrinks) result = Change::kShrinks;
        if (one == Change::kGrows && result == Change::kNeutral) result = Change::kGrows;
      }
    }
  };
  for (const auto& row : after.rows) {
    const auto old = before.rows.find(row.first);
    look(old == before.rows.end() ? kNothing : old->second, row.second);
  }
  for (const auto& row : before.rows) {
    if (!after.rows.contains(row.first)) look(row.second, kNothing);
  }
  return result;
}

}  // namespace

Change CompareValues(const Knob& knob, const KnobValue& before, const KnobValue& after) {
  if (knob.direction == Direction::kNone && !std::holds_alternative<IdSet>(after))
    return Change::kNeutral;
  if (before.index() != after.index()) return Change::kNeutral;
  if (const auto* limit = std::get_if<Limit>(&after)) return Order(std::get<Limit>(before), *limit);
  if (const auto* cpu = std::get_if<CpuMax>(&after)) return Order(std::get<CpuMax>(before), *cpu);
  if (const auto* ids = std::get_if<IdSet>(&after)) return Order(std::get<IdSet>(before), *ids);
  if (const auto* table = std::get_if<Table>(&after)) return Order(std::get<Table>(before), *table);
  return Change::kNeutral;
}

IdSet Union(const IdSet& a, const IdSet& b) {
  IdSet all = a;
  all.ranges.insert(all.ranges.end(), b.ranges.begin(), b.ranges.end());
  std::sort(all.ranges.begin(), all.ranges.end());
  IdSet merged;
  for (const auto& range : all.ranges) {
    if (!merged.ranges.empty() && range.first <= merged.ranges.back().second + 1) {
      merged.ranges.back().second = std::max(merged.ranges.back().second, range.second);
    } else {
      merged.ranges.push_back(range);
    }
  }
  return merged;
}

}  // namespace reeve::plan
