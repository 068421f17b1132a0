// SPDX-License-Identifier: Apache-2.0
// Verbs that tell what this tool and this host can do: help, schema, facts, version.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/ask_daemon.h"
#include "app/cli/complain.h"
#include "app/cli/offline.h"
#include "app/cli/verbs.h"
#include "app/show/human.h"
#include "app/show/render_diagnostic.h"
#include "app/show/screen.h"
#include "app/show/table.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/format/id_set.h"
#include "core/policy/facts_reader.h"
#include "core/policy/reference.h"

namespace reeve::cli {
namespace {

std::string ListOf(const auto& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text.empty() ? "-" : Shown(text);
}

std::string OrDash(const std::string& text) {
  return text.empty() ? "-" : Shown(text);
}

std::string RenderFacts(const HostFacts& facts) {
  std::vector<TableLine> lines;
  const auto add = [&](std::string name, std::string value) {
    lines.push_back({{std::move(name), std::move(value)}});
  };
  add("host", OrDash(facts.host));
  add("arch", OrDash(facts.arch));
  add("kernel", OrDash(facts.kernel));
  add("os", OrDash(facts.os));
  add("virt", OrDash(facts.virt));
  add("systemd", OrDash(facts.systemd));
  add("reeve", OrDash(facts.reeve));
  const auto numbered = [](const std::optional<IdSet>& ids) {
    return ids ? format::FormatIdSet(*ids) : std::string("-");
  };
  add("cpus", fmt::format("{}", facts.cpus));
  add("cpu_ids", numbered(facts.cpu_ids));
  add("memory_nodes", numbered(facts.memory_nodes));
  add("memory", HumanBytes(facts.memory));
  add("swap", HumanBytes(facts.swap));
  add("max_tasks", fmt::format("{}", facts.max_tasks));
  for (const auto& fact : facts.own) add(Shown(fact.first), ListOf(fact.second));
  add("controllers", OrDash(facts.controllers.ToString()));
  add("files",
      facts.files.empty() ? "all are taken to exist"
                          : Count(facts.files.size(), "interface file") + " (-o json)");
  for (const auto& limit : facts.limits_above) {
    add("above: " + Shown(limit.first), Shown(HumanText(FindKnob(limit.first), limit.second)));
  }
  std::vector<std::string> disks;
  for (const auto& device : facts.devices) {
    std::string disk = device.second.name + "=" + device.second.number;
    if (std::find(disks.begin(), disks.end(), disk) == disks.end())
      disks.push_back(std::move(disk));
  }
  add("disks", ListOf(disks));
  if (!facts.units.empty()) {
    add("units", Count(facts.units.size(), "loaded unit") + " (-o json)");
  }
  for (const auto& mount : facts.mounts) {
    if (mount.second)
      add("mount " + Shown(mount.first), Shown(mount.second->name + "=" + mount.second->number));
  }
  return LayOut(lines, {Align::kLeft, Align::kLeft});
}

// All topics by kind, so that one is found by looking.
std::string RenderTopics(const std::vector<std::string>& topics) {
  std::string files;
  std::string keys;
  std::string codes;
  for (const std::string& topic : topics) {
    const bool is_code =
        topic.size() == 5 && topic[0] == 'R' && ParseDecimal("1" + topic.substr(1)).has_value();
    std::string& list = is_code ? codes : topic.find('.') != std::string::npos ? files : keys;
    list += (list.empty() ? "" : is_code ? " " : ", ") + topic;
  }
  constexpr std::size_t kWidth = 80;
  return "`reevectl help TOPIC` explains\n\n" + Hanging("interface files  ", files, kWidth) + "\n" +
         Hanging("keys, chapters   ", keys, kWidth) + "\n" +
         Hanging("codes            ", codes, kWidth);
}

int Help(const std::string& topic, Output& output) {
  if (topic.empty()) {
    if (!output.is_table()) {
      output.PrintValue(Json(policy::HelpTopics()));
      return kDone;
    }
    output.Print(RenderTopics(policy::HelpTopics()));
    return kDone;
  }
  const std::string text = policy::HelpText(topic);
  if (text.empty()) {
    const std::string near = policy::NearestHelpTopic(topic);
    Complain(output,
             fmt::format("no help on `{}`", Shown(topic)),
             near.empty() ? "reevectl help" : "reevectl help " + near);
    return kNotFound;
  }
  if (output.is_table()) {
    output.Print(text);
  } else {
    output.PrintValue(Json{{"topic", topic}, {"text", text}});
  }
  return kDone;
}

}  // namespace

void AddUnits(const TreeOptions& options, OfflineHost& host, Output& output) {
  if (host.facts().systemd.empty()) return;
  auto units = UnitsFromDaemon({options.output, options.socket, options.config});
  if (units && !units->empty()) {
    host.SetUnits(*std::move(units));
    return;
  }
  output.Complain(Hanging("note: ",
                          units ? "which units of systemd are loaded is not known: the daemon asks "
                                  "as soon as a policy has `units:`"
                                : "which units of systemd are loaded is not known: no daemon could "
                                  "be asked"));
}

int Facts(const TreeOptions& options, Output& output) {
  const HostConfig config = ReadHostConfig(options.config);
  const std::string root = options.root.empty() ? config.root : options.root;
  auto host = OfflineHost::Open(root, config.facts_dir);
  // A root that is only configured may not be there yet; the host has facts all the same.
  if (!host.has_value() && options.root.empty()) host = OfflineHost::Open("", config.facts_dir);
  if (!host.has_value()) {
    Complain(output, host.error());
    return CodeOfRootError(host.error());
  }
  output.Complain(RenderFindings(host->facts_findings().all(), Paint(output.color_err())));
  for (const std::string& note : host->notes()) output.Complain(Hanging("note: ", Shown(note)));
  AddUnits(options, *host, output);
  if (output.is_table()) {
    output.Print(RenderFacts(host->facts()));
  } else {
    output.PrintValue(Json::parse(policy::FormatFactsJson(host->facts())));
  }
  return host->facts_findings().has_errors() ? kFailed : kDone;
}

int RunFacts(const TreeOptions& options) {
  Output output(options.output);
  return output.Finish(Facts(options, output));
}

int RunHelp(const OutputOptions& options, const std::string& topic) {
  Output output(options);
  return output.Finish(Help(topic, output));
}

int RunSchema(const OutputOptions& options) {
  Output output(options);
  if (options.format == Format::kYaml) {
    output.PrintValue(Json::parse(policy::JsonSchema()));
  } else {
    output.Print(policy::JsonSchema());
  }
  return output.Finish(kDone);
}

int RunVersion(const OutputOptions& options) {
  Output output(options);
  if (output.is_table()) {
    output.Print(fmt::format("reevectl {}\n", kVersion));
  } else {
    output.PrintValue(Json{{"reevectl", kVersion}});
  }
  return output.Finish(kDone);
}

}  // namespace reeve::cli
