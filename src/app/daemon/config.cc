// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/daemon/options.h"
#include "app/daemon/slice_values.h"
#include "core/base/text.h"
#include "core/policy/plain_amount.h"
#include "core/policy/yaml_tree.h"

namespace reeve::daemon {
namespace {

using policy::Findings;
using policy::YamlNode;

constexpr std::array<std::string_view, 13> kKeys = {"root",
                                                    "policy_dir",
                                                    "facts_dir",
                                                    "state_dir",
                                                    "socket",
                                                    "settle",
                                                    "log_level",
                                                    "web",
                                                    "take_up",
                                                    "guards",
                                                    "tell_terminal",
                                                    "nested",
                                                    "tree"};
constexpr std::array<std::string_view, 1> kWebKeys = {"listen_address"};
constexpr std::array<std::string_view, 4> kGuardKeys = {
    "max_remove", "max_change", "max_move", "at_least"};

void UnknownKey(const YamlNode& key, std::span<const std::string_view> known, Findings& findings) {
  const auto near = NearestSpelling(key.text(), known);
  findings.Error("R0101",
                 key.mark(),
                 fmt::format("unknown key `{}`", key.text()),
                 near ? fmt::format("did you mean `{}`?", *near) : "");
}

// A text that is there and is one; an empty one is a finding.
std::optional<std::string> Text(const YamlNode& key, const YamlNode& value, Findings& findings) {
  if (value.IsScalar() && !value.text().empty()) return std::string(value.text());
  findings.Error("R0114", value.mark(), fmt::format("`{}` needs a text", key.text()));
  return std::nullopt;
}

void ReadDirs(const YamlNode& key, const YamlNode& value, Options& options, Findings& findings) {
  std::vector<std::string> dirs;
  if (value.IsSequence()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (auto dir = Text(key, value.Item(i), findings)) dirs.push_back(*std::move(dir));
    }
  } else if (auto dir = Text(key, value, findings)) {
    dirs.push_back(*std::move(dir));
  }
  options.policy_dirs = std::move(dirs);
}

void ReadWeb(const YamlNode& value, Options& options, Findings& findings) {
  if (!value.IsMap()) {
    findings.Error("R0114",
                   value.mark(),
                   "`web` needs keys of its own",
                   "web: {listen_address: 127.0.0.1:9797}");
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const YamlNode key = value.Key(i);
    if (key.text() != "listen_address") {
      UnknownKey(key, kWebKeys, findings);
    } else if (const auto text = Text(key, value.Value(i), findings)) {
      if (IsListenAddress(*text)) {
        options.listen_address = *text;
      } else {
        findings.Error("R0114", value.Value(i).mark(), "this is not ADDRESS:PORT");
      }
    }
  }
}

// "5 %", "5%" or 5: a share of all; `at_least` is a number of things.
void ReadGuard(const YamlNode& key, const YamlNode& value, Options& options, Findings& findings) {
  std::string_view text = value.IsScalar() ? value.text() : std::string_view();
  if (key.text() != "at_least" && text.ends_with('%')) {
    text.remove_suffix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
  }
  const auto number = ParseDecimal(text);
  const std::uint64_t most = key.text() == "at_least" ? 1'000'000 : 100;
  if (!number || *number > most) {
    findings.Error("R0114",
                   value.mark(),
                   fmt::format("`{}` needs a number from 0 to {}", key.text(), most),
                   key.text() == "at_least" ? "" : "25 %");
    return;
  }
  if (key.text() == "max_remove") options.guards.max_remove = static_cast<unsigned>(*number);
  if (key.text() == "max_change") options.guards.max_change = static_cast<unsigned>(*number);
  if (key.text() == "max_move") options.guards.max_move = static_cast<unsigned>(*number);
  if (key.text() == "at_least") options.guards.at_least = *number;
}

void ReadGuards(const YamlNode& value, Options& options, Findings& findings) {
  if (!value.IsMap()) {
    findings.Error(
        "R0114", value.mark(), "`guards` needs keys of its own", "guards: {max_remove: 5 %}");
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const YamlNode key = value.Key(i);
    if (std::find(kGuardKeys.begin(), kGuardKeys.end(), key.text()) == kGuardKeys.end()) {
      UnknownKey(key, kGuardKeys, findings);
    } else {
      ReadGuard(key, value.Value(i), options, findings);
    }
  }
}

// `delegate: [hugetlb, rdma]`: of those that systemd does not hand down by itself.
void ReadDelegate(const YamlNode& value, HomeOptions& options, Findings& findings) {
  constexpr ControllerSet kUnknownToSystemd = {
      Controller::kHugetlb, Controller::kRdma, Controller::kMisc, Controller::kDmem};
  ControllerSet read;
  bool fits = value.IsSequence();
  for (std::size_t i = 0; fits && i < value.size(); ++i) {
    const YamlNode item = value.Item(i);
    const auto controller = item.IsScalar() ? ControllerByName(item.text()) : std::nullopt;
    fits = controller && kUnknownToSystemd.Has(*controller);
    if (fits) read.Add(*controller);
  }
  if (fits) {
    options.delegate = read;
  } else {
    findings.Error("R0209",
                   value.mark(),
                   "`delegate` is a list of hugetlb, rdma, misc and dmem; systemd hands down the "
                   "others by itself",
                   "delegate: [hugetlb]");
  }
}

void ReadSliceValue(const YamlNode& key,
                    const YamlNode& value,
                    HomeOptions& options,
                    Findings& findings) {
  constexpr std::uint64_t kLightest = 1;
  constexpr std::uint64_t kHeaviest = 10'000;
  const bool weight = key.text().ends_with(".weight");
  const auto number = policy::ReadPlainAmount(key.text(), value);
  if (number && (!weight || (*number >= kLightest && *number <= kHeaviest))) {
    options.values[std::string(key.text())] = *number;
    return;
  }
  findings.Error("R0114",
                 value.mark(),
                 weight ? fmt::format("`{}` needs a number from 1 to 10000", key.text())
                        : fmt::format("`{}` needs an amount of memory", key.text()),
                 weight ? "200" : "4GiB");
}

void ReadTree(const YamlNode& value, HomeOptions& options, Findings& findings) {
  std::vector<std::string_view> known = SliceKeys();
  known.emplace_back("delegate");
  if (!value.IsMap()) {
    findings.Error(
        "R0114", value.mark(), "`tree` needs keys of its own", "tree: {cpu.weight: 200}");
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const YamlNode key = value.Key(i);
    if (std::find(known.begin(), known.end(), key.text()) == known.end()) {
      UnknownKey(key, known, findings);
    } else if (key.text() == "delegate") {
      ReadDelegate(value.Value(i), options, findings);
    } else {
      ReadSliceValue(key, value.Value(i), options, findings);
    }
  }
}

void ReadTakeUp(const YamlNode& value, Options& options, Findings& findings) {
  const std::string_view text = value.IsScalar() ? value.text() : std::string_view();
  if (text == "auto") {
    options.take_up = engine::TakeUp::kAuto;
  } else if (text == "reload") {
    options.take_up = engine::TakeUp::kReload;
  } else {
    findings.Error("R0209", value.mark(), "`take_up` is `auto` or `reload`");
  }
}

void ReadSwitch(const YamlNode& key, const YamlNode& value, bool& option, Findings& findings) {
  const std::string_view text = value.IsScalar() ? value.text() : std::string_view();
  if (text == "true" || text == "false") {
    option = text == "true";
  } else {
    findings.Error("R0209", value.mark(), fmt::format("`{}` is `true` or `false`", key.text()));
  }
}

void ReadKey(const YamlNode& key, const YamlNode& value, Options& options, Findings& findings) {
  const std::string_view name = key.text();
  if (name == "policy_dir") return ReadDirs(key, value, options, findings);
  if (name == "web") return ReadWeb(value, options, findings);
  if (name == "tree") return ReadTree(value, options.tree, findings);
  if (name == "guards") return ReadGuards(value, options, findings);
  if (name == "take_up") return ReadTakeUp(value, options, findings);
  if (name == "tell_terminal") return ReadSwitch(key, value, options.tell_terminal, findings);
  if (name == "nested") return ReadSwitch(key, value, options.nested, findings);
  const auto text = Text(key, value, findings);
  if (!text) return;
  if (name == "root") options.root = *text;
  if (name == "facts_dir") options.facts_dir = *text;
  if (name == "state_dir") options.state_dir = *text;
  if (name == "socket") options.socket = *text;
  if (name == "settle") {
    if (const auto settle = ParseDuration(*text)) {
      options.settle = *settle;
    } else {
      findings.Error("R0220", value.mark(), "this is not a duration", "2s, 500ms or 1m");
    }
  }
  if (name == "log_level") {
    if (const auto level = io::LogLevelByName(*text)) {
      options.log_level = *level;
    } else {
      findings.Error("R0209", value.mark(), "unknown level", "debug, info, warning or error");
    }
  }
}

}  // namespace

