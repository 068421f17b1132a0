// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/options.h"
#include "core/base/text.h"
#include "core/policy/yaml_tree.h"

namespace reeve::daemon {
namespace {

using policy::Findings;
using policy::YamlNode;

constexpr std::array<std::string_view, 8> kKeys = {
    "root", "policy_dir", "facts_dir", "state_dir", "socket", "settle", "log_level", "web"};
constexpr std::array<std::string_view, 1> kWebKeys = {"listen_address"};

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

void ReadKey(const YamlNode& key, const YamlNode& value, Options& options, Findings& findings) {
  const std::string_view name = key.text();
  if (name == "policy_dir") return ReadDirs(key, value, options, findings);
  if (name == "web") return ReadWeb(value, options, findings);
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
