// SPDX-License-Identifier: Apache-2.0
// Comparing and writing: the half of knob_text.h that knows two values.
#include <algorithm>

#include "core/base/text.h"
#include "core/format/canonical.h"
#include "core/format/host_table.h"
#include "core/format/knob_text.h"
#include "core/format/table_text.h"

namespace reeve::format {
namespace {

// Cells of a newer kernel that nobody asked for are not ours to judge.
Table WithoutForeignColumns(const Knob& knob, const Table& observed, const Table& wanted) {
  Table table;
  const std::vector<std::string_view> known = SplitWords(knob.words);
  for (const auto& row : observed.rows) {
    const auto asked = wanted.rows.find(row.first);
    TableRow cells;
    for (const auto& cell : row.second) {
      const bool ours = knob.words.empty() ||
                        std::find(known.begin(), known.end(), cell.first) != known.end() ||
                        (asked != wanted.rows.end() && asked->second.contains(cell.first));
      if (ours) cells.insert(cell);
    }
    if (!cells.empty()) table.rows.emplace(row.first, std::move(cells));
  }
  return table;
}

std::vector<std::string> TableWrites(const Knob& knob,
                                     const Table& wanted,
                                     const Table& observed,
                                     bool reset_other_rows) {
  static const TableRow nothing;
  const Table want = std::get<Table>(Canonical(knob, wanted, 1));
  const Table have =
      WithoutForeignColumns(knob, std::get<Table>(Canonical(knob, observed, 1)), wanted);
  const auto cells = [](const Table& table, const std::string& name) -> const TableRow& {
    const auto found = table.rows.find(name);
    return found == table.rows.end() ? nothing : found->second;
  };
  std::vector<std::string> writes;
  for (const auto& row : wanted.rows) {
    const TableRow& now = cells(have, row.first);
    const TableRow& goal = cells(want, row.first);
    if (goal == now) continue;
    // The whole row, so that a column that left the policy, or that somebody else set since we
    // looked, is at max afterwards: a write keeps the columns it does not name.
    writes.push_back(goal.empty() ? FormatRowReset(knob, row.first, now)
                                  : FormatRow(knob, row.first, goal));
  }
  for (const auto& row : have.rows) {
    if (!reset_other_rows || wanted.rows.contains(row.first)) continue;
    writes.push_back(FormatRowReset(knob, row.first, row.second));
  }
  return writes;
}

// A line for each controller: one write is all or nothing, and one that is missing here shall not
// keep the others off.
std::vector<std::string> ControllerWrites(std::string_view wanted,
                                          std::string_view observed,
                                          bool reset_other_rows) {
  const std::vector<std::string_view> want = SplitWords(wanted);
  const std::vector<std::string_view> have = SplitWords(observed);
  const auto missing_from = [](const std::vector<std::string_view>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) == list.end();
  };
  std::vector<std::string> writes;
  for (std::string_view name : want) {
    if (missing_from(have, name)) writes.push_back("+" + std::string(name));
  }
  for (std::string_view name : have) {
    if (reset_other_rows && missing_from(want, name)) writes.push_back("-" + std::string(name));
  }
  return writes;
}

bool SameWord(const Knob& knob, std::string_view wanted, std::string_view observed) {
  // "domain threaded" and "domain invalid" say what others around made of a domain.
  if (knob.file == "cgroup.type" && wanted == "domain") return observed.starts_with("domain");
  return wanted == observed;
}

}  // namespace

std::vector<std::string> WritesFor(const Knob& knob,
                                   const KnobValue& wanted,
                                   const KnobValue* observed,
                                   bool reset_other_rows) {
  const KnobValue from = observed != nullptr ? *observed : DefaultValue(knob);
  if (from.index() == wanted.index()) {
    if (const auto* word = std::get_if<std::string>(&wanted)) {
      const auto& now = std::get<std::string>(from);
      if (knob.kind == ValueKind::kHostTable) {
        return HostTableWrites(knob, *word, now, reset_other_rows);
      }
      if (knob.kind == ValueKind::kControllers) {
        return ControllerWrites(*word, now, reset_other_rows);
      }
    }
    if (const auto* table = std::get_if<Table>(&wanted)) {
      return TableWrites(knob, *table, std::get<Table>(from), reset_other_rows);
    }
    if (SameValue(knob, wanted, from, 1)) return {};
  }
  // Nothing turns a threaded cgroup back but making it anew: the kernel refuses the word (EINVAL).
  if (knob.file == "cgroup.type" && wanted == KnobValue(std::string("domain"))) return {};
  const std::string text = FormatKnob(knob, wanted);
  return {text.empty() ? "\n" : text};
}

bool SameValue(const Knob& knob,
               const KnobValue& wanted,
               const KnobValue& observed,
               std::uint64_t page_size) {
  if (wanted.index() != observed.index()) return false;
  if (const auto* word = std::get_if<std::string>(&wanted)) {
    const auto& now = std::get<std::string>(observed);
    if (knob.kind == ValueKind::kHostTable) return SameHostTable(knob, *word, now);
    return SameWord(knob, *word, now);
  }
  const KnobValue want = Canonical(knob, wanted, page_size);
  const KnobValue have = Canonical(knob, observed, page_size);
  if (const auto* table = std::get_if<Table>(&have)) {
    const auto& asked = std::get<Table>(want);
    return asked == WithoutForeignColumns(knob, *table, asked);
  }
  return want == have;
}

}  // namespace reeve::format
