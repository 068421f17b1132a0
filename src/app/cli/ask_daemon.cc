// SPDX-License-Identifier: Apache-2.0
#include "app/cli/ask_daemon.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/offline.h"
#include "app/show/printing.h"
#include "app/show/screen.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/policy/facts_reader.h"
#include "edge/http/client.h"
#include "edge/http/target.h"

namespace reeve::cli {
namespace {

constexpr Usec kCompletionTime = std::chrono::milliseconds(300);
constexpr Usec kFactsTime = std::chrono::seconds(1);
// An apply answers when it is done; a large tree in trouble takes its time.
constexpr Usec kLongestWork = std::chrono::minutes(10);

http::Endpoint EndpointOf(const DaemonOptions& options, const DaemonQuestion& question) {
  http::Endpoint endpoint;
  endpoint.socket = SocketOf(options);
  if (question.method != "GET") endpoint.silence = kLongestWork;
  return endpoint;
}

http::Call CallOf(const DaemonQuestion& question, bool text, const Output& output) {
  http::Call call;
  call.method = question.method;
  call.target = question.path;
  auto query = question.query;
  if (text) {
    if (output.color_out()) query.emplace_back("color", "1");
    if (const auto columns = output.columns()) {
      query.emplace_back("width", fmt::format("{}", *columns));
    }
  }
  char before = '?';
  for (const auto& [key, value] : query) {
    call.target +=
        fmt::format("{}{}={}", before, http::EncodeComponent(key), http::EncodeComponent(value));
    before = '&';
  }
  call.body = question.body;
  if (call.body.empty() && call.method != "GET") call.body = "{}";
  call.accept = text ? "text/plain" : "application/json";
  return call;
}

// No answer at all: which is about the daemon, not about what was asked.
int SayNoAnswer(const Error& error, const DaemonQuestion& question, Output& output) {
  switch (error.kind) {
    case ErrorKind::kNotFound:
    case ErrorKind::kGone:
      Complain(output,
               Shown("no daemon to ask: " + error.ToString()),
               question.without.empty() ? "systemctl start reeved" : question.without);
      return kUnreachable;
    case ErrorKind::kDenied:
    case ErrorKind::kConflict:
      Complain(output, error);
      return kRefused;
    case ErrorKind::kBusy:
      Complain(output, error, "systemctl status reeved");
      return kTryAgain;
    case ErrorKind::kIo:
      Complain(output,
               Shown("the daemon went away while it was asked: " + error.ToString()),
               "systemctl status reeved");
      return kUnreachable;
    default:
      Complain(output, error);
      return kUnreachable;
  }
}

int CodeOfStatus(int status) {
  if (status < 400) return kDone;
  switch (status) {
    case 404:
      return kNotFound;
    case 403:
    case 409:
    case 412:
      return kRefused;
    case 429:
    case 503:
      return kTryAgain;
    default:
      return kFailed;
  }
}

// A page that is not there at all: every verb that the daemon knows says its exit code itself.
bool IsUnknownVerb(const http::Answer& answer) {
  return answer.status == 404 && answer.exit_status.empty();
}

int CodeOf(const http::Answer& answer) {
  if (IsUnknownVerb(answer)) return kFailed;
  const auto said = ParseDecimal(answer.exit_status);
  return said && *said <= 255 ? static_cast<int>(*said) : CodeOfStatus(answer.status);
}

std::string Member(const Json& problem, const char* name) {
  const auto found = problem.find(name);
  return found != problem.end() && found->is_string() ? found->get<std::string>() : "";
}

bool IsCommand(std::string_view hint) {
  return hint.starts_with("reevectl ") || hint.starts_with("reeved ") ||
         hint.starts_with("systemctl ");
}

// A refusal in the form of problem details; others have been rendered by the daemon.
void SayRefusal(const http::Answer& answer, const DaemonQuestion& question, Output& output) {
  if (IsUnknownVerb(answer)) {
    Complain(output,
             fmt::format("the daemon does not know `{}`: is it of another version? This is "
                         "reevectl {}",
                         question.verb,
                         kVersion),
             "systemctl restart reeved");
    return;
  }
  if (!answer.content_type.starts_with("application/")) {
    output.Complain(answer.body.ends_with('\n') || answer.body.empty() ? answer.body
                                                                       : answer.body + "\n");
    return;
  }
  const Json problem = Json::parse(answer.body, nullptr, false);
  std::string what;
  std::string hint;
  if (problem.is_object()) {
    what = Member(problem, "detail");
    if (what.empty()) what = Member(problem, "title");
    hint = Member(problem, "hint");
  }
  if (what.empty()) {
    what = fmt::format("the daemon answers {} to `{}`", answer.status, question.verb);
  }
  const bool command = IsCommand(hint);
  Complain(output, Shown(what), command ? Shown(hint) : "");
  if (!command && !hint.empty()) output.Complain(Hanging("hint: ", Shown(hint)));
}

// JSON goes through our printer, so that it is the same on every way.
bool PrintJsonText(const std::string& text, Output& output) {
  const Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return false;
  output.PrintValue(value);
  return true;
}

int ShowAnswer(const http::Answer& answer, const DaemonQuestion& question, Output& output) {
  const int code = CodeOf(answer);
  if (output.is_table()) {
    // What a verb has to say it says with its exit code; a refusal has a status of its own.
    if (answer.status < 400) {
      output.Print(answer.body);
    } else {
      SayRefusal(answer, question, output);
    }
    return code;
  }
  if (answer.content_type.starts_with("application/problem+json")) {
    SayRefusal(answer, question, output);
  }
  if (!answer.body.empty() && !PrintJsonText(answer.body, output)) {
    Complain(output, "the daemon's answer is no JSON: is it of another version?");
    return code == kDone ? kFailed : code;
  }
  return code;
}

int FollowLines(const http::Endpoint& endpoint,
                const DaemonQuestion& question,
                const http::Call& call,
                Output& output) {
  const auto answer = http::Follow(endpoint, call, [&](std::string_view line) {
    output.Print(line);
    output.Print("\n");
    return output.Flush();  // as they come; a reader that went away ends it
  });
  if (!answer.has_value()) return SayNoAnswer(answer.error(), question, output);
  if (answer->status >= 400) SayRefusal(*answer, question, output);
  return CodeOf(*answer);
}

bool IsSafeForShells(std::string_view name) {
  return !name.empty() && !name.starts_with('-') && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./@%+").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string SocketOf(const DaemonOptions& options) {
  return options.socket.empty() ? ReadHostConfig(options.config).socket : options.socket;
}

int AskDaemon(const DaemonOptions& options, const DaemonQuestion& question, Output& output) {
  const http::Endpoint endpoint = EndpointOf(options, question);
  const http::Call call = CallOf(question, output.is_table(), output);
  if (question.lines) return FollowLines(endpoint, question, call, output);
  const auto answer = http::Ask(endpoint, call);
  if (!answer.has_value()) return SayNoAnswer(answer.error(), question, output);
  return ShowAnswer(*answer, question, output);
}

std::optional<Json> JsonFromDaemon(const DaemonOptions& options,
                                   const DaemonQuestion& question,
                                   Output& output,
                                   int* exit_code) {
  const auto answer = http::Ask(EndpointOf(options, question), CallOf(question, false, output));
  if (!answer.has_value()) {
    *exit_code = SayNoAnswer(answer.error(), question, output);
    return std::nullopt;
  }
  if (answer->status >= 400) {
    SayRefusal(*answer, question, output);
    *exit_code = CodeOf(*answer);
    return std::nullopt;
  }
  Json value = Json::parse(answer->body, nullptr, false);
  if (!value.is_discarded()) return value;
  Complain(output, "the daemon's answer is no JSON: is it of another version?");
  *exit_code = kFailed;
  return std::nullopt;
}

std::vector<std::string> NamesFromDaemon(const DaemonOptions& options) {
  http::Endpoint endpoint;
  endpoint.socket = SocketOf(options);
  endpoint.connect_time = endpoint.silence = kCompletionTime;
  http::Call call;
  call.target = "/v1/cgroups";
  call.accept = "text/plain";
  std::vector<std::string> names;
  const auto answer = http::Ask(endpoint, call);
  if (!answer.has_value() || answer->status != 200) return names;
  for (std::string_view line : SplitLines(answer->body)) {
    if (IsSafeForShells(line)) names.emplace_back(line);
  }
  return names;
}

std::optional<std::map<std::string, UnitFact>> UnitsFromDaemon(const DaemonOptions& options) {
  http::Endpoint endpoint;
  endpoint.socket = SocketOf(options);
  endpoint.connect_time = endpoint.silence = kFactsTime;
  http::Call call;
  call.target = "/v1/facts";
  call.accept = "application/json";
  const auto answer = http::Ask(endpoint, call);
  if (!answer.has_value() || answer->status != 200) return std::nullopt;
  const auto file = std::make_shared<SourceFile>();
  file->name = endpoint.socket;
  file->text = answer->body;
  policy::Findings findings;
  HostFacts facts = policy::ReadFactsFile(file, findings);
  if (findings.has_errors()) return std::nullopt;
  return std::move(facts.units);
}

}  // namespace reeve::cli
