// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/model/knob_value.h"
#include "core/model/setting.h"
#include "core/plan/resolve_tree.h"
#include "core/policy/diagnostic.h"

// What a host lacks, and what its devices are called. What is not there is a gap, never a mistake of
// the policy.
namespace reeve::plan {

// The controllers that can be had below the managed root. All of them where nothing is known of the
// host's cgroups (neither controllers nor files), so that a policy can be judged anywhere.
ControllerSet UsableControllers(const HostFacts& facts);

// The controller a file belongs to; kCore for files that are there without any. For files the knob
// table does not know, by the name's first part.
Controller ControllerOf(const Setting& setting);

// Why a file cannot be in force on this host, in words; nullopt when it can.
std::optional<std::string> WhyUnsupported(const Setting& setting,
                                          const Node& node,
                                          const HostFacts& facts);

// A value that is there as far as the host goes.
struct Fitted {
  std::optional<KnobValue> value;  // nullopt: nothing of it can be in force now
  std::string note;                // "on 259:0, the disk of /srv"
  std::vector<Gap> gaps;           // path and required are left to the caller
  bool wrong = false;              // contradicts itself on this host, which is in the findings
};

// Rows by device number, or by name. Rows that turn out to be the same device are one; where two of
// them set a column, the stronger place counts, and equal ones that differ are an error.
Fitted FitRows(const Setting& setting, const HostFacts& facts, policy::Findings& findings);

// Those of the CPUs or memory nodes that are there.
Fitted FitIds(const Setting& setting, const HostFacts& facts);

}  // namespace reeve::plan
