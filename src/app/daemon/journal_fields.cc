// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/journal_fields.h"

#include <string_view>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::daemon {
namespace {

using Kind = engine::Event::Kind;

// Once given, an id means the same for ever: people's filters know it. "" for what is no line of
// its own.
std::string_view MessageId(Kind kind) {
  switch (kind) {
    case Kind::kRepair:
      return "aa89aaec8c3c4f6fa709177bd5014e04";
    case Kind::kReport:
      return "6b91a7dfbb124a2f93a4a5fe4fef1478";
    case Kind::kAdopt:
      return "7c6819d2fd30476797dd7c898a77bee2";
    case Kind::kFlapping:
      return "86dec6f237694d53b3a2dbf7319429da";
    case Kind::kGeneration:
      return "400a9b1163434a8e893e07055b617f1b";
    case Kind::kHold:
      return "15c0aaca8cea4adf82d05d6b7c43c07e";
    case Kind::kByHand:
      return "968ec3a3558e4647a9739b1313fa8859";
    case Kind::kAudit:
      return "5d2b8f0c9a6e4e0f8a1c7b3f64d1e92a";
    case Kind::kDrift:
    case Kind::kQuiet:
    case Kind::kMove:
    case Kind::kApply:
      return "";
  }
  return "";
}

constexpr std::string_view kFinding = "c3bb7ba197d2495a8bfa67d8739cb40a";
constexpr std::string_view kBroken = "29658b9b60ba41978380a4dfeeb47a31";

void Add(io::Fields& fields, std::string_view name, std::string_view value) {
  if (!value.empty()) fields.push_back({name, EscapeForTerminal(value)});
}

void AddPlace(io::Fields& fields, const SourceMark& mark) {
  if (!mark.known()) return;
  Add(fields, "REEVE_POLICY", mark.file->name);
  Add(fields, "REEVE_POLICY_LINE", fmt::format("{}", mark.line));
}

void AddWriter(io::Fields& fields, const Writer& writer) {
  if (writer.pid != 0) Add(fields, "REEVE_WRITER_PID", fmt::format("{}", writer.pid));
  Add(fields, "REEVE_WRITER_EXE", writer.exe);
  if (writer.uid) Add(fields, "REEVE_WRITER_UID", fmt::format("{}", *writer.uid));
}

void AddAudit(io::Fields& fields, const engine::Audit& audit, const Writer* who) {
  Add(fields, "REEVE_VERB", audit.verb);
  Add(fields, "REEVE_ARGUMENTS", audit.arguments);
  Add(fields, "REEVE_STATUS", fmt::format("{}", audit.status));
  Add(fields, "REEVE_EXIT_CODE", fmt::format("{}", audit.exit_code));
  Add(fields, "REEVE_GENERATION_BEFORE", fmt::format("{}", audit.generation_before));
  Add(fields, "REEVE_GENERATION", fmt::format("{}", audit.generation_after));
  Add(fields, "REEVE_POLICY_HASH", audit.policy_hash);
  if (who == nullptr) return;
  if (who->uid) Add(fields, "REEVE_UID", fmt::format("{}", *who->uid));
  Add(fields, "REEVE_USER", who->user);
  if (who->login) Add(fields, "REEVE_LOGIN_UID", fmt::format("{}", *who->login));
  Add(fields, "REEVE_PID", fmt::format("{}", who->pid));
  if (who->gone) return;
  Add(fields, "REEVE_PID_START", fmt::format("{}", who->start_time));
  Add(fields, "REEVE_PROGRAM", who->program);
  Add(fields, "REEVE_EXE", who->exe);
}

}  // namespace

io::Fields FieldsOf(engine::Event::Kind kind) {
  io::Fields fields;
  Add(fields, "MESSAGE_ID", MessageId(kind));
  Add(fields, "REEVE_EVENT", NameOf(kind));
  return fields;
}

io::Fields FieldsOf(const engine::Event& event) {
  io::Fields fields = FieldsOf(event.kind);
  if (!event.path.is_root()) Add(fields, "REEVE_CGROUP", event.path.text());
  Add(fields, "REEVE_KEY", event.file);
  Add(fields, "REEVE_FROM", event.from);
  Add(fields, "REEVE_TO", event.to);
  AddPlace(fields, event.mark);
  if (event.audit) {
    AddAudit(fields, *event.audit, event.by.get());
  } else if (event.by) {
    AddWriter(fields, *event.by);
  }
  return fields;
}

io::Fields FieldsOf(const policy::Diagnostic& finding) {
  io::Fields fields;
  Add(fields, "MESSAGE_ID", kFinding);
  Add(fields, "REEVE_CODE", finding.code);
  AddPlace(fields, finding.mark);
  return fields;
}

io::Fields FieldsOfBroken() {
  io::Fields fields;
  Add(fields, "MESSAGE_ID", kBroken);
  Add(fields, "REEVE_EVENT", NameOf(Kind::kGeneration));
  return fields;
}

}  // namespace reeve::daemon
