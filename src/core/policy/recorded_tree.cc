// SPDX-License-Identifier: Apache-2.0
#include "core/policy/recorded_tree.h"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/knob_text.h"
#include "core/policy/json_writer.h"
#include "core/policy/plain_amount.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kRootName = ".";
constexpr std::uint64_t kMostProcesses = 10'000'000;

std::string ShownIn(const CgroupPath& path, std::string_view key) {
  return fmt::format("`{}` of `{}`",
                     EscapeForTerminal(key),
                     path.is_root() ? std::string(kRootName) : EscapeForTerminal(path.text()));
}

class TreeReader {
 public:
  explicit TreeReader(Findings& findings) : findings_(findings) {}

  Observed Read(const YamlNode& map) && {
    for (std::size_t i = 0; i < map.size(); ++i) ReadEntry(map.Key(i), map.Value(i));
    Complete();
    return std::move(observed_);
  }

 private:
  void Wrong(const YamlNode& node, std::string message, std::string hint = "") {
    findings_.Error("R0114", node.mark(), std::move(message), std::move(hint));
  }

  void ReadEntry(const YamlNode& key, const YamlNode& value) {
    CgroupPath path;
    if (key.text() != kRootName) {
      const auto parsed = CgroupPath::Parse(key.text());
      if (!parsed.has_value() || parsed->is_root()) {
        findings_.Error("R0117",
                        key.mark(),
                        fmt::format("`{}` is no cgroup's path", EscapeForTerminal(key.text())),
                        "write web/workers, or . for the managed root");
        return;
      }
      path = *parsed;
    }
    if (!value.IsMap()) {
      Wrong(value,
            fmt::format("`{}` must be a map of files", EscapeForTerminal(key.text())),
            "web: {memory.max: max, memory.current: 5GiB}");
      return;
    }
    ObservedCgroup cgroup;
    std::optional<YamlNode> owner;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const YamlNode file = value.Key(i);
      if (file.text() == "owner") {
        owner = value.Value(i);
      } else {
        ReadFile(path, file, value.Value(i), cgroup);
      }
    }
    if (owner) ReadOwner(path, *owner, cgroup);
    if (path.is_root()) {
      observed_.root_subtree_control = cgroup.subtree_control;
      observed_.root_controllers = cgroup.controllers;
      observed_.root_processes = cgroup.processes;
    } else {
      observed_.cgroups[path] = std::move(cgroup);
    }
  }

  void ReadFile(const CgroupPath& path,
                const YamlNode& file,
                const YamlNode& value,
                ObservedCgroup& cgroup) {
    const std::string_view name = file.text();
    if (!value.IsScalar() && !value.IsNull()) {
      Wrong(value, fmt::format("{} must be the file's text", ShownIn(path, name)));
      return;
    }
    if (name == "cgroup.procs") {
      ReadProcesses(path, value, cgroup);
    } else if (name == "memory.current" || name == "pids.current") {
      const bool memory = name == "memory.current";
      const auto amount = ReadPlainAmount(memory ? "memory.max" : "pids.max", value);
      if (!amount) {
        findings_.Error("R0201",
                        value.mark(),
                        fmt::format("{} is no amount", ShownIn(path, name)),
                        memory ? "memory.current: 5GiB" : "pids.current: 120");
      }
      (memory ? cgroup.memory_current : cgroup.pids_current) = amount;
    } else if (name == "cgroup.subtree_control") {
      cgroup.subtree_control = ControllerSet::Parse(value.text());
    } else if (name == "cgroup.controllers") {
      cgroup.controllers = ControllerSet::Parse(value.text());
    } else if (name == "cgroup.type") {
      cgroup.type = value.text();
      cgroup.files[std::string(name)] = {cgroup.type, nullptr};
    } else if (name.find('.') == std::string_view::npos) {
      findings_.Error("R0101",
                      file.mark(),
                      fmt::format("`{}` is no interface file", EscapeForTerminal(name)),
                      "besides files there is only `owner`");
    } else {
      cgroup.files[std::string(name)] = {TextOf(path, name, value), nullptr};
    }
  }

  // As the kernel prints it; people may write amounts with their unit.
  std::string TextOf(const CgroupPath& path, std::string_view name, const YamlNode& value) {
    std::string text(value.text());
    const Knob* knob = FindKnob(name);
    if (knob == nullptr || format::ParseKnob(*knob, text).has_value()) return text;
    if (const auto amount = ReadPlainAmount(name, value)) return fmt::format("{}", *amount);
    findings_.Error("R0201",
                    value.mark(),
                    fmt::format("{} is nothing that the kernel prints", ShownIn(path, name)),
                    fmt::format("a fresh cgroup has {}", knob->default_text));
    return text;
  }

  void ReadProcesses(const CgroupPath& path, const YamlNode& value, ObservedCgroup& cgroup) {
    const auto count = ParseDecimal(value.text());
    if (!count || *count > kMostProcesses) {
      findings_.Error("R0201",
                      value.mark(),
                      fmt::format("{} takes how many there are", ShownIn(path, "cgroup.procs")),
                      "cgroup.procs: 3");
      return;
    }
    // Their numbers matter to nobody, but 0 would be a process of another pid namespace.
    cgroup.processes.emplace();
    for (std::uint64_t i = 1; i <= *count; ++i) {
      cgroup.processes->push_back(static_cast<std::int64_t>(i));
    }
  }

  void ReadOwner(const CgroupPath& path, const YamlNode& owner, ObservedCgroup& cgroup) {
    OwnerMark mark;
    mark.policy_path = path.text();
    if (owner.IsScalar() && (owner.text() == "created" || owner.text() == "governed")) {
      mark.created = owner.text() == "created";
      for (const auto& file : cgroup.files) mark.keys.emplace(file.first, "");
      cgroup.owner = std::make_shared<const OwnerMark>(std::move(mark));
      return;
    }
    const auto created = owner.IsMap() ? owner.Find("created") : std::nullopt;
    const auto keys = owner.IsMap() ? owner.Find("keys") : std::nullopt;
    if (!created || (created->text() != "true" && created->text() != "false") ||
        (keys && !keys->IsMap())) {
      Wrong(owner,
            fmt::format("{} is not understood", ShownIn(path, "owner")),
            "write created, governed, or {created: true, keys: {memory.max: \"\"}}");
      return;
    }
    mark.created = created->text() == "true";
    for (std::size_t i = 0; keys && i < keys->size(); ++i) {
      mark.keys.emplace(keys->Key(i).text(), keys->Value(i).text());
    }
    cgroup.owner = std::make_shared<const OwnerMark>(std::move(mark));
  }

  // Parents that were not named, and controllers that must be there for the files that are.
  void Complete() {
    std::vector<CgroupPath> named;
    for (const auto& entry : observed_.cgroups) named.push_back(entry.first);
    for (const CgroupPath& path : named) {
      for (CgroupPath above = path.Parent(); !above.is_root(); above = above.Parent()) {
        observed_.cgroups.try_emplace(above);
      }
    }
    CgroupId id = 1;
    for (auto& [path, cgroup] : observed_.cgroups) {
      cgroup.id = ++id;
      ControllerSet used = cgroup.subtree_control;
      if (cgroup.memory_current) used.Add(Controller::kMemory);
      if (cgroup.pids_current) used.Add(Controller::kPids);
      for (const auto& file : cgroup.files) {
        const Knob* knob = FindKnob(file.first);
        if (knob != nullptr && knob->controller != Controller::kCore) used.Add(knob->controller);
      }
      for (CgroupPath above = path; !above.is_root();) {
        above = above.Parent();
        ControllerSet& handed_down = above.is_root() ? observed_.root_subtree_control
                                                     : observed_.cgroups[above].subtree_control;
        handed_down = handed_down | used;
      }
    }
    observed_.root_controllers = observed_.root_controllers | observed_.root_subtree_control;
    for (auto& [path, cgroup] : observed_.cgroups) {
      const CgroupPath above = path.Parent();
      cgroup.controllers = above.is_root() ? observed_.root_subtree_control
                                           : observed_.cgroups[above].subtree_control;
    }
  }

  Observed observed_;
  Findings& findings_;
};

