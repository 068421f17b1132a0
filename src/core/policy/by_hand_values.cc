// SPDX-License-Identifier: Apache-2.0
#include "core/policy/by_hand_values.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/format/id_set.h"

namespace reeve::policy {
namespace {

bool IsDeviceTable(ValueKind kind) {
  return kind == ValueKind::kDeviceLimits || kind == ValueKind::kDeviceWeights ||
         kind == ValueKind::kDeviceLatency;
}

// The column of a file with one value a row, as a policy names it.
std::string ColumnWord(const Knob& knob, const std::string& column) {
  if (!column.empty()) return column;
  return knob.kind == ValueKind::kDeviceWeights ? "weight" : "value";
}

std::string LimitYaml(const Limit& limit) {
  return limit.is_max() ? "max" : fmt::format("{}", limit.value());
}

// "{device: "8:0", rbps: max}"
std::string RowYaml(const Knob& knob, const std::string& name, const TableRow& columns) {
  if (name == "default" && knob.kind == ValueKind::kDeviceWeights) {
    return fmt::format("{{default: {}}}", LimitYaml(columns.begin()->second));
  }
  std::string row =
      fmt::format("{{{}: {}", IsDeviceTable(knob.kind) ? "device" : "name", QuotedYaml(name));
  for (const auto& [column, limit] : columns) {
    row += fmt::format(", {}: {}", ColumnWord(knob, column), LimitYaml(limit));
  }
  return row + "}";
}

std::string LiftedTable(const Knob& knob, const Table& table) {
  std::string rows;
  for (const auto& [name, columns] : table.rows) {
    TableRow lifted;
    for (const auto& [column, limit] : columns) {
      if (!limit.is_max()) lifted.emplace(column, Limit::Max());
    }
    if (lifted.empty()) continue;
    rows += (rows.empty() ? "" : ", ") + RowYaml(knob, name, lifted);
  }
  return rows.empty() ? "" : "[" + rows + "]";
}

// "" when the value is loose already, or is no limit.
std::string LoosestYaml(const DesiredKnob& desired, const HostFacts& facts, bool cpusets) {
  const Knob& knob = *desired.knob;
  if (knob.kind == ValueKind::kIdList) {
    const bool cpus = knob.file == "cpuset.cpus";
    if (!cpusets || (!cpus && knob.file != "cpuset.mems")) return "";
    const std::optional<IdSet>& all = cpus ? facts.cpu_ids : facts.memory_nodes;
    const auto* set = std::get_if<IdSet>(&desired.value);
    if (!all || set == nullptr || *set == *all || set->ranges.empty()) return "";
    return QuotedYaml(format::FormatIdSet(*all));
  }
  if (knob.direction != Direction::kLargerLooser) return "";
  switch (knob.kind) {
    case ValueKind::kBytes:
    case ValueKind::kCount:
    case ValueKind::kPercent: {
      const auto* limit = std::get_if<Limit>(&desired.value);
      return limit == nullptr || limit->is_max() ? "" : "max";
    }
    case ValueKind::kCpuMax: {
      const auto* max = std::get_if<CpuMax>(&desired.value);
      return max == nullptr || max->quota.is_max() ? "" : "max";
    }
    case ValueKind::kDeviceLimits:
    case ValueKind::kNamedCounts:
    case ValueKind::kNamedBytes: {
      const auto* table = std::get_if<Table>(&desired.value);
      return table == nullptr ? "" : LiftedTable(knob, *table);
    }
    default:
      return "";
  }
}

// The number that a value is now, where its text may lean on another key; "" for all others.
std::string PinnedYaml(const DesiredKnob& desired) {
  if (desired.written.find_first_of("%.") == std::string::npos) return "";
  switch (desired.knob->kind) {
    case ValueKind::kBytes:
    case ValueKind::kCount:
    case ValueKind::kWeight:
    case ValueKind::kCpuTime:
      break;
    default:
      return "";
  }
  const auto* limit = std::get_if<Limit>(&desired.value);
  return limit == nullptr || limit->is_max() ? "" : fmt::format("{}", limit->value());
}

// The row of a table that a typed row is about, by the kernel's name for it; "" when it is not
// here.
std::string RowName(const RowSelector& selector, const HostFacts& facts) {
  switch (selector.kind) {
    case RowSelector::Kind::kDefault:
      return "default";
    case RowSelector::Kind::kName:
      return selector.name;
    case RowSelector::Kind::kDevice: {
      const auto device = facts.devices.find(selector.name);
      return device == facts.devices.end() ? selector.name : device->second.number;
    }
    case RowSelector::Kind::kMount: {
      const auto mount = facts.mounts.find(selector.name);
      return mount == facts.mounts.end() || !mount->second ? "" : mount->second->number;
    }
  }
  return "";
}

}  // namespace

LiftedKeys LiftedKeysOf(const DesiredCgroup& cgroup, const HostFacts& facts, bool cpusets) {
  LiftedKeys result;
  for (const auto& [file, desired] : cgroup.knobs) {
    if (desired.knob == nullptr) continue;
    if (std::string loosest = LoosestYaml(desired, facts, cpusets); !loosest.empty()) {
      result.keys.emplace(file, std::move(loosest));
      ++result.lifted;
    } else if (std::string pinned = PinnedYaml(desired); !pinned.empty()) {
      result.keys.emplace(file, std::move(pinned));
    }
  }
  if (result.lifted == 0) result.keys.clear();
  return result;
}

std::string RowsBeside(const DesiredKnob& in_force, const Setting& typed, const HostFacts& facts) {
  const auto* table = std::get_if<Table>(&in_force.value);
  const auto* rows = std::get_if<std::vector<RowExpression>>(&typed.value);
  if (table == nullptr || rows == nullptr) return "";
  std::string beside;
  for (const auto& [name, columns] : table->rows) {
    TableRow left = columns;
    for (const RowExpression& row : *rows) {
      if (RowName(row.selector, facts) != name) continue;
      for (const auto& [column, value] : row.columns) left.erase(column);
    }
    if (left.empty()) continue;
    beside += (beside.empty() ? "" : ", ") + RowYaml(*in_force.knob, name, left);
  }
  return beside;
}

}  // namespace reeve::policy
