// SPDX-License-Identifier: Apache-2.0
#include "core/policy/facts_reader.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/id_set.h"
#include "core/policy/condition.h"
#include "core/policy/field_reader.h"
#include "core/policy/plain_amount.h"
#include "core/policy/recorded_tree.h"
#include "core/policy/yaml_tree.h"

namespace reeve::policy {
namespace {

void Wrong(const YamlNode& node, std::string message, std::string hint, Findings& findings) {
  findings.Error("R0114", node.mark(), std::move(message), std::move(hint));
}

std::optional<std::string> ReadText(const YamlNode& node,
                                    std::string_view key,
                                    Findings& findings) {
  if (node.IsScalar()) return std::string(node.text());
  if (node.IsNull()) {
    findings.Error("R0116",
                   node.mark(),
                   fmt::format("`{}` has no value", EscapeForTerminal(key)),
                   "remove the line: a fact that is not there is false");
  } else {
    Wrong(node, fmt::format("`{}` must be a single value", EscapeForTerminal(key)), "", findings);
  }
  return std::nullopt;
}

// One value or a list of values.
std::vector<std::string> ReadTexts(const YamlNode& node, std::string_view key, Findings& findings) {
  std::vector<std::string> texts;
  if (node.IsSequence()) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (auto text = ReadText(node.Item(i), key, findings)) texts.push_back(std::move(*text));
    }
  } else if (node.IsMap()) {
    Wrong(node,
          fmt::format("`{}` must be a value or a list of values", EscapeForTerminal(key)),
          "write `role: web` or `role: [web, api]`",
          findings);
  } else if (auto text = ReadText(node, key, findings)) {
    texts.push_back(std::move(*text));
  }
  return texts;
}

// The one map of a file; nullopt with a finding, or without one for a file that says nothing.
std::optional<YamlNode> RootMap(const std::vector<YamlDocument>& documents, Findings& findings) {
  if (documents.empty()) return std::nullopt;
  if (documents.size() > 1) {
    Wrong(documents[1].root(), "a facts file holds one document only", "", findings);
  }
  const YamlNode root = documents[0].root();
  if (root.IsMap()) return root;
  if (!documents[0].truncated()) {
    Wrong(root, "a facts file must be a map of names and values", "write `role: web`", findings);
  }
  return std::nullopt;
}

}  // namespace

std::map<std::string, std::vector<std::string>> ReadOwnFacts(
    const std::vector<std::shared_ptr<const SourceFile>>& files, Findings& findings) {
  struct Known {
    std::vector<std::string> values;
    SourceMark mark;
  };

  std::map<std::string, Known> known;
  for (const auto& file : files) {
    const std::vector<YamlDocument> documents = ReadYaml(file, findings);
    const auto root = RootMap(documents, findings);
    if (!root) continue;
    FieldReader reader(findings, documents[0].truncated());
    for (std::size_t i = 0; i < root->size(); ++i) {
      const YamlNode key = root->Key(i);
      const std::string name(key.text());
      const std::string shown = EscapeForTerminal(name);
      if (IsBuiltInFact(name)) {
        findings.Error("R0134",
                       key.mark(),
                       fmt::format("`{}` is a fact that reeve finds out itself", shown),
                       fmt::format("give it another name, like `my_{}`", shown));
        continue;
      }
      if (!reader.JudgeName(name, key.mark(), "a fact", false)) continue;
      const std::size_t errors = findings.error_count();
      std::vector<std::string> values;
      for (Scalar& value : reader.Texts(root->Value(i), fmt::format("the fact `{}`", shown))) {
        values.push_back(std::move(value.text));
      }
      if (findings.error_count() != errors) continue;
      const auto [place, fresh] = known.try_emplace(name, Known{values, key.mark()});
      if (fresh || place->second.values == values) continue;
      Diagnostic& finding = findings.Error(
          "R0301",
          key.mark(),
          fmt::format("the fact `{}` is `{}` here and `{}` in {}",
                      shown,
                      EscapeForTerminal(fmt::format("{}", fmt::join(values, ", "))),
                      EscapeForTerminal(fmt::format("{}", fmt::join(place->second.values, ", "))),
                      place->second.mark.FileLine()),
          "several values of one fact are a list: `role: [web, api]`");
      finding.related = RelatedPlace{place->second.mark, "the other place"};
    }
  }
  std::map<std::string, std::vector<std::string>> facts;
  for (auto& [name, fact] : known) facts.emplace(name, std::move(fact.values));
  return facts;
}

