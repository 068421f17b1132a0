// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/daemon_verbs.h"
#include "app/show/printing.h"
#include "app/show/screen.h"

namespace reeve::cli {
namespace {

// Processes in a cgroup and below it, as its status says. nullopt when it could not be asked, which
// was said.
std::optional<std::uint64_t> ProcessesOf(const DaemonOptions& options,
                                         std::string_view verb,
                                         const std::string& cgroup,
                                         Output& output,
                                         int* exit_code) {
  const auto status = JsonFromDaemon(options,
                                     {.verb = std::string(verb),
                                      .path = "/v1/status",
                                      .query = {{"cgroup", cgroup}, {"full", "1"}}},
                                     output,
                                     exit_code);
  if (!status) return std::nullopt;
  const auto cgroups = status->find("cgroups");
  if (cgroups != status->end() && cgroups->is_array()) {
    for (const Json& one : *cgroups) {
      if (!one.is_object() || one.value("cgroup", "") != cgroup) continue;
      const auto processes = one.find("processes");
      if (processes != one.end() && processes->is_number_unsigned()) {
        return processes->get<std::uint64_t>();
      }
    }
  }
  Complain(
      output, fmt::format("no cgroup {} to {}", Shown(cgroup), verb), "reevectl status --full");
  *exit_code = kNotFound;
  return std::nullopt;
}

// Whether a person at the terminal says yes.
bool Asked(std::string_view question, Output& output) {
  output.Complain(fmt::format("{} [y/N] ", question));
  std::string answer;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
    answer += static_cast<char>(c);
  }
  return answer == "y" || answer == "yes" || answer == "Y";
}

// Whether so many processes may be hit; else `*exit_code`, after saying why.
bool MayHit(std::string_view verb,
            const std::string& cgroup,
            std::uint64_t processes,
            bool yes,
            Output& output,
            int* exit_code) {
  if (processes <= 1 || yes) return true;
  const std::string what =
      fmt::format("{} {} in {}", verb, Count(processes, "process", "processes"), Shown(cgroup));
  *exit_code = kRefused;
  if (::isatty(STDIN_FILENO) == 0) {
    Complain(output,
             fmt::format("{}: nobody to ask at a terminal", what),
             fmt::format("reevectl {} {} --yes ...", verb, Shown(ShellWord(cgroup))));
    return false;
  }
  if (Asked(what + "?", output)) return true;
  Complain(output, "nothing was done");
  return false;
}

// KEY=VALUE as the members of a map; false after saying what is wrong.
bool ReadSettings(const std::vector<std::string>& typed, Json& settings, Output& output) {
  for (const std::string& setting : typed) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      Complain(output, fmt::format("`{}` is not KEY=VALUE: memory.high=400GiB", Shown(setting)));
      return false;
    }
    const std::string key = setting.substr(0, equals);
    if (settings.contains(key)) {
      Complain(output, fmt::format("`{}` is said twice", Shown(key)));
      return false;
    }
    settings[key] = JsonString(setting.substr(equals + 1));
  }
  return true;
}

int ByHand(const DaemonOptions& options, const ByHandOptions& hand, Output& output) {
  Json body = {{"verb", hand.verb}};
  if (hand.all) {
    body["all"] = true;
  } else if (hand.verb != "clamp") {
    body["cgroup"] = JsonString(hand.cgroup);
  }
  Json settings = Json::object();
  if (!ReadSettings(hand.settings, settings, output)) return kUsage;
  if (!settings.empty()) body["settings"] = std::move(settings);
  if (hand.verb == "clamp") {
    body["pid"] = hand.pid;
    body["tree"] = hand.tree;
  }
  const auto seconds = ReadTime(hand.time, "--for", output);
  if (!seconds) return kUsage;
  body["for_seconds"] = *seconds;
  if (hand.long_time) body["long"] = true;
  body["why"] = JsonString(hand.why);
  if (!hand.accept.empty()) body["accept"] = hand.accept;
  if (hand.verb == "freeze") {
    int code = kFailed;
    const auto processes = ProcessesOf(options, "freeze", hand.cgroup, output, &code);
    if (!processes) return code;
    if (!MayHit("freeze", hand.cgroup, *processes, hand.yes, output, &code)) return code;
  }
  return AskDaemon(options,
                   {.verb = hand.verb,
                    .method = "POST",
                    .path = "/v1/overrides",
                    .body = body.dump(),
                    .without = hand.verb == "lift" ? "reeved --lift" : ""},
                   output);
}

int Kill(const DaemonOptions& options, const std::string& cgroup, bool yes, Output& output) {
  int code = kFailed;
  const auto processes = ProcessesOf(options, "kill", cgroup, output, &code);
  if (!processes) return code;
  if (!MayHit("kill", cgroup, *processes, yes, output, &code)) return code;
  // The daemon refuses when there are more by now than the person was told.
  const Json body = {{"cgroup", JsonString(cgroup)}, {"expect", *processes}};
  return AskDaemon(
      options, {.verb = "kill", .method = "POST", .path = "/v1/kill", .body = body.dump()}, output);
}

}  // namespace

int RunByHand(const DaemonOptions& options, const ByHandOptions& hand) {
  Output output(options.output);
  return output.Finish(ByHand(options, hand, output));
}

int RunThaw(const DaemonOptions& options, const std::string& cgroup) {
  Output output(options.output);
  const Json body = {{"cgroup", JsonString(cgroup)}};
  return output.Finish(
      AskDaemon(options,
                {.verb = "thaw", .method = "POST", .path = "/v1/thaw", .body = body.dump()},
                output));
}

int RunKill(const DaemonOptions& options, const std::string& cgroup, bool yes) {
  Output output(options.output);
  return output.Finish(Kill(options, cgroup, yes, output));
}

}  // namespace reeve::cli