void WriteCgroup(const ObservedCgroup& cgroup, JsonWriter& json) {
  const auto member = [&](std::string_view key, std::string_view text) {
    if (IsValidUtf8(text)) json.Member(key, text);
  };
  json.BeginObject();
  if (cgroup.owner) {
    json.Key("owner");
    json.BeginObject();
    json.Key("created");
    json.Literal(cgroup.owner->created ? "true" : "false");
    json.Key("keys");
    json.BeginObject();
    for (const auto& [file, original] : cgroup.owner->keys) {
      if (IsValidUtf8(file)) member(file, original);
    }
    json.EndObject();
    json.EndObject();
  }
  if (!cgroup.subtree_control.empty()) {
    json.Member("cgroup.subtree_control", cgroup.subtree_control.ToString());
  }
  if (cgroup.type != "domain") json.Member("cgroup.type", cgroup.type);
  for (const auto& [file, seen] : cgroup.files) {
    const bool told = file == "cgroup.type" && cgroup.type != "domain";
    if (!seen.error && !told) member(file, seen.text);
  }
  const auto number = [&](std::string_view key, const std::optional<std::uint64_t>& value) {
    if (value) json.Member(key, fmt::format("{}", *value));
  };
  number("memory.current", cgroup.memory_current);
  number("pids.current", cgroup.pids_current);
  if (cgroup.processes) number("cgroup.procs", cgroup.processes->size());
  json.EndObject();
}

}  // namespace

Observed ReadRecordedTree(const YamlNode& map, Findings& findings) {
  return TreeReader(findings).Read(map);
}

std::string FormatRecordedTree(const Observed& observed) {
  JsonWriter json;
  json.BeginObject();
  ObservedCgroup root;
  root.subtree_control = observed.root_subtree_control;
  root.processes = observed.root_processes;
  json.Key(kRootName);
  WriteCgroup(root, json);
  for (const auto& [path, cgroup] : observed.cgroups) {
    if (!IsValidUtf8(path.text())) continue;
    json.Key(path.text());
    WriteCgroup(cgroup, json);
  }
  json.EndObject();
  return json.Take();
}

}  // namespace reeve::policy
