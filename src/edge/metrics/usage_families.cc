// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/usage_families.h"

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

// device="nvme0n1" for each device number, rendered once.
class DeviceLabels {
 public:
  explicit DeviceLabels(const std::map<std::string, std::string>& names) {
    std::map<std::string_view, int> claims;
    for (const auto& entry : names) ++claims[entry.second];
    for (const auto& [number, name] : names) {
      // Two devices of one name, or one named like another's number, would be one series.
      const bool clear = claims[name] == 1 && name.find(':') == std::string::npos;
      if (clear && !name.empty()) Render(number, name);
    }
  }

  std::string_view Of(const std::string& number) {
    const auto found = rendered_.find(number);
    return found != rendered_.end() ? std::string_view(found->second) : Render(number, number);
  }

 private:
  std::string_view Render(const std::string& number, const std::string& name) {
    std::string text(LabelText().Add("device", name).text());
    return rendered_.insert_or_assign(number, std::move(text)).first->second;
  }

  std::map<std::string, std::string> rendered_;
};

// The rows that go into families of one prefix, each with its labels.
struct Rows {
  struct Row {
    const CgroupUsage* usage;
    std::string labels;
  };

  std::string_view prefix;
  std::string_view help_suffix;
  std::vector<Row> rows;
};

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

std::size_t CountSamples(const UsageFamily& family, const Rows& rows) {
  std::size_t samples = 0;
  for (const Rows::Row& row : rows.rows) {
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

void WriteFamily(const UsageFamily& family,
                 const Rows& rows,
                 DeviceLabels& devices,
                 ExpositionWriter& writer) {
  const std::string name = std::string(rows.prefix) + std::string(family.name);
  const std::string help = std::string(family.help) + std::string(rows.help_suffix);
  writer.Begin({name, family.type, family.unit, help});
  for (const Rows::Row& row : rows.rows) {
    const CgroupUsage& usage = *row.usage;
    const auto born = family.type == Type::kCounter ? usage.born_usec : std::nullopt;
    if (family.of_cgroup != nullptr) {
      const std::optional<Number> value = family.of_cgroup(usage);
      if (value) writer.Sample(row.labels, "", *value, born);
    } else if (family.of_device != nullptr) {
      for (const auto& [device, io] : usage.io) {
        writer.Sample(row.labels, devices.Of(device), family.of_device(io), born);
      }
    } else {
      EachLimit(family, usage, [&](const std::string& device, Number value) {
        writer.Sample(row.labels, devices.Of(device), value);
      });
    }
  }
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

void WriteInfo(const Rows& rows, const std::string& boot_id, ExpositionWriter& writer) {
  const std::string name = std::string(rows.prefix) + "info";
  const std::string help =
      "What a cgroup is, to join with the other families." + std::string(rows.help_suffix);
  writer.Begin({name, Type::kInfo, "", help});
  for (const Rows::Row& row : rows.rows) {
    const CgroupNames& names = *row.usage->names;
    LabelText more;
    more.Add("policy", names.policy);
    if (row.usage->id != 0) more.Add("cgroup_id", std::to_string(row.usage->id));
    more.Add("boot_id", boot_id);
    AddPolicyLabels(names.labels, more);
    writer.Sample(row.labels, more.text(), Number::Count(1));
  }
}

}  // namespace

bool WriteUsage(const UsageSnapshot& snapshot, std::size_t max_series, ExpositionWriter& writer) {
  Rows sets[] = {{kLeaves, "", {}}, {kTree, " Of inner cgroups, each with all below it.", {}}};
  for (const CgroupUsage& usage : snapshot.cgroups) {
    LabelText labels;
    const CgroupPath& path = usage.names->path;
    labels.Add("cgroup", path.is_root() ? "/" : path.text()).Add("tenant", usage.names->tenant);
    sets[usage.names->inner ? 1 : 0].rows.push_back({&usage, std::string(labels.text())});
  }
  if (snapshot.cgroups.size() > max_series) return true;
  const std::size_t last = writer.series() + max_series;
  for (const Rows& rows : sets) WriteInfo(rows, snapshot.boot_id, writer);

  DeviceLabels devices(snapshot.device_names);
  for (const UsageFamily& family : UsageFamilies()) {
    // Counted only where it may matter.
    const bool may_pass =
        family.of_cgroup == nullptr || snapshot.cgroups.size() > last - writer.series();
    if (may_pass) {
      std::size_t samples = 0;
      for (const Rows& rows : sets) samples += CountSamples(family, rows);
      if (samples > last - writer.series()) return true;
    }
    for (const Rows& rows : sets) WriteFamily(family, rows, devices, writer);
  }
  return false;
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