namespace {

// Reads the members of a facts file, one by one.
class FactsReader {
 public:
  FactsReader(HostFacts& facts, Findings& findings) : facts_(facts), findings_(findings) {}

  void Read(const YamlNode& key, const YamlNode& value) {
    const std::string_view name = key.text();
    if (std::string* member = TextMember(name)) {
      if (auto text = ReadText(value, name, findings_)) *member = std::move(*text);
    } else if (std::uint64_t* amount = NumberMember(name)) {
      Number(name, value, *amount);
    } else if (name == "utc_offset") {
      Offset(value);
    } else if (name == "cpu_ids") {
      facts_.cpu_ids = Ids(name, value);
    } else if (name == "memory_nodes") {
      facts_.memory_nodes = Ids(name, value);
    } else if (name == "own") {
      ReadMap(name, value, [&](const std::string& fact, const YamlNode& node) {
        facts_.own[fact] = ReadTexts(node, fact, findings_);
      });
    } else if (name == "devices") {
      ReadMap(name, value, [&](const std::string& device, const YamlNode& node) {
        if (auto disk = Disk(device, node)) facts_.devices[device] = std::move(*disk);
      });
    } else if (name == "mounts") {
      ReadMap(name, value, [&](const std::string& mount, const YamlNode& node) {
        if (node.text() == "none") {
          facts_.mounts[mount] = std::nullopt;
        } else if (auto disk = Disk(mount, node)) {
          facts_.mounts[mount] = std::move(disk);
        }
      });
    } else if (name == "weighted_disks") {
      facts_.weighted_disks.emplace();
      for (std::string& disk : ReadTexts(value, name, findings_))
        facts_.weighted_disks->insert(std::move(disk));
    } else if (name == "units") {
      Units(value);
    } else if (name == "files") {
      for (std::string& file : ReadTexts(value, name, findings_))
        facts_.files.insert(std::move(file));
    } else if (name == "controllers") {
      for (const std::string& controller : ReadTexts(value, name, findings_)) {
        // One that this reeve does not know is left alone, here as on a host.
        if (const auto known = ControllerByName(controller)) facts_.controllers.Add(*known);
      }
    } else if (name == "limits_above") {
      ReadMap(name, value, [&](const std::string& file, const YamlNode& node) {
        if (auto limit = ReadText(node, file, findings_)) {
          facts_.limits_above[file] = std::move(*limit);
        }
      });
    } else {
      findings_.Warning("R0101",
                        key.mark(),
                        fmt::format("`{}` is no fact of this reeve", EscapeForTerminal(name)),
                        "one's own facts stand under `own`");
    }
  }

 private:
  std::string* TextMember(std::string_view name) {
    if (name == "host") return &facts_.host;
    if (name == "arch") return &facts_.arch;
    if (name == "kernel") return &facts_.kernel;
    if (name == "os") return &facts_.os;
    if (name == "virt") return &facts_.virt;
    if (name == "systemd") return &facts_.systemd;
    if (name == "reeve") return &facts_.reeve;
    if (name == "machine_id") return &facts_.machine_id;
    if (name == "boot_id") return &facts_.boot_id;
    return nullptr;
  }

  std::uint64_t* NumberMember(std::string_view name) {
    if (name == "cpus") return &facts_.cpus;
    if (name == "memory") return &facts_.memory;
    if (name == "max_tasks") return &facts_.max_tasks;
    if (name == "page_size") return &facts_.page_size;
    if (name == "swap") return &facts_.swap;
    return nullptr;
  }

  void Number(std::string_view name, const YamlNode& node, std::uint64_t& member) {
    const bool bytes = name == "memory" || name == "swap";
    const auto number = ReadPlainAmount(bytes ? "memory.max" : "", node);
    // Memory is rounded to pages with masks.
    const bool page =
        name != "page_size" || (number && *number != 0 && (*number & (*number - 1)) == 0);
    if (number && page) {
      member = *number;
      return;
    }
    findings_.Error("R0201",
                    node.mark(),
                    fmt::format("`{}` of `{}` is no {}",
                                EscapeForTerminal(node.text()),
                                name,
                                number ? "power of two" : "number"));
  }

  void Offset(const YamlNode& node) {
    constexpr std::int64_t kDay = 24 * 60 * 60;
    const auto number = ParseSignedDecimal(node.text());
    if (number && -kDay <= *number && *number <= kDay) {
      facts_.utc_offset = *number;
      return;
    }
    findings_.Error("R0201",
                    node.mark(),
                    fmt::format("`{}` of `utc_offset` is no number of seconds within a day",
                                EscapeForTerminal(node.text())));
  }

