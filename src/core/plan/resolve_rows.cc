// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/plan/resolve_host.h"
#include "core/policy/expression.h"

namespace reeve::plan {
namespace {

using Kind = RowSelector::Kind;

// The kernel's name of a row, and what to say about it.
struct Place {
  std::string row;  // "8:0", "default", "mlx5_0"
  std::string note;
};

// The mount point that a path lies below, for people who took a directory for one.
std::string_view MountAbove(std::string_view path, const HostFacts& facts) {
  while (path.size() > 1) {
    const std::size_t slash = path.rfind('/');
    path = path.substr(0, slash == 0 ? 1 : slash);
    if (facts.mounts.contains(std::string(path))) return path;
  }
  return {};
}

class RowFitter {
 public:
  RowFitter(const Setting& setting, const HostFacts& facts, policy::Findings& findings)
      : setting_(setting), facts_(facts), findings_(findings) {}

  Fitted Run() && {
    for (const RowExpression& row : std::get<std::vector<RowExpression>>(setting_.value)) {
      const std::optional<Place> place = Find(row.selector);
      if (!place || !MayWeigh(row.selector, *place)) continue;
      AddNote(place->note);
      for (const auto& [column, amount] : row.columns) AddCell(row, *place, column, amount);
    }
    if (!table_.rows.empty() && !fitted_.wrong) fitted_.value = std::move(table_);
    return std::move(fitted_);
  }

 private:
  struct Origin {
    int strength = 0;
    const RowSelector* selector = nullptr;
  };

  std::optional<Place> Find(const RowSelector& selector) {
    switch (selector.kind) {
      case Kind::kDefault:
        return Place{"default", ""};
      case Kind::kName:
        return Place{selector.name, ""};
      case Kind::kDevice:
        return FindDevice(selector);
      case Kind::kMount:
        return FindMount(selector);
    }
    return std::nullopt;
  }

  std::optional<Place> FindDevice(const RowSelector& selector) {
    const auto device = facts_.devices.find(selector.name);
    if (device == facts_.devices.end()) {
      return Miss(
          selector, Gap::Kind::kPending, fmt::format("{} is not on this host", selector.name));
    }
    const BlockDevice& disk = device->second;
    if (disk.number == selector.name) return Place{disk.number, ""};
    const bool itself = selector.name == "/dev/" + disk.name;
    return Place{disk.number,
                 itself ? fmt::format("on {}", disk.number)
                        : fmt::format("on {}, the disk of {}", disk.number, selector.name)};
  }

  std::optional<Place> FindMount(const RowSelector& selector) {
    const auto mount = facts_.mounts.find(selector.name);
    if (mount == facts_.mounts.end()) {
      const std::string_view above = MountAbove(selector.name, facts_);
      return Miss(
          selector,
          Gap::Kind::kPending,
          above.empty()
              ? fmt::format("nothing is mounted at {}", selector.name)
              : fmt::format("nothing is mounted at {}, it lies on {}", selector.name, above));
    }
    if (!mount->second) {
      return Miss(selector,
                  Gap::Kind::kUnsupported,
                  fmt::format("the file system at {} is on no disk of this host", selector.name));
    }
    return Place{mount->second->number,
                 fmt::format("on {}, the disk of {}", mount->second->number, selector.name)};
  }

  // The kernel refuses a device's weight where nothing weighs it, and takes the default one without effect: that
  // one is set all the same, because it counts from the moment somebody switches iocost or BFQ on.
  bool MayWeigh(const RowSelector& selector, const Place& place) {
    const bool weights =
        setting_.knob != nullptr && setting_.knob->kind == ValueKind::kDeviceWeights;
    if (!weights || !facts_.weighted_disks) return true;
    if (selector.kind == Kind::kDefault) {
      if (facts_.weighted_disks->empty()) {
        Miss(
            selector, Gap::Kind::kUnsupported, "no effect: no disk of this host has iocost or BFQ");
      }
      return true;
    }
    if (facts_.weighted_disks->contains(place.row)) return true;
    Miss(selector,
         Gap::Kind::kUnsupported,
         fmt::format("no effect: {} has neither iocost nor BFQ", selector.name));
    return false;
  }

  std::optional<Place> Miss(const RowSelector& selector, Gap::Kind kind, std::string reason) {
    Gap gap;
    gap.kind = kind;
    gap.file = setting_.file;
    gap.reason = std::move(reason);
    gap.mark = selector.mark;
    fitted_.gaps.push_back(std::move(gap));
    return std::nullopt;
  }

  void AddNote(const std::string& note) {
    if (note.empty()) return;
    if (!fitted_.note.empty()) fitted_.note += "; ";
    fitted_.note += note;
  }

  void AddCell(const RowExpression& row,
               const Place& place,
               const std::string& column,
               const Expression& amount) {
    // Columns have no references, so they were judged when they were read.
    const policy::Evaluation evaluation = policy::Evaluate(amount, nullptr);
    const Limit limit = evaluation.amount.is_max ? Limit::Max() : Limit(evaluation.amount.Floor());
    const auto [cell, fresh] = table_.rows[place.row].try_emplace(column, limit);
    Origin& origin = origins_[{place.row, column}];
    if (fresh || row.strength > origin.strength) {
      cell->second = limit;
      origin = {row.strength, &row.selector};
      return;
    }
    if (row.strength < origin.strength || cell->second == limit) return;
    fitted_.wrong = true;
    policy::Diagnostic& disagree = findings_.Error(
        "R0315",
        row.selector.mark,
        column.empty()
            ? fmt::format("{} has two values for {}", setting_.file, place.row)
            : fmt::format("{} has two values of {} for {}", setting_.file, column, place.row),
        row.selector.name == origin.selector->name
            ? std::string()
            : fmt::format(
                  "{} and {} are the same disk here", origin.selector->name, row.selector.name));
    disagree.related = policy::RelatedPlace{origin.selector->mark, "the other row"};
  }

  const Setting& setting_;
  const HostFacts& facts_;
  policy::Findings& findings_;
  Fitted fitted_;
  Table table_;
  std::map<std::pair<std::string, std::string>, Origin> origins_;
};

}  // namespace

Fitted FitRows(const Setting& setting, const HostFacts& facts, policy::Findings& findings) {
  return RowFitter(setting, facts, findings).Run();
}

}  // namespace reeve::plan
