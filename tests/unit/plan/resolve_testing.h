// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/format/knob_text.h"
#include "core/plan/resolve.h"
#include "unit/policy/setting_parser_testing.h"

namespace reeve::plan {

// A merged policy in the words of a policy. Every call is a line of "test.yaml", counted from 1.
class TreeBuilder {
 public:
  TreeBuilder& Cgroup(std::string_view path) {
    Find(tree_.cgroups, path);
    return *this;
  }

  TreeBuilder& Set(std::string_view path, std::string file, std::string_view value) {
    Add(Find(tree_.cgroups, path).settings, policy::MakeSetting(std::move(file), value));
    return *this;
  }

  // A row for each pair of braces: strength of the place, then the fields.
  TreeBuilder& Rows(std::string_view path,
                    std::string file,
                    const std::vector<policy::Fields>& rows,
                    const std::vector<int>& strengths = {}) {
    Add(Find(tree_.cgroups, path).settings, policy::MakeRows(std::move(file), rows), strengths);
    return *this;
  }

  TreeBuilder& Raw(std::string_view path, std::string file, std::string_view value) {
    SettingText text = policy::MakeSetting(std::move(file), value);
    text.raw = true;
    Add(Find(tree_.cgroups, path).settings, std::move(text));
    return *this;
  }

  TreeBuilder& Self(std::string_view path, std::string file, std::string_view value) {
    const CgroupPath served = *CgroupPath::Parse(path);
    Find(tree_.cgroups, path);
    Add(tree_.self[served], policy::MakeSetting(std::move(file), value));
    return *this;
  }

  TreeBuilder& Observe(std::string_view path, std::string file, std::string_view value) {
    Add(Find(tree_.observed_only, path).settings, policy::MakeSetting(std::move(file), value));
    return *this;
  }

  TreeBuilder& NoAccount(std::string_view path) {
    Find(tree_.cgroups, path).account = false;
    return *this;
  }

  TreeBuilder& Require(std::string_view path, const std::string& file) {
    Find(tree_.cgroups, path).require[file] = SourceMark();
    return *this;
  }

  policy::MergedCgroup& At(std::string_view path) { return Find(tree_.cgroups, path); }

  const policy::MergedTree& tree() const { return tree_; }

 private:
  policy::MergedCgroup& Find(std::map<CgroupPath, policy::MergedCgroup>& cgroups,
                             std::string_view text) {
    const CgroupPath path = *CgroupPath::Parse(text);
    for (CgroupPath above = path; !above.is_root(); above = above.Parent()) {
      cgroups[above].path = above;
    }
    return cgroups[path];
  }

  void Add(std::map<std::string, policy::MergedSetting>& settings,
           SettingText text,
           const std::vector<int>& strengths = {}) {
    ++line_;
    text.key_mark.line = line_;
    text.value.mark.line = line_;
    for (RowText& row : text.rows) {
      row.mark.line = line_;
      for (auto& [key, value] : row.fields) key.mark.line = value.mark.line = line_;
    }
    policy::Findings findings;
    std::optional<Setting> setting = policy::ParseSetting(text, findings);
    ASSERT_TRUE(setting.has_value()) << policy::ShowFindings(findings, 1);
    if (auto* rows = std::get_if<std::vector<RowExpression>>(&setting->value)) {
      for (std::size_t i = 0; i < strengths.size(); ++i) (*rows)[i].strength = strengths[i];
    }
    settings[text.file].setting = *std::move(setting);
  }

  policy::MergedTree tree_;
  std::uint32_t line_ = 0;
};

// login03 of the mock-ups, with a little of everything.
inline HostFacts MakeFacts() {
  HostFacts facts;
  facts.host = "test";
  facts.kernel = "6.1.0-56-amd64";
  facts.cpus = 4;
  facts.memory = std::uint64_t{16} << 30;
  facts.swap = std::uint64_t{2} << 30;
  facts.max_tasks = 100'000;
  facts.controllers = {Controller::kCpuset,
                       Controller::kCpu,
                       Controller::kIo,
                       Controller::kMemory,
                       Controller::kPids};
  facts.devices["/dev/nvme0n1"] = {"259:0", "nvme0n1"};
  facts.devices["/dev/nvme0n1p2"] = {"259:0", "nvme0n1"};
  facts.devices["/dev/disk/by-id/nvme-X"] = {"259:0", "nvme0n1"};
  facts.devices["259:0"] = {"259:0", "nvme0n1"};
  facts.devices["/dev/sda"] = {"8:0", "sda"};
  facts.mounts["/"] = BlockDevice{"8:0", "sda"};
  facts.mounts["/srv"] = BlockDevice{"259:0", "nvme0n1"};
  facts.mounts["/run"] = std::nullopt;
  return facts;
}

// "web cpu.max=200000 100000 (note)", one knob a line; tables with " / " between their lines.
inline std::string ShowCgroups(const std::map<CgroupPath, DesiredCgroup>& cgroups) {
  std::string shown;
  for (const auto& [path, cgroup] : cgroups) {
    for (const auto& [file, knob] : cgroup.knobs) {
      std::string value = knob.knob == nullptr ? std::get<std::string>(knob.value)
                                               : format::FormatKnob(*knob.knob, knob.value);
      for (std::size_t at = value.find('\n'); at != std::string::npos; at = value.find('\n', at)) {
        value.replace(at, 1, " / ");
      }
      shown += fmt::format("{} {}={}", path.text(), file, value);
      if (!knob.note.empty()) shown += fmt::format(" ({})", knob.note);
      shown += "\n";
    }
  }
  return shown;
}

inline std::string ShowGaps(const std::vector<Gap>& gaps) {
  std::string shown;
  for (const Gap& gap : gaps) {
    shown += fmt::format("{}{} {} {}: {}\n",
                         gap.required ? "required " : "",
                         gap.kind == Gap::Kind::kPending ? "pending" : "unsupported",
                         gap.path.text(),
                         gap.file,
                         gap.reason);
  }
  return shown;
}

// "2:13 R0107: message | hint | 1: the other place"
inline std::string ShowPlaces(const policy::Findings& findings) {
  std::string shown;
  for (const policy::Diagnostic& d : findings.all()) {
    shown += fmt::format("{}{}:{} {}: {}",
                         d.severity == policy::Severity::kWarning ? "warning " : "",
                         d.mark.line,
                         d.mark.column,
                         d.code,
                         d.message);
    if (!d.hint.empty()) shown += " | " + d.hint;
    if (d.related) shown += fmt::format(" | {}: {}", d.related->mark.line, d.related->message);
    shown += "\n";
  }
  return shown;
}

struct Resolved {
  Desired desired;
  policy::Findings findings;

  std::string Knobs() const { return ShowCgroups(desired.cgroups); }

  std::string Gaps() const { return ShowGaps(desired.gaps); }

  std::string Places() const { return ShowPlaces(findings); }
};

inline Resolved ResolveHere(const TreeBuilder& builder, const HostFacts& facts = MakeFacts()) {
  Resolved resolved;
  resolved.desired = Resolve(builder.tree(), facts, resolved.findings);
  return resolved;
}

}  // namespace reeve::plan