  std::optional<IdSet> Ids(std::string_view name, const YamlNode& node) {
    const auto text = ReadText(node, name, findings_);
    if (!text) return std::nullopt;
    auto ids = format::ParseIdSet(name, *text);
    if (ids.has_value()) return *std::move(ids);
    findings_.Error(
        "R0217",
        node.mark(),
        fmt::format("`{}` of `{}` is no list of numbers", EscapeForTerminal(*text), name),
        "write 0-3,8");
    return std::nullopt;
  }

  template <typename ReadOne>
  void ReadMap(std::string_view name, const YamlNode& node, const ReadOne& read) {
    if (!node.IsMap()) {
      Wrong(node, fmt::format("`{}` must be a map", name), "", findings_);
      return;
    }
    for (std::size_t i = 0; i < node.size(); ++i)
      read(std::string(node.Key(i).text()), node.Value(i));
  }

  // A map, or a list of names of which no more is known.
  void Units(const YamlNode& node) {
    if (!node.IsMap()) {
      for (std::string& unit : ReadTexts(node, "units", findings_)) {
        facts_.units.try_emplace(std::move(unit));
      }
      return;
    }
    ReadMap("units", node, [&](const std::string& unit, const YamlNode& fields) {
      UnitFact& fact = facts_.units[unit];
      ReadMap(unit, fields, [&](const std::string& key, const YamlNode& value) {
        Unit(key, value, fact);
      });
    });
  }

  void Unit(const std::string& key, const YamlNode& value, UnitFact& fact) {
    if (key == "groups") {
      for (std::string& group : ReadTexts(value, key, findings_)) {
        fact.groups.insert(std::move(group));
      }
      return;
    }
    if (key == "limits") {
      ReadMap(key, value, [&](const std::string& file, const YamlNode& node) {
        if (auto limit = ReadText(node, file, findings_)) fact.limits[file] = std::move(*limit);
      });
      return;
    }
    const auto text = ReadText(value, key, findings_);
    if (!text) return;
    const bool word = *text == "true" || *text == "false";
    const auto number = ParseDecimal(*text);
    if (key == "slice") {
      fact.slice = *text;
    } else if (key == "user") {
      fact.user = *text;
    } else if (key == "active" && word) {
      fact.active = *text == "true";
    } else if (key == "uid" && number) {
      fact.uid = *number;
    } else if (key == "active" || key == "uid") {
      Wrong(value,
            fmt::format("`{}` of `{}` is no {}",
                        EscapeForTerminal(*text),
                        key,
                        key == "uid" ? "number" : "true or false"),
            "",
            findings_);
    }
  }

  std::optional<BlockDevice> Disk(const std::string& name, const YamlNode& node) {
    const auto number = node.Find("number");
    const auto kernel_name = node.Find("name");
    if (!number || !number->IsScalar()) {
      Wrong(node,
            fmt::format("`{}` must be a disk", EscapeForTerminal(name)),
            "write {number: \"8:0\", name: sda}",
            findings_);
      return std::nullopt;
    }
    return BlockDevice{std::string(number->text()),
                       kernel_name ? std::string(kernel_name->text()) : std::string()};
  }

  HostFacts& facts_;
  Findings& findings_;
};

}  // namespace

HostFacts ReadFactsFile(const std::shared_ptr<const SourceFile>& file, Findings& findings) {
  return ReadRecordedHost(file, findings).facts;
}

RecordedHost ReadRecordedHost(const std::shared_ptr<const SourceFile>& file, Findings& findings) {
  RecordedHost host;
  const std::vector<YamlDocument> documents = ReadYaml(file, findings);
  const auto root = RootMap(documents, findings);
  if (!root) return host;
  ReadFactsMap(*root, host.facts, findings);
  const auto tree = root->Find("tree");
  if (!tree) return host;
  if (tree->IsMap()) {
    host.tree = ReadRecordedTree(*tree, findings);
  } else {
    Wrong(*tree, "`tree` must be a map of cgroups", "", findings);
  }
  return host;
}

void ReadFactsMap(const YamlNode& map, HostFacts& facts, Findings& findings) {
  FactsReader reader(facts, findings);
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (map.Key(i).text() != "tree") reader.Read(map.Key(i), map.Value(i));
  }
}

}  // namespace reeve::policy
