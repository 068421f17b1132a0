// SPDX-License-Identifier: Apache-2.0
#include "support/policy_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/policy/load.h"
#include "support/findings_text.h"

namespace reeve::testing {
namespace {

using Settings = std::map<std::string, policy::MergedSetting>;

std::string SettingsText(const Settings& settings) {
  std::string text;
  for (const auto& [file, merged] : settings) {
    if (!text.empty()) text += "; ";
    text += fmt::format("{}={}", file, merged.setting.written);
    for (const SourceMark& mark : merged.overridden)
      text += fmt::format(" (over {})", mark.FileLine());
  }
  return text;
}

std::string CgroupText(const policy::MergedCgroup& cgroup) {
  std::string text = cgroup.path.text();
  if (!cgroup.template_name.empty()) text += fmt::format(" ({})", cgroup.template_name);
  text += ':';
  if (!cgroup.settings.empty()) text += ' ' + SettingsText(cgroup.settings);
  if (!cgroup.labels.empty()) text += " |";
  for (const auto& [label, value] : cgroup.labels) text += fmt::format(" {}={}", label, value);
  return text + '\n';
}

}  // namespace

std::string TreeText(const policy::MergedTree& tree) {
  std::string text;
  for (const auto& [path, cgroup] : tree.cgroups) text += CgroupText(cgroup);
  for (const auto& [path, settings] : tree.self) {
    text += fmt::format("@{}: {}\n", path.text(), SettingsText(settings));
  }
  for (const auto& [path, cgroup] : tree.observed_only) text += '~' + CgroupText(cgroup);
  return text;
}

World& World::Policy(std::string_view body, std::string metadata, int layer) {
  const std::string name = fmt::format("{}.yaml", static_cast<char>('a' + files.size()));
  files.push_back(TextFile(
      name,
      fmt::format(
          "apiVersion: reeve/v1\nkind: Policy\nmetadata: {{{}}}\n{}", std::move(metadata), body),
      layer));
  return *this;
}

World& World::Data(const std::string& name, std::string_view text) {
  data.files[name] = TextFile(name, text);
  return *this;
}

void World::Expand() {
  findings = policy::Findings();
  const reeve::Policy read = policy::LoadPolicy(files, findings);
  ASSERT_FALSE(findings.has_errors()) << FindingsText(findings);
  tree = policy::Expand(read, facts, data, now, findings);
}

std::string World::Tree() {
  Expand();
  EXPECT_EQ(FindingsText(findings), "");
  return TreeText(tree);
}

std::string World::Wrong() {
  Expand();
  return FindingsText(findings);
}

}  // namespace reeve::testing