void ReadConfig(const std::shared_ptr<const SourceFile>& file,
                Options& options,
                Findings& findings) {
  for (const policy::YamlDocument& document : policy::ReadYaml(file, findings)) {
    const YamlNode root = document.root();
    if (!root.IsMap()) {
      findings.Error(
          "R0114", root.mark(), "options are keys with values", "root: /sys/fs/cgroup/reeve");
      continue;
    }
    for (std::size_t i = 0; i < root.size(); ++i) {
      const YamlNode key = root.Key(i);
      if (std::find(kKeys.begin(), kKeys.end(), key.text()) == kKeys.end()) {
        UnknownKey(key, kKeys, findings);
      } else {
        ReadKey(key, root.Value(i), options, findings);
      }
    }
  }
}

std::optional<Usec> ParseDuration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 3> kUnits = {
      {{"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}}};
  constexpr std::uint64_t kLongest = 86'400'000'000;
  for (const auto& [unit, usec] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto number = ParseDecimal(text.substr(0, text.size() - unit.size()));
    if (number && *number <= kLongest / usec) return Usec(*number * usec);
  }
  return std::nullopt;
}

bool IsListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = ParseDecimal(text.substr(colon + 1));
  const std::string_view address = text.substr(0, colon);
  const bool bare_ipv6 = address.find(':') != std::string_view::npos && !address.starts_with('[');
  return port && *port >= 1 && *port <= 65535 && !bare_ipv6;
}

}  // namespace reeve::daemon
