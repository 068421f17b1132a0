// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/usage_families.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "edge/metrics/usage_table.h"

namespace reeve::metrics {
namespace {

constexpr std::string_view kLeaves = "reeve_cgroup_";
constexpr std::string_view kTree = "reeve_cgroup_tree_";

// Rows that are written before others have their turn: some ten kilobytes.
constexpr std::size_t kRowsAtOnce = 256;

void EachLimit(const UsageFamily& family,
               const CgroupUsage& usage,
               const std::function<void(const std::string& device, Number)>& visit) {
  const std::string column(family.io_max_column);
  for (const auto& [device, row] : usage.limits.io_max.rows) {
    const auto cell = row.find(column);
    if (cell == row.end() || cell->second.is_max()) continue;
    visit(device, Number::Count(cell->second.value()));
  }
}

std::size_t CountSamples(const UsageFamily& family, const std::vector<UsageRows::Row>& rows) {
  std::size_t samples = 0;
  for (const UsageRows::Row& row : rows) {
    if (family.of_cgroup != nullptr) {
      samples += family.of_cgroup(*row.usage) ? 1 : 0;
    } else if (family.of_device != nullptr) {
      samples += row.usage->io.size();
    } else {
      EachLimit(family, *row.usage, [&](const std::string&, Number) { ++samples; });
    }
  }
  return samples;
}

// A policy's labels: different ones may look alike once they are names.
void AddPolicyLabels(const std::map<std::string, std::string>& labels, LabelText& text) {
  std::set<std::string> taken;
  for (const auto& [label, value] : labels) {
    std::string name = PolicyLabelName(label);
    while (!taken.insert(name).second) name += '_';
    text.Add(name, value);
  }
}

}  // namespace

UsageRows::UsageRows(const UsageSnapshot& snapshot) : snapshot_(snapshot) {
  for (const CgroupUsage& usage : snapshot.cgroups) {
    LabelText labels;
    const CgroupPath& path = usage.names->path;
    labels.Add("cgroup", path.is_root() ? "/" : path.text()).Add("tenant", usage.names->tenant);
    (usage.names->inner ? inner_ : leaves_).push_back({&usage, std::string(labels.text())});
  }
}

UsageWriter::DeviceLabels::DeviceLabels(const std::map<std::string, std::string>& names) {
  std::map<std::string_view, int> claims;
  for (const auto& entry : names) ++claims[entry.second];
  for (const auto& [number, name] : names) {
    // Two devices of one name, or one named like another's number, would be one series.
    const bool clear = claims[name] == 1 && name.find(':') == std::string::npos;
    if (clear && !name.empty()) Render(number, name);
  }
}

std::string_view UsageWriter::DeviceLabels::Of(const std::string& number) {
  const auto found = rendered_.find(number);
  return found != rendered_.end() ? std::string_view(found->second) : Render(number, number);
}

std::string_view UsageWriter::DeviceLabels::Render(const std::string& number,
                                                   const std::string& name) {
  std::string text(LabelText().Add("device", name).text());
  return rendered_.insert_or_assign(number, std::move(text)).first->second;
}

UsageWriter::UsageWriter(const UsageRows& rows, std::size_t max_series)
    : rows_(rows), devices_(rows.snapshot().device_names), max_series_(max_series) {}

bool UsageWriter::Step(ExpositionWriter& writer) {
  if (truncated_ || family_ > UsageFamilies().size()) return false;
  if (family_ == 0 && !inner_ && row_ == 0) begun_at_ = writer.series();
  if (!inner_ && row_ == 0 && LeaveOut(writer.series() - begun_at_)) {
    truncated_ = true;
    return false;
  }
  const std::vector<UsageRows::Row>& rows = inner_ ? rows_.inner() : rows_.leaves();
  if (row_ == 0) Begin(writer);
  const std::size_t end = std::min(rows.size(), row_ + kRowsAtOnce);
  for (; row_ < end; ++row_) {
    if (family_ == 0) {
      WriteInfo(rows[row_], writer);
    } else {
      WriteFigures(rows[row_], writer);
    }
  }
  if (row_ < rows.size()) return true;
  row_ = 0;
  if (inner_) ++family_;
  inner_ = !inner_;
  return true;
}

// Whether the next family would be too much, both prefixes together. Counted only where it may
// matter.
bool UsageWriter::LeaveOut(std::size_t series) {
  const std::size_t cgroups = rows_.snapshot().cgroups.size();
  const std::size_t room = max_series_ - series;
  if (family_ == 0) return cgroups > room;
  const UsageFamily& family = UsageFamilies()[family_ - 1];
  if (family.of_cgroup != nullptr && cgroups <= room) return false;
  return CountSamples(family, rows_.leaves()) + CountSamples(family, rows_.inner()) > room;
}

void UsageWriter::Begin(ExpositionWriter& writer) const {
  const std::string prefix(inner_ ? kTree : kLeaves);
  const std::string suffix = inner_ ? " Of inner cgroups, each with all below it." : "";
  if (family_ == 0) {
    const std::string help = "What a cgroup is, to join with the other families." + suffix;
    const std::string name = prefix + "info";
    writer.Begin({name, Type::kInfo, "", help});
    return;
  }
  const UsageFamily& family = UsageFamilies()[family_ - 1];
  const std::string name = prefix + std::string(family.name);
  writer.Begin({name, family.type, family.unit, std::string(family.help) + suffix});
}

void UsageWriter::WriteInfo(const UsageRows::Row& row, ExpositionWriter& writer) const {
  const CgroupNames& names = *row.usage->names;
  LabelText more;
  more.Add("policy", names.policy);
  if (row.usage->id != 0) more.Add("cgroup_id", std::to_string(row.usage->id));
  more.Add("boot_id", rows_.snapshot().boot_id);
  AddPolicyLabels(names.labels, more);
  writer.Sample(row.labels, more.text(), Number::Count(1));
}

void UsageWriter::WriteFigures(const UsageRows::Row& row, ExpositionWriter& writer) {
  const UsageFamily& family = UsageFamilies()[family_ - 1];
  const CgroupUsage& usage = *row.usage;
  const auto born = family.type == Type::kCounter ? usage.born_usec : std::nullopt;
  if (family.of_cgroup != nullptr) {
    const std::optional<Number> value = family.of_cgroup(usage);
    if (value) writer.Sample(row.labels, "", *value, born);
  } else if (family.of_device != nullptr) {
    for (const auto& [device, io] : usage.io) {
      writer.Sample(row.labels, devices_.Of(device), family.of_device(io), born);
    }
  } else {
    EachLimit(family, usage, [&](const std::string& device, Number value) {
      writer.Sample(row.labels, devices_.Of(device), value);
    });
  }
}

bool WriteUsage(const UsageSnapshot& snapshot, std::size_t max_series, ExpositionWriter& writer) {
  const UsageRows rows(snapshot);
  UsageWriter usage(rows, max_series);
  while (usage.Step(writer)) {
  }
  return usage.truncated();
}

std::string PolicyLabelName(std::string_view label) {
  std::string name = "label_";
  for (char c : label) {
    const bool fits =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    name += fits ? c : '_';
  }
  return name;
}

}  // namespace reeve::metrics
