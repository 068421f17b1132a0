// SPDX-License-Identifier: Apache-2.0
// Of several values for one interface file of one cgroup, which counts.
#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/merge.h"

namespace reeve::policy {
namespace {

using Rows = std::vector<RowExpression>;

bool HasRows(const Setting& setting) {
  return std::holds_alternative<Rows>(setting.value);
}

bool SameRows(const Rows& a, const Rows& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const RowExpression& x, const RowExpression& y) {
        return x.selector.kind == y.selector.kind && x.selector.name == y.selector.name &&
               x.columns == y.columns;
      });
}

// Whether two texts mean the same before any host is known: 1GiB and 1024MiB do.
bool SameSetting(const Setting& a, const Setting& b) {
  if (a.value.index() != b.value.index()) return false;
  if (const auto* rows = std::get_if<Rows>(&a.value)) {
    return SameRows(*rows, *std::get_if<Rows>(&b.value));
  }
  if (const auto* cpu = std::get_if<CpuMaxExpression>(&a.value)) {
    const auto* other = std::get_if<CpuMaxExpression>(&b.value);
    return cpu->quota == other->quota && cpu->period == other->period;
  }
  if (const auto* amount = std::get_if<Expression>(&a.value)) {
    return *amount == *std::get_if<Expression>(&b.value);
  }
  if (const auto* ids = std::get_if<IdSet>(&a.value)) return *ids == *std::get_if<IdSet>(&b.value);
  return *std::get_if<std::string>(&a.value) == *std::get_if<std::string>(&b.value);
}

std::string SelectorText(const RowSelector& selector) {
  return selector.kind == RowSelector::Kind::kDefault ? "default"
                                                      : EscapeForTerminal(selector.name);
}

}  // namespace

const Merger::Candidate& Merger::StrongestOf(const std::vector<Candidate>& candidates) {
  const Candidate* best = &candidates.front();
  for (const Candidate& candidate : candidates) {
    if (candidate.part->strength > best->part->strength) best = &candidate;
  }
  return *best;
}

// Equal strengths must agree even where something stronger lies over them: it may be gone tomorrow.
void Merger::JudgeEqual(const std::string& name, const std::vector<Candidate>& candidates) {
  for (auto candidate = candidates.begin(); candidate != candidates.end(); ++candidate) {
    const auto first = std::find_if(candidates.begin(), candidate, [&](const Candidate& other) {
      return other.part->strength == candidate->part->strength;
    });
    if (first == candidate || SameSetting(*first->setting, *candidate->setting)) continue;
    if (HasRows(*first->setting) && HasRows(*candidate->setting)) continue;  // judged row by row
    Disagree(fmt::format("`{}` of `{}`", candidate->setting->file, EscapeForTerminal(name)),
             first->setting->mark,
             first->setting->written,
             candidate->setting->mark,
             candidate->setting->written);
  }
}

MergedSetting Merger::MergeOne(const std::vector<Candidate>& candidates) {
  const Candidate& best = StrongestOf(candidates);
  MergedSetting merged{*best.setting, {}};
  for (const Candidate& candidate : candidates) {
    const bool weaker = candidate.part->strength < best.part->strength;
    if (weaker && !SameSetting(*candidate.setting, *best.setting)) {
      merged.overridden.push_back(candidate.setting->mark);
    }
  }
  return merged;
}

MergedSetting Merger::MergeRows(const std::string& name, const std::vector<Candidate>& candidates) {
  // Rows of documents are joined; what a template gives to a literal name's own key is replaced as
  // a whole.
  const Candidate& best = StrongestOf(candidates);
  std::vector<const Candidate*> joined;
  MergedSetting merged{*best.setting, {}};
  for (const Candidate& candidate : candidates) {
    const bool same_level = candidate.part->strength.literal == best.part->strength.literal;
    if (same_level && HasRows(*candidate.setting)) {
      joined.push_back(&candidate);
    } else if (candidate.part->strength < best.part->strength) {
      merged.overridden.push_back(candidate.setting->mark);
    }
  }

  struct Cell {
    const RowSelector* selector;
    const std::string* column;
    const Expression* value;
    const Candidate* from;
  };

  std::vector<Cell> all;
  for (const Candidate* candidate : joined) {
    for (const RowExpression& row : *std::get_if<Rows>(&candidate->setting->value)) {
      for (const auto& [column, value] : row.columns) {
        all.push_back({&row.selector, &column, &value, candidate});
      }
    }
  }
  const auto lost = [&](const SourceMark& mark) {
    auto& marks = merged.overridden;
    if (std::find(marks.begin(), marks.end(), mark) == marks.end()) marks.push_back(mark);
  };
  std::vector<Cell> cells;  // the strongest ones
  for (auto cell = all.begin(); cell != all.end(); ++cell) {
    const auto same_place = [&](const Cell& other) {
      return other.selector->kind == cell->selector->kind &&
             other.selector->name == cell->selector->name && *other.column == *cell->column;
    };
    const Strength& here = cell->from->part->strength;
    const auto equal = std::find_if(all.begin(), cell, [&](const Cell& other) {
      return same_place(other) && other.from->part->strength == here;
    });
    if (equal != cell && *equal->value != *cell->value) {
      Disagree(fmt::format("`{}`{}{} for {} of `{}`",
                           best.setting->file,
                           cell->column->empty() ? "" : " ",
                           *cell->column,
                           SelectorText(*cell->selector),
                           EscapeForTerminal(name)),
               equal->selector->mark,
               equal->from->setting->written,
               cell->selector->mark,
               cell->from->setting->written);
    }
    const auto known = std::find_if(cells.begin(), cells.end(), same_place);
    if (known == cells.end()) {
      cells.push_back(*cell);
      continue;
    }
    const bool same = *known->value == *cell->value;
    if (here > known->from->part->strength) {
      if (!same) lost(known->selector->mark);
      *known = *cell;
    } else if (here < known->from->part->strength && !same) {
      lost(cell->selector->mark);
    }
  }

  // One row for each device and strength: which devices are the same is only known on the host.
  Rows rows;
  for (const Cell& cell : cells) {
    const Strength& strength = cell.from->part->strength;
    const int rank = ranks_.at({strength.priority, strength.layer});
    auto row = std::find_if(rows.begin(), rows.end(), [&](const RowExpression& other) {
      return other.selector.kind == cell.selector->kind &&
             other.selector.name == cell.selector->name && other.strength == rank;
    });
    if (row == rows.end()) {
      rows.push_back({*cell.selector, {}, rank});
      row = rows.end() - 1;
    }
    row->columns.emplace_back(*cell.column, *cell.value);
  }
  merged.setting.value = std::move(rows);
  merged.setting.written.clear();
  for (const Candidate* candidate : joined) {
    if (!merged.setting.written.empty()) merged.setting.written += ", ";
    merged.setting.written += candidate->setting->written;
  }
  return merged;
}

void Merger::MergeAll(const std::string& name,
                      const std::map<std::string_view, std::vector<Candidate>>& candidates,
                      std::map<std::string, MergedSetting>& merged) {
  for (const auto& [file, all] : candidates) {
    if (all.size() > 1) JudgeEqual(name, all);
    const bool join = all.size() > 1 && HasRows(*StrongestOf(all).setting);
    merged.emplace(std::string(file), join ? MergeRows(name, all) : MergeOne(all));
  }
}

}  // namespace reeve::policy
