// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/daemon/control.h"
#include "app/daemon/whole.h"
#include "app/show/exit_code.h"
#include "app/show/plan_rows.h"
#include "app/show/render_diagnostic.h"
#include "app/show/render_diff.h"
#include "app/show/render_status.h"
#include "app/show/screen.h"
#include "core/base/text.h"
#include "core/engine/joined.h"
#include "edge/io/clock.h"

// Routes that only show.
namespace reeve::daemon {
namespace {

// As long as between the two looks of an offline status.
constexpr Usec kBetweenLooks{200'000};
// How long an answer waits for systemd, which tells within milliseconds unless it is in trouble.
constexpr Usec kPatienceForUnits{3'000'000};

std::vector<std::string> NamesOf(const engine::Generation& generation) {
  std::vector<std::string> names;
  for (const auto& file : generation.files) names.push_back(file->name);
  return names;
}

void AddUnits(show::LiveTree units, show::LiveTree& live) {
  for (auto& [path, unit] : units.cgroups) {
    if (path.is_root()) continue;
    unit.unit = true;
    live.cgroups.emplace(path, unit);
  }
}

bool Selects(const show::LiveTree& tree, const std::string& glob) {
  return glob.empty() ||
         std::any_of(tree.cgroups.begin(), tree.cgroups.end(), [&](const auto& entry) {
           return !entry.first.is_root() && show::IsSelected(entry.first, glob);
         });
}

}  // namespace

show::Governed Control::Governed() const {
  const engine::Generations& generations = governing_.taking_up.generations();
  const TakingUp::Trouble trouble = governing_.taking_up.trouble();
  show::Governed governed;
  governed.now = io::EpochSeconds();
  governed.word = trouble.word;
  governed.text = trouble.text;
  governed.hold = generations.hold();
  governed.confirmation = generations.confirmation();
  governed.repaired = governing_.engine.repaired();
  for (const policy::HandInForce& hand : Hands()) governed.by_hand.push_back(DescribeHand(hand));
  governed.settling = governing_.engine.shrinks();
  governed.failures = governing_.engine.failures();
  if (governing_.units.needed()) {
    governed.repaired += governing_.units.engine().repaired();
    for (std::string& failure : governing_.units.engine().failures()) {
      governed.failures.push_back(std::move(failure));
    }
  }
  if (const std::string why = governing_.units.why_not(); !why.empty()) {
    governed.failures.push_back("units: " + why + "; looked at again as soon as it can be");
  }
  if (!generations.has_generation()) return governed;
  governed.generation = generations.number();
  if (!generations.history().empty()) {
    governed.since = generations.history().back().at;
    governed.origin = generations.history().back().origin;
  }
  return governed;
}

show::PlanPaper Control::PaperOf(const Plan& plan, const engine::Generation& generation) const {
  show::PlanPaper paper;
  paper.host = governing_.taking_up.facts().host;
  paper.root = governing_.fs.root();
  paper.files = NamesOf(generation);
  paper.policy_hash = generation.desired.policy_hash;
  paper.plan = &plan;
  paper.desired = &generation.desired;
  return paper;
}

// CPU in use is the difference of two looks, so the answer comes with the second. Whoever asks meanwhile shares it.
void Control::Status(const http::Request& request, http::Responder responder) {
  statuses_.push_back({request, std::move(responder)});
  if (sample_) return;
  if (Flag(request, "quiet")) {
    sample_ = show::LiveSample();
    FinishStatus();
    return;
  }
  sample_ = show::BeginLiveTree(governing_.fs, show::RealSampleClock());
  if (governing_.units.needed()) {
    unit_sample_ = show::BeginLiveTree(governing_.units.fs(), show::RealSampleClock());
  }
  (void)second_look_.FireAt(io::BootTime() + kBetweenLooks);
}

void Control::FinishStatus() {
  if (!sample_) return;
  show::StatusPaper paper;
  std::shared_ptr<const Desired> desired;
  std::shared_ptr<const Plan> plan;
  const show::Governed governed = Governed();
  const engine::Generations& generations = governing_.taking_up.generations();
  paper.host = governing_.taking_up.facts().host;
  paper.root = governing_.fs.root();
  paper.governed = &governed;
  if (generations.has_generation()) {
    paper.files = NamesOf(generations.in_force());
    desired = WholeDesired(generations.in_force().desired, governing_.units.desired());
    plan = WholePlan(governing_.engine, governing_.units);
    paper.desired = desired.get();
    paper.plan = plan.get();
  }
  paper.live = show::EndLiveTree(governing_.fs, show::RealSampleClock(), *std::move(sample_));
  sample_.reset();
  if (unit_sample_ && governing_.units.needed()) {
    AddUnits(
        show::EndLiveTree(governing_.units.fs(), show::RealSampleClock(), *std::move(unit_sample_)),
        paper.live);
  }
  unit_sample_.reset();
  auto statuses = std::move(statuses_);
  statuses_.clear();
  for (PendingStatus& status : statuses) {
    const http::Request& request = status.request;
    const std::string glob = Value(request, "cgroup");
    if (Flag(request, "quiet")) {
      status.responder.Send(Answer(request,
                                   show::RenderStatusLine(paper),
                                   show::StatusJson(paper),
                                   show::ExitCodeOf(paper)));
    } else if (!Selects(paper.live, glob)) {
      status.responder.Send(
          Refuse(404, fmt::format("no cgroup {} below {}", glob, paper.root), show::kNotFound));
    } else {
      status.responder.Send(
          Answer(request,
                 show::RenderStatus(paper, {Flag(request, "full"), glob}, PaintFor(request)),
                 show::StatusJson(paper),
                 show::ExitCodeOf(paper)));
    }
  }
}

// What the files on disk would change if they are others than those in force, else what drifted. Of units
// systemd may have to be asked first.
void Control::ShowPlan(const http::Request& request, http::Responder responder) {
  plans_.push_back({request, std::move(responder), io::BootTime()});
  (void)plan_patience_.FireAt(io::BootTime() + kPatienceForUnits + Usec(1));
  FinishPlans();
}

void Control::FinishPlans() {
  for (auto plan = plans_.begin(); plan != plans_.end();) {
    auto answer = PlanAnswer(plan->request, io::BootTime() - plan->since < kPatienceForUnits);
    if (!answer) {
      ++plan;
      continue;
    }
    plan->responder.Send(*std::move(answer));
    plan = plans_.erase(plan);
  }
}

// nullopt: systemd has not told yet what it would be compared with.
std::optional<http::Response> Control::PlanAnswer(const http::Request& request, bool patient) {
  TakingUp& taking_up = governing_.taking_up;
  Units& units = governing_.units;
  const auto judged = taking_up.OnDisk();
  if (!judged.has_value()) return Refuse(500, judged.error().ToString(), show::kFailed);
  if (!judged->usable()) {
    const std::string text = show::RenderFindings(judged->findings.all(), PaintFor(request)) +
                             "\n" + show::CountFindings(judged->findings.all()) +
                             ". The last good generation stays in force.\n";
    show::Json json = {{"result", "load-failed"},
                       {"findings", show::FindingsJson(judged->findings.all())}};
    return Answer(request, text, json, show::kFailed);
  }
  if (judged->names_units) units.Need();
  if (units.needed() && !units.CanPreview(judged->units) && patient) return std::nullopt;
  Plan plan = taking_up.PlanFor(judged->desired);
  if (units.needed()) plan = engine::Joined(plan, units.Preview(judged->units));
  show::PlanPaper paper = PaperOf(plan, *judged);
  const auto desired = WholeDesired(judged->desired, judged->units);
  paper.desired = desired.get();
  const auto hits = taking_up.AskGuards(*judged, plan);
  paper.next = "reevectl apply";
  for (const engine::GuardHit& hit : hits) paper.next += fmt::format(" --accept {}", hit.name);
  show::PlanView view;
  view.full = Flag(request, "full");
  view.raw = Flag(request, "raw");
  view.cgroup_glob = Value(request, "cgroup");
  std::string text = show::RenderPlan(paper, view, PaintFor(request));
  show::Json json = show::PlanJson(paper);
  for (const engine::GuardHit& hit : hits) {
    text += show::Hanging("HELD BACK ", fmt::format("by guard {}: {}.", hit.name, hit.message));
  }
  json["held_back"] = GuardsJson(hits);
  const bool detailed = Flag(request, "detailed_exitcode");
  const int code = detailed && !plan.AsDescribed() ? show::kTrouble : show::kDone;
  return Answer(request, text, json, code);
}

void Control::History(const http::Request& request, http::Responder responder) {
  const auto& history = governing_.taking_up.generations().history();
  responder.Send(
      Answer(request, show::RenderHistory(history), show::HistoryJson(history), show::kDone));
}

void Control::Cgroups(const http::Request& request, http::Responder responder) {
  const engine::Generations& generations = governing_.taking_up.generations();
  std::string text;
  show::Json names = show::Json::array();
  if (generations.has_generation()) {
    for (const Desired* part : {&generations.in_force().desired, &generations.in_force().units}) {
      for (const auto& entry : part->cgroups) {
        text += EscapeForTerminal(entry.first.text()) + "\n";
        names.push_back(show::JsonString(entry.first.text()));
      }
    }
  }
  responder.Send(Answer(request, text, {{"cgroups", std::move(names)}}, show::kDone));
}

}  // namespace reeve::daemon
