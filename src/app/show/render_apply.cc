// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_apply.h"

#include <algorithm>
#include <optional>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/explain_failure.h"
#include "app/show/plan_counts.h"
#include "app/show/render_plan.h"
#include "app/show/screen.h"

namespace reeve::show {
namespace {

using Kind = Outcome::Kind;

// Beyond this many the first ones tell the story; JSON has all.
constexpr std::size_t kShownFailures = 10;

struct Tally {
  std::size_t done = 0;
  std::size_t same = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::size_t repaired = 0;
  bool changed = false;
};

bool IsFailure(Kind kind) {
  return kind == Kind::kFailed || kind == Kind::kDiffers || kind == Kind::kStale;
}

Tally Sum(const ApplyPaper& paper) {
  Tally tally;
  for (std::size_t round = 0; round < paper.rounds.size(); ++round) {
    const AppliedRound& one = paper.rounds[round];
    const bool last = round + 1 == paper.rounds.size();
    for (std::size_t i = 0; i < one.report.outcomes.size(); ++i) {
      const Action& action = one.plan.actions[i];
      const std::size_t weight = WeightOf(action);
      const Kind kind = one.report.outcomes[i].kind;
      if (kind == Kind::kDone) {
        tally.done += weight;
        if (action.reason.drift) tally.repaired += weight;
        if (!action.reason.drift) tally.changed = true;
      } else if (kind == Kind::kAlreadySo) {
        tally.same += weight;
      } else if (last) {
        // Failed marks and half-way steps weigh nothing in a plan, but a failure is a failure.
        (IsFailure(kind) ? tally.failed : tally.skipped) +=
            IsFailure(kind) ? std::max<std::size_t>(weight, 1) : weight;
      }
    }
  }
  return tally;
}

std::size_t CareOf(const ApplyPaper& paper) {
  return paper.rounds.front().plan.care.size();
}

std::string RenderFailures(const AppliedRound& round, const HostFacts* facts) {
  std::string out;
  std::size_t shown = 0;
  std::size_t more = 0;
  for (std::size_t i = 0; i < round.report.outcomes.size(); ++i) {
    const Outcome& outcome = round.report.outcomes[i];
    if (!IsFailure(outcome.kind)) continue;
    if (++shown > kShownFailures) {
      ++more;
      continue;
    }
    const Action& action = round.plan.actions[i];
    const FailureWords words = ExplainFailure(action, outcome, facts);
    std::size_t because = 0;
    for (const Outcome& other : round.report.outcomes) {
      if (other.kind == Kind::kSkipped && other.blocker == i) ++because;
    }
    const std::string place =
        action.reason.mark.known() ? "   " + Shown(action.reason.mark.FileLine()) : "";
    out += "  " + words.what + place + "\n";
    out += Hanging("    kernel        ", words.kernel);
    if (!words.which_means.empty()) out += Hanging("    which means   ", words.which_means);
    out += Hanging("    what now      ", words.what_now);
    if (because != 0) {
      out +=
          fmt::format("    because of it {} not tried\n", Count(because, "step was", "steps were"));
    }
  }
  if (more != 0) out += fmt::format("  ... and {} more failed (-o json has all)\n", more);
  return out;
}

std::string HeldNames(const Plan& plan) {
  constexpr std::size_t kNamed = 2;
  std::string names;
  for (std::size_t i = 0; i < plan.held.size() && i < kNamed; ++i) {
    names += (i == 0 ? "" : ", ") + ShownPath(plan.held[i].path) + " " + Shown(plan.held[i].file);
  }
  if (plan.held.size() > kNamed) names += ", ...";
  return names;
}

std::string RenderUnsupported(const Plan& plan) {
  if (plan.gaps.empty()) return "";
  const Gap& first = plan.gaps.front();
  return Hanging("  ",
                 fmt::format("{} not possible here ({} {}: {}{})",
                             Count(plan.gaps.size(), "key"),
                             ShownPath(first.path),
                             Shown(first.file),
                             Shown(first.reason),
                             plan.gaps.size() > 1 ? "; ..." : ""));
}

std::string_view ResultName(ApplyResult result) {
  switch (result) {
    case ApplyResult::kSame:
      return "same";
    case ApplyResult::kDone:
      return "done";
    case ApplyResult::kHeld:
      return "held";
    case ApplyResult::kDiffers:
      return "differs";
  }
  return "differs";
}

// What became of the write a care is about.
std::string CareOutcome(const ApplyPaper& paper, const Care& care) {
  const auto is_held = [&](const Held& held) {
    return held.path == care.path && held.file == care.file;
  };
  if (std::any_of(paper.left.held.begin(), paper.left.held.end(), is_held)) return "held";
  std::string outcome = "done";
  for (const AppliedRound& round : paper.rounds) {
    for (std::size_t i = 0; i < round.report.outcomes.size(); ++i) {
      const Action& action = round.plan.actions[i];
      if (action.path != care.path || (!care.file.empty() && FileOf(action) != care.file)) continue;
      const Kind kind = round.report.outcomes[i].kind;
      if (IsFailure(kind)) outcome = "failed";
      if (kind == Kind::kSkipped) outcome = "skipped";
    }
  }
  return outcome;
}

Json FailuresJson(const AppliedRound& round, const HostFacts* facts) {
  Json list = Json::array();
  for (std::size_t i = 0; i < round.report.outcomes.size(); ++i) {
    const Outcome& outcome = round.report.outcomes[i];
    if (!IsFailure(outcome.kind)) continue;
    const Action& action = round.plan.actions[i];
    const FailureWords words = ExplainFailure(action, outcome, facts);
    Json one = Json::object();
    one["cgroup"] = JsonString(action.path.text());
    one["action"] = JsonString(VerbOf(action));
    one["key"] = FileOf(action).empty() ? Json() : JsonString(FileOf(action));
    one["kind"] = outcome.error ? Json(ErrorKindName(outcome.error->kind)) : Json();
    one["errno"] = outcome.error && outcome.error->errno_value != 0
                       ? Json(ErrnoName(outcome.error->errno_value))
                       : Json();
    one["message"] = JsonString(outcome.error ? outcome.error->message : "");
    one["read_back"] = outcome.kind == Kind::kDiffers ? JsonString(outcome.read_back) : Json();
    one["which_means"] = JsonString(words.which_means);
    one["what_now"] = JsonString(words.what_now);
    one["why"] = MarkJson(action.reason.mark);
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

ApplyResult ResultOf(const ApplyPaper& paper) {
  const Tally tally = Sum(paper);
  const std::string_view word = WordOf(paper.left);
  if (tally.failed != 0 || word == "DIFFERS") return ApplyResult::kDiffers;
  if (word == "HELD") return ApplyResult::kHeld;
  return tally.done + tally.same == 0 && !tally.changed ? ApplyResult::kSame : ApplyResult::kDone;
}

int ExitCodeOf(ApplyResult result) {
  if (result == ApplyResult::kHeld) return kRefused;
  return result == ApplyResult::kDiffers ? kFailed : kDone;
}

std::string RenderApply(const ApplyPaper& paper, const Paint& paint) {
  const Tally tally = Sum(paper);
  const ApplyResult result = ResultOf(paper);
  const std::string host = Shown(paper.host);
  if (result == ApplyResult::kSame) {
    return fmt::format("{}: already {}, nothing to do ({}, {})\n",
                       host,
                       paint.Green("AS DESCRIBED"),
                       Count(paper.left.cgroups, "cgroup"),
                       Count(paper.left.values, "value")) +
           RenderUnsupported(paper.left);
  }
  const std::string word = result == ApplyResult::kDone   ? paint.Green("AS DESCRIBED")
                           : result == ApplyResult::kHeld ? paint.Yellow("HELD")
                                                          : paint.Red("DIFFERS");
  const std::size_t total =
      tally.done + tally.same + tally.failed + tally.skipped + paper.left.held.size();
  std::string out =
      fmt::format("{}: {}   {}{}   {:.2f} s\n",
                  host,
                  word,
                  Count(total, "action"),
                  CareOf(paper) == 0 ? "" : fmt::format(", {} of them with care", CareOf(paper)),
                  paper.seconds);
  std::string counts = fmt::format("{} done", tally.done);
  if (tally.repaired != 0) counts += fmt::format(" ({} of them drift put back)", tally.repaired);
  if (tally.same != 0) counts += fmt::format(", {} already so", tally.same);
  if (!paper.left.held.empty()) {
    counts += fmt::format(", {} held back ({})", paper.left.held.size(), HeldNames(paper.left));
  }
  counts += tally.failed == 0 ? ", 0 failed" : fmt::format(", {} FAILED", tally.failed);
  if (tally.skipped != 0) counts += fmt::format(", {} skipped because of that", tally.skipped);
  out += Hanging("  ", counts);
  out += RenderFailures(paper.rounds.back(), paper.facts);
  if (result == ApplyResult::kDiffers || result == ApplyResult::kHeld) {
    const std::string trouble = RenderHeld(paper.left, {}) + RenderDrifted(paper.left, {}) +
                                RenderRefusals(paper.left, {}) + RenderGaps(paper.left, {});
    if (!trouble.empty()) out += "\n" + trouble.substr(0, trouble.size() - 1);
  } else {
    out += RenderUnsupported(paper.left);
  }
  if (result == ApplyResult::kDiffers && tally.failed == 0 && !paper.left.actions.empty()) {
    out += Hanging(
        "  ",
        fmt::format("{} came up while it was applied (somebody else writes here): apply again",
                    Count(CountPlan(paper.left).total(), "more action")));
  }
  if (tally.failed != 0 && tally.done != 0) out += "  Everything else is in force.\n";
  return out;
}

Json ApplyJson(const ApplyPaper& paper) {
  const Tally tally = Sum(paper);
  Json out = Json::object();
  out["host"] = JsonString(paper.host);
  out["result"] = ResultName(ResultOf(paper));
  out["changed"] = tally.changed;
  out["repaired"] = tally.repaired;
  out["generation"] = nullptr;
  out["previous"] = nullptr;
  out["policy_hash"] = paper.policy_hash;
  Json actions = Json::object();
  actions["done"] = tally.done;
  actions["same"] = tally.same;
  actions["staged"] = paper.left.held.size();
  actions["failed"] = tally.failed;
  actions["skipped"] = tally.skipped;
  out["actions"] = std::move(actions);
  out["failures"] = FailuresJson(paper.rounds.back(), paper.facts);
  Json unsupported = Json::array();
  for (const Gap& gap : paper.left.gaps)
    unsupported.push_back(JsonString(gap.path.text() + ":" + gap.file));
  out["unsupported"] = std::move(unsupported);
  Json care = Json::array();
  const Json planned = CareJson(paper.rounds.front().plan);
  for (std::size_t i = 0; i < planned.size(); ++i) {
    Json one = planned[i];
    one["outcome"] = CareOutcome(paper, paper.rounds.front().plan.care[i]);
    care.push_back(std::move(one));
  }
  out["care"] = std::move(care);
  out["held"] = HeldJson(paper.left);
  out["drifted"] = DriftedJson(paper.left);
  out["confirm_before"] = nullptr;
  return out;
}

Json NotAppliedJson(const std::string& host, std::string_view result, const std::string& reason) {
  Json out = Json::object();
  out["host"] = JsonString(host);
  out["result"] = result;
  out["changed"] = false;
  out["reason"] = JsonString(reason);
  return out;
}

}  // namespace reeve::show
