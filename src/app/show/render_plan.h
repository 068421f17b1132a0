// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/show/exit_code.h"
#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/base/error.h"
#include "core/model/plan.h"
#include "core/model/source_mark.h"

namespace reeve::show {

// Table lines of a plan without --full: what fits on one screen beside the rest.
inline constexpr std::size_t kPlanLines = 30;

// A plan with what is said around it.
struct PlanPaper {
  std::string host;
  std::string root;                // the managed root's absolute path
  std::vector<std::string> files;  // the policies' names
  std::string policy_hash;
  const Plan* plan = nullptr;
  const Desired* desired = nullptr;   // for `=` rows; nullptr: none
  std::vector<Error> observe_errors;  // what could not be read
  std::string next;                   // the command to type next; "" = none
};

struct PlanView {
  bool full = false;
  bool raw = false;
  std::string cgroup_glob;
};

// The plan as people read it; never empty, ends with a newline.
std::string RenderPlan(const PlanPaper& paper, const PlanView& view, const Paint& paint);

// Held writes, drift that stays, foreseen refusals and gaps, each under its heading; "" when there are none. Also
// part of apply and status.
std::string RenderHeld(const Plan& plan, const PlanView& view);
std::string RenderDrifted(const Plan& plan, const PlanView& view);
std::string RenderRefusals(const Plan& plan, const PlanView& view);
std::string RenderGaps(const Plan& plan, const PlanView& view);

// "5 cgroups, 2 units, 12 values": what is wanted.
std::string SumsOf(const Plan& plan);

// "10-web.yaml", "10-web.yaml and 20-db.yaml", "12 files".
std::string NamesOfFiles(const std::vector<std::string>& files);

// Complete whatever the view: every action with its kernel text and its human one.
Json PlanJson(const PlanPaper& paper);

// The parts of it that apply's answer has too.
Json CareJson(const Plan& plan);
Json HeldJson(const Plan& plan);
Json DriftedJson(const Plan& plan);
Json GapsJson(const Plan& plan);

// Who wrote; null when not known.
Json WriterJson(const Writer* writer);

// {"file", "line", "column"}, null when the place is not known.
Json MarkJson(const SourceMark& mark);

}  // namespace reeve::show
