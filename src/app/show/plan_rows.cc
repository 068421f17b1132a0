// SPDX-License-Identifier: Apache-2.0
#include "app/show/plan_rows.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/screen.h"
#include "core/base/text.h"
#include "core/engine/words.h"
#include "core/format/knob_text.h"

namespace reeve::show {
namespace {

using Kind = PlanRow::Kind;

// One change of one cgroup, before the same ones are put together.
struct Item {
  PlanRow row;
  std::string template_name;
};

std::string ShownText(std::string_view text) {
  std::string out;
  for (std::string_view line : SplitLines(text)) {
    if (!out.empty()) out += '\n';
    out += Shown(line);
  }
  return out;
}

std::string ValueText(const Knob* knob, const std::string& text, bool raw) {
  return ShownText(raw ? text : HumanText(knob, text));
}

// "60% of host" explains a number, "4GiB" only repeats it.
bool ExplainsItself(std::string_view written) {
  return written.find('%') == std::string_view::npos &&
         written.find('(') == std::string_view::npos &&
         written.find(" of ") == std::string_view::npos &&
         written.find(" + ") == std::string_view::npos &&
         written.find(" - ") == std::string_view::npos &&
         written.find(" * ") == std::string_view::npos;
}

std::string Remarks(const std::string& written, const std::string& note, bool table) {
  std::string out;
  if (!table && !ExplainsItself(written)) out += " (" + Shown(written) + ")";
  if (!note.empty()) out += "\n" + Shown(note);
  return out;
}

// Where the note says which device is meant ("on 259:0, the disk of /srv"), the row's name need
// not.
std::string WithoutDevice(std::string value, const std::string& note) {
  if (!note.starts_with("on ") || value.find('\n') != std::string::npos) return value;
  const std::string device = note.substr(3, note.find_first_of(", ", 3) - 3);
  return value.starts_with(device + " ") ? value.substr(device.size() + 1) : value;
}

std::string WhyText(const Reason& reason) {
  if (reason.reset && !reason.mark.known()) return "left the policy";
  if (reason.reset) return Shown(reason.mark.FileLine()) + ", gone";
  return Shown(reason.mark.FileLine());
}

Item SetItem(const Action& action, const SetFile& set, bool created, bool raw) {
  const Reason& reason = action.reason;
  Item item;
  item.row.kind = Kind::kSet;
  item.row.sign = created ? ' ' : '~';
  item.row.key = Shown(set.file);
  item.row.now = ValueText(set.knob, reason.now, raw);
  item.row.wanted = ValueText(set.knob, reason.wanted, raw);
  // What looks the same in round numbers is shown in full.
  if (item.row.now == item.row.wanted) {
    item.row.now = ShownText(reason.now);
    item.row.wanted = ShownText(reason.wanted);
  }
  const bool table = std::holds_alternative<Table>(set.wanted);
  item.row.wanted = WithoutDevice(item.row.wanted, reason.note);
  item.row.wanted += Remarks(reason.written, reason.note, table);
  return item;
}

Item ControllersItem(const ControllerSet& set, std::string_view sign) {
  Item item;
  item.row.kind = Kind::kControllers;
  item.row.sign = '~';
  item.row.key = "subtree_control";
  item.row.now = "";
  item.row.wanted = set.ToString(sign);
  return item;
}

Item MoveItem(const Action& action, const MoveProcesses& move) {
  Item item;
  item.row.kind = Kind::kMove;
  item.row.sign = '>';
  item.row.path = move.target;
  item.row.key = move.expected == 0 ? "processes" : Count(move.expected, "process", "processes");
  item.row.wanted = "from " + ShownPath(action.path);
  if (!action.reason.note.empty()) item.row.wanted += "\n" + Shown(action.reason.note);
  return item;
}

std::optional<Item> MakeItem(const Action& action,
                             const std::set<CgroupPath>& created,
                             const RowOptions& options) {
  std::optional<Item> item;
  if (const auto* set = std::get_if<SetFile>(&action.kind)) {
    if (!set->last_line || action.reason.bookkeeping) return std::nullopt;
    item = SetItem(action, *set, created.contains(action.path), options.raw);
  } else if (std::holds_alternative<CreateCgroup>(action.kind)) {
    item.emplace();
    item->row.kind = Kind::kCreate;
    item->row.sign = '+';
    item->row.wanted = Shown(action.reason.note);
  } else if (std::holds_alternative<RemoveCgroup>(action.kind)) {
    item.emplace();
    item->row.kind = Kind::kRemove;
    item->row.sign = '-';
    item->row.wanted = Shown(action.reason.note);
  } else if (const auto* move = std::get_if<MoveProcesses>(&action.kind)) {
    item = MoveItem(action, *move);
  } else if (const auto* enable = std::get_if<EnableControllers>(&action.kind)) {
    if (options.controllers) item = ControllersItem(enable->controllers, "+");
  } else if (const auto* disable = std::get_if<DisableControllers>(&action.kind)) {
    if (options.controllers) item = ControllersItem(disable->controllers, "-");
  }
  if (!item) return std::nullopt;
  if (item->row.kind != Kind::kMove) item->row.path = action.path;
  item->row.why = WhyText(action.reason);
  item->row.drift = action.reason.drift;
  if (action.reason.by) item->row.why += "\nby " + engine::DescribeWriter(action.reason.by.get());
  item->template_name = action.reason.template_name;
  return item;
}

auto SameKey(const Item& item) {
  const PlanRow& row = item.row;
  return std::tuple(item.template_name.empty() ? row.path.text() : "<" + item.template_name,
                    row.kind,
                    row.sign,
                    row.key,
                    row.now,
                    row.wanted,
                    row.why,
                    row.drift);
}

std::vector<PlanRow> Together(std::vector<Item> items) {
  using Key = decltype(SameKey(items.front()));
  std::map<Key, std::size_t> known;
  std::vector<Item> groups;
  for (Item& item : items) {
    const auto [at, fresh] = known.try_emplace(SameKey(item), groups.size());
    if (fresh) {
      item.row.paths.push_back(item.row.path);
      groups.push_back(std::move(item));
    } else {
      groups[at->second].row.paths.push_back(item.row.path);
    }
  }
  // What a cgroup is told stays together; the order of cgroups is the tree's.
  std::map<CgroupPath, CgroupPath> lead;  // instance -> first instance of the row it is shown under
  for (const Item& group : groups) {
    for (const CgroupPath& path : group.row.paths) lead.try_emplace(path, group.row.paths.front());
  }
  std::stable_sort(groups.begin(), groups.end(), [&](const Item& a, const Item& b) {
    return std::tuple(lead.at(a.row.paths.front()), a.row.paths.front(), a.row.kind) <
           std::tuple(lead.at(b.row.paths.front()), b.row.paths.front(), b.row.kind);
  });
  std::vector<PlanRow> rows;
  for (Item& group : groups) {
    group.row.cgroup = GroupName(group.row.path, group.template_name, group.row.paths.size());
    rows.push_back(std::move(group.row));
  }
  return rows;
}

}  // namespace

std::string GroupName(const CgroupPath& first,
                      const std::string& template_name,
                      std::size_t count) {
  if (count <= 1 || template_name.empty()) return ShownPath(first);
  return fmt::format("{} each x{}", Shown(template_name), count);
}

bool IsSelected(const CgroupPath& path, const std::string& glob) {
  if (glob.empty()) return true;
  for (CgroupPath at = path; !at.is_root(); at = at.Parent()) {
    if (GlobMatches(glob, at.text())) return true;
  }
  return false;
}

std::map<CgroupPath, std::string> TemplatesOf(const std::vector<Action>& actions) {
  std::map<CgroupPath, std::string> templates;
  for (const Action& action : actions) {
    if (!action.reason.template_name.empty()) {
      templates.try_emplace(action.path, action.reason.template_name);
    }
  }
  return templates;
}

std::vector<PlanRow> MakeRows(const std::vector<Action>& actions, const RowOptions& options) {
  std::set<CgroupPath> created;
  for (const Action& action : actions) {
    if (std::holds_alternative<CreateCgroup>(action.kind)) created.insert(action.path);
  }
  std::vector<Item> items;
  for (const Action& action : actions) {
    auto item = MakeItem(action, created, options);
    if (item && IsSelected(item->row.path, options.cgroup_glob)) items.push_back(*std::move(item));
  }
  if (items.empty()) return {};
  return Together(std::move(items));
}

std::vector<PlanRow> SameRows(const Desired& desired,
                              const std::vector<Action>& actions,
                              const RowOptions& options) {
  std::set<std::pair<CgroupPath, std::string>> touched;
  for (const Action& action : actions) {
    if (const auto* set = std::get_if<SetFile>(&action.kind))
      touched.insert({action.path, set->file});
  }
  std::vector<Item> items;
  for (const auto& cgroup : desired.cgroups) {
    if (!IsSelected(cgroup.first, options.cgroup_glob)) continue;
    for (const auto& entry : cgroup.second.knobs) {
      if (touched.contains({cgroup.first, entry.first})) continue;
      const DesiredKnob& knob = entry.second;
      const std::string text = knob.knob == nullptr ? std::get<std::string>(knob.value)
                                                    : format::FormatKnob(*knob.knob, knob.value);
      Item item;
      item.row.kind = Kind::kSame;
      item.row.sign = '=';
      item.row.path = cgroup.first;
      item.row.key = Shown(entry.first);
      item.row.now = WithoutDevice(ValueText(knob.knob, text, options.raw), knob.note);
      item.row.why = Shown(knob.mark.FileLine());
      item.template_name = cgroup.second.template_name;
      items.push_back(std::move(item));
    }
  }
  if (items.empty()) return {};
  return Together(std::move(items));
}

}  // namespace reeve::show
