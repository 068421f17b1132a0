// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/daemon_verbs.h"
#include "app/show/printing.h"
#include "app/show/screen.h"
#include "core/policy/by_hand.h"
#include "edge/io/files.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kLargestPlan = 256U << 20;

int Ask(const DaemonOptions& options, const DaemonQuestion& question) {
  Output output(options.output);
  return output.Finish(AskDaemon(options, question, output));
}

// What a plan would do, whatever it is called: what two plans must have in common to be the same.
Json ActionsOf(const Json& plan) {
  const auto actions = plan.find("actions");
  return actions == plan.end() ? Json() : *actions;
}

// The hash of the policies that a saved plan is for; "" when that plan can not be applied now, which
// was said.
std::string HashOfPlan(const DaemonOptions& options,
                       const std::string& file,
                       Output& output,
                       int* exit_code) {
  auto text = io::ReadWholeFile(file, kLargestPlan);
  if (!text.has_value()) {
    Complain(output, text.error());
    *exit_code = kFailed;
    return "";
  }
  const Json saved = Json::parse(*text, nullptr, false);
  const bool is_plan = saved.is_object() && saved.contains("actions") &&
                       saved.contains("policy_hash") && saved["policy_hash"].is_string();
  if (!is_plan) {
    Complain(output,
             Shown(file) + ": not a plan",
             fmt::format("reevectl plan -o json > {}", Shown(ShellWord(file))));
    *exit_code = kUsage;
    return "";
  }
  const auto now = JsonFromDaemon(
      options, {.verb = "apply", .path = "/v1/plan", .query = {{"full", "1"}}}, output, exit_code);
  if (!now) return "";
  const std::string hash = saved["policy_hash"].get<std::string>();
  if (now->value("policy_hash", "") == hash && ActionsOf(*now) == ActionsOf(saved)) return hash;
  Complain(output,
           fmt::format("{} is not what would be done now: {} changed since it was made",
                       Shown(file),
                       now->value("policy_hash", "") == hash ? "the host" : "the policies"),
           fmt::format("reevectl plan -o json > {}", Shown(ShellWord(file))));
  *exit_code = kRefused;
  return "";
}

}  // namespace

std::optional<std::int64_t> ReadTime(const std::string& text,
                                     const std::string& option,
                                     Output& output) {
  const auto seconds = policy::ParseHandTime(text);
  if (!seconds) {
    Complain(output, fmt::format("{}: `{}` is no time: 90s, 30m, 2h, 1d", option, Shown(text)));
  }
  return seconds;
}

int ApplyByTheDaemon(const DaemonOptions& options,
                     const ApplyByDaemon& apply,
                     const std::string& without,
                     Output& output) {
  Json body = Json::object();
  if (!apply.accept.empty()) body["accept"] = apply.accept;
  if (!apply.why.empty()) body["why"] = JsonString(apply.why);
  if (!apply.confirm.empty()) {
    const auto seconds = ReadTime(apply.confirm, "--confirm", output);
    if (!seconds) return kUsage;
    body["confirm_seconds"] = *seconds;
  }
  if (!apply.plan.empty()) {
    int code = kFailed;
    const std::string hash = HashOfPlan(options, apply.plan, output, &code);
    if (hash.empty()) return code;
    body["policy_hash"] = hash;
  }
  return AskDaemon(options,
                   {.verb = "apply",
                    .method = "POST",
                    .path = "/v1/apply",
                    .body = body.dump(),
                    .without = without},
                   output);
}

int RunHistory(const DaemonOptions& options) {
  return Ask(options, {.verb = "history", .path = "/v1/generations"});
}

int RunConfirm(const DaemonOptions& options) {
  return Ask(options, {.verb = "confirm", .method = "POST", .path = "/v1/confirm"});
}

int RunUndo(const DaemonOptions& options, const UndoOptions& undo) {
  Json body = Json::object();
  if (undo.to) body["to"] = *undo.to;
  if (!undo.why.empty()) body["why"] = JsonString(undo.why);
  return Ask(options, {.verb = "undo", .method = "POST", .path = "/v1/undo", .body = body.dump()});
}

int RunHold(const DaemonOptions& options, const HoldOptions& hold) {
  Output output(options.output);
  const auto seconds = ReadTime(hold.time, "--for", output);
  if (!seconds) return output.Finish(kUsage);
  const Json body = {{"for_seconds", *seconds}, {"why", JsonString(hold.why)}};
  return output.Finish(
      AskDaemon(options,
                {.verb = "hold", .method = "POST", .path = "/v1/hold", .body = body.dump()},
                output));
}

int RunRelease(const DaemonOptions& options, const std::string& name) {
  const Json body = {{"name", JsonString(name)}};
  return Ask(options,
             {.verb = "release", .method = "POST", .path = "/v1/release", .body = body.dump()});
}

int RunEvents(const DaemonOptions& options, const EventsOptions& events) {
  Output output(options.output);
  DaemonQuestion question{.verb = "events", .path = "/v1/events", .lines = true};
  if (!events.since.empty()) {
    const auto seconds = ReadTime(events.since, "--since", output);
    if (!seconds) return output.Finish(kUsage);
    question.query.emplace_back("since", fmt::format("{}", *seconds));
  }
  if (events.drift) question.query.emplace_back("drift", "1");
  if (events.follow) question.query.emplace_back("follow", "1");
  return output.Finish(AskDaemon(options, question, output));
}

int RunNames(const DaemonOptions& options) {
  Output output(options.output);
  for (const std::string& name : NamesFromDaemon(options)) output.Print(name + "\n");
  return output.Finish(kDone);
}

}  // namespace reeve::cli
