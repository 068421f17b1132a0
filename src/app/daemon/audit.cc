// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/audit.h"

#include <utility>

#include <fmt/format.h>

#include "app/daemon/reply.h"
#include "app/show/exit_code.h"
#include "core/base/text.h"

namespace reeve::daemon {
namespace {

// A policy by hand has some hundred bytes. What is longer is somebody's attempt at filling the log.
constexpr std::size_t kArguments = 1000;

constexpr std::string_view kPrefix = "/v1/";

std::string Cut(std::string_view body) {
  if (body.size() <= kArguments) return std::string(body);
  return fmt::format("{}... ({} bytes)", body.substr(0, kArguments), body.size());
}

std::string_view WordOf(int exit_code) {
  switch (exit_code) {
    case show::kDone:
      return "done";
    case show::kNotFound:
      return "there is no such thing";
    case show::kRefused:
      return "refused";
    case show::kUsage:
      return "not understood";
    case show::kTryAgain:
      return "too many";
    default:
      return "failed";
  }
}

}  // namespace

std::string VerbOf(const http::Request& request) {
  std::string_view path = request.path;
  if (path.starts_with(kPrefix)) path.remove_prefix(kPrefix.size());
  if (path != "overrides") return std::string(path);
  Body body(request.body);
  const std::string verb = body.Text("verb");
  // Only what could be a verb; the rest stands among the arguments.
  const bool plain =
      !verb.empty() && verb.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
  return plain && verb.size() <= 16 ? verb : std::string(path);
}

bool IsWayOut(std::string_view verb) {
  return verb == "undo" || verb == "confirm" || verb == "lift" || verb == "release" ||
         verb == "thaw";
}

std::shared_ptr<const Writer> WhoAsks(const http::Peer& peer,
                                      const std::shared_ptr<const Writer>& seen,
                                      std::string user) {
  Writer who;
  // The number may be another process's by now; one of another user certainly is.
  const bool is_it = seen != nullptr && !seen->gone && seen->uid == peer.uid;
  if (is_it) who = *seen;
  who.gone = !is_it;
  who.pid = peer.pid;
  who.uid = peer.uid;
  who.user = std::move(user);
  return std::make_shared<const Writer>(std::move(who));
}

engine::Audit BeginAudit(const http::Request& request, std::uint64_t generation) {
  engine::Audit audit;
  audit.verb = VerbOf(request);
  audit.arguments = Cut(request.body);
  audit.generation_before = audit.generation_after = generation;
  return audit;
}

std::string DescribeAudit(const engine::Audit& audit) {
  std::string text = audit.verb;
  if (!audit.arguments.empty()) text += " " + audit.arguments;
  text += fmt::format(": {}", WordOf(audit.exit_code));
  if (audit.status >= 400) text += fmt::format(" ({})", audit.status);
  if (audit.generation_after != audit.generation_before) {
    text += fmt::format(", generation {} -> {}", audit.generation_before, audit.generation_after);
  }
  return EscapeForTerminal(text);
}

}  // namespace reeve::daemon
