// SPDX-License-Identifier: Apache-2.0
// Written by hand because core has no JSON library, and because this way the printer lies beside
// the reader that must understand it.
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/id_set.h"
#include "core/policy/facts_reader.h"

namespace reeve::policy {
namespace {

// A JSON text. YAML, as which it is read back, knows the same escapes.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

class JsonWriter {
 public:
  void Text(std::string_view key, std::string_view text) {
    if (!text.empty() && IsValidUtf8(text)) Member(key, Quoted(text));
  }

  void Number(std::string_view key, std::int64_t number) { Member(key, fmt::format("{}", number)); }

  void Amount(std::string_view key, std::uint64_t number) {
    Member(key, fmt::format("{}", number));
  }

  template <typename Names, typename TextOf>
  void List(std::string_view key, const Names& names, const TextOf& text_of) {
    std::string list;
    for (const auto& name : names) Append(list, text_of(name), "");
    Member(key, fmt::format("[{}]", list));
  }

  // `value_of` gives JSON; an entry whose name is no UTF-8 is left out.
  template <typename Map, typename ValueOf>
  void Object(std::string_view key, const Map& map, const ValueOf& value_of) {
    std::string members;
    for (const auto& [name, value] : map) Append(members, name, value_of(value));
    Member(key, members.empty() ? "{}" : fmt::format("{{{}\n  }}", members));
  }

  std::string Done() { return fmt::format("{{{}\n}}\n", json_); }

 private:
  // Adds NAME or, with a value, a line NAME: VALUE.
  static void Append(std::string& to, std::string_view name, std::string_view value) {
    if (!IsValidUtf8(name)) return;
    if (!to.empty()) to += value.empty() ? ", " : ",";
    to += value.empty() ? Quoted(name) : fmt::format("\n    {}: {}", Quoted(name), value);
  }

  void Member(std::string_view key, std::string_view json) {
    if (!json_.empty()) json_ += ',';
    json_ += fmt::format("\n  \"{}\": {}", key, json);
  }

  std::string json_;
};

std::string DiskJson(const BlockDevice& disk) {
  return fmt::format("{{\"number\": {}, \"name\": {}}}", Quoted(disk.number), Quoted(disk.name));
}

std::string UnitJson(const UnitFact& unit) {
  std::string members;
  const auto add = [&](std::string_view key, const std::string& json) {
    members += fmt::format("{}\"{}\": {}", members.empty() ? "" : ", ", key, json);
  };
  if (!unit.slice.empty() && IsValidUtf8(unit.slice)) add("slice", Quoted(unit.slice));
  add("active", unit.active ? "true" : "false");
  if (unit.uid) add("uid", fmt::format("{}", *unit.uid));
  if (!unit.user.empty() && IsValidUtf8(unit.user)) add("user", Quoted(unit.user));
  std::string groups;
  for (const std::string& group : unit.groups) {
    if (IsValidUtf8(group)) groups += (groups.empty() ? "" : ", ") + Quoted(group);
  }
  if (!groups.empty()) add("groups", fmt::format("[{}]", groups));
  std::string limits;
  for (const auto& [file, text] : unit.limits) {
    limits += fmt::format("{}{}: {}", limits.empty() ? "" : ", ", Quoted(file), Quoted(text));
  }
  if (!limits.empty()) add("limits", fmt::format("{{{}}}", limits));
  return fmt::format("{{{}}}", members);
}

}  // namespace

std::string FormatFactsJson(const HostFacts& facts) {
  JsonWriter json;
  json.Text("host", facts.host);
  json.Text("arch", facts.arch);
  json.Text("kernel", facts.kernel);
  json.Text("os", facts.os);
  json.Text("virt", facts.virt);
  json.Text("systemd", facts.systemd);
  json.Text("reeve", facts.reeve);
  json.Text("machine_id", facts.machine_id);
  json.Text("boot_id", facts.boot_id);
  json.Number("utc_offset", facts.utc_offset);
  json.Amount("cpus", facts.cpus);
  if (facts.cpu_ids) json.Text("cpu_ids", format::FormatIdSet(*facts.cpu_ids));
  if (facts.memory_nodes) json.Text("memory_nodes", format::FormatIdSet(*facts.memory_nodes));
  json.Amount("memory", facts.memory);
  json.Amount("max_tasks", facts.max_tasks);
  json.Amount("page_size", facts.page_size);
  json.Amount("swap", facts.swap);
  json.Object("own", facts.own, [](const std::vector<std::string>& values) {
    std::string list;
    for (const std::string& value : values) {
      if (IsValidUtf8(value)) list += (list.empty() ? "" : ", ") + Quoted(value);
    }
    return fmt::format("[{}]", list);
  });
  json.Object("devices", facts.devices, DiskJson);
  json.Object("mounts", facts.mounts, [](const std::optional<BlockDevice>& disk) {
    return disk ? DiskJson(*disk) : "\"none\"";
  });
  const auto itself = [](const std::string& text) { return std::string_view(text); };
  if (facts.weighted_disks) json.List("weighted_disks", *facts.weighted_disks, itself);
  json.Object("units", facts.units, UnitJson);
  json.List("controllers", facts.controllers.List(), ControllerName);
  json.List("files", facts.files, itself);
  json.Object(
      "limits_above", facts.limits_above, [](const std::string& text) { return Quoted(text); });
  return json.Done();
}

}  // namespace reeve::policy
