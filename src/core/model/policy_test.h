// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/model/observed.h"
#include "core/model/plan.h"
#include "core/model/policy.h"
#include "core/model/source_mark.h"

namespace reeve {

// What one interface file of one cgroup shall hold on the test's host.
struct ExpectedSetting {
  SettingText setting;
  bool absent = false;       // nothing shall be set
  bool kernel_text = false;  // a table as the kernel prints it, not as rows
};

// What one cgroup shall be like.
struct ExpectedCgroup {
  Scalar path;          // a pattern where `absent`
  bool absent = false;  // none of that name shall be described
  std::vector<ExpectedSetting> settings;
};

struct ExpectedFinding {
  SourceMark mark;
  std::string code;
  std::string file;  // "" = in any; else its path, or the end of it
  std::optional<std::uint64_t> line;
};

struct ExpectedGap {
  SourceMark mark;
  std::string cgroup;
  std::string key;
  std::optional<Gap::Kind> kind;  // nullopt: either
};

// A !class of the plan, or with `held` a write that is not done now.
struct ExpectedCare {
  SourceMark mark;
  std::optional<Danger> danger;  // always there unless held
  std::optional<std::string> cgroup;
  std::string key;  // "" = any
};

// A list that is absent is not looked at; one that is there, even if empty, is complete.
struct Expectations {
  SourceMark mark;
  std::vector<ExpectedCgroup> cgroups;
  std::vector<ExpectedCgroup> units;  // of systemd, by name
  bool nothing_else = false;  // no cgroup, unit and key besides those of `cgroups` and `units`
  SourceMark nothing_else_mark;
  std::optional<std::vector<ExpectedFinding>> findings;
  std::optional<std::vector<ExpectedGap>> gaps;
  std::optional<std::vector<ExpectedCare>> care;
  std::optional<std::vector<ExpectedCare>> held;
  SourceMark findings_mark, gaps_mark, care_mark, held_mark;  // of the lists
  std::optional<bool> as_described;
  SourceMark as_described_mark;

  // Whether a plan is needed to judge them.
  bool NeedsPlan() const { return care || held || as_described; }
};

// What policies are expected to mean on one host. Judged without that host.
struct PolicyTest {
  SourceMark mark;
  std::string name;
  std::string why;
  std::vector<Scalar> policies;     // files and directories, relative to the test's file
  std::string host;                 // the file that describes the host, as written; "" = none
  std::vector<Scalar> paths;        // what for_each: {path: ...} finds there
  std::optional<std::int64_t> now;  // seconds since the epoch; nullopt = the present
  HostFacts facts;
  std::optional<Observed> tree;  // what is there before; nullopt = nobody says
  Expectations expect;
};

}  // namespace reeve
