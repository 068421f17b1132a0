// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/journal_fields.h"

#include <map>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

std::map<std::string, std::string> MapOf(const io::Fields& fields) {
  std::map<std::string, std::string> map;
  for (const io::Field& field : fields) map.emplace(field.name, field.value);
  return map;
}

SourceMark MarkAt(std::uint32_t line) {
  SourceMark mark;
  mark.file = std::make_shared<const SourceFile>(SourceFile{"10-web.yaml", "", 1, ""});
  mark.line = line;
  mark.column = 1;
  return mark;
}

TEST(JournalFields, ARepairNamesCgroupKeyValuesPlaceAndWriter) {
  engine::Event event;
  event.kind = engine::Event::Kind::kRepair;
  event.path = *CgroupPath::Parse("web/api");
  event.file = "cpu.max";
  event.from = "max 100000";
  event.to = "50000 100000";
  event.mark = MarkAt(5);
  Writer writer;
  writer.pid = 812;
  writer.exe = "/usr/bin/bash";
  writer.uid = 0;
  event.by = std::make_shared<const Writer>(writer);

  const auto fields = MapOf(FieldsOf(event));

  EXPECT_THAT(fields, Contains(Key("MESSAGE_ID")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_EVENT", "repair")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_CGROUP", "web/api")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_KEY", "cpu.max")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_FROM", "max 100000")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_TO", "50000 100000")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_POLICY", "10-web.yaml")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_POLICY_LINE", "5")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_WRITER_PID", "812")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_WRITER_EXE", "/usr/bin/bash")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_WRITER_UID", "0")));
}

TEST(JournalFields, WhatIsNotKnownIsNoField) {
  engine::Event event;
  event.kind = engine::Event::Kind::kRepair;
  event.path = *CgroupPath::Parse("web");

  const auto fields = MapOf(FieldsOf(event));

  EXPECT_THAT(fields, Not(Contains(Key("REEVE_KEY"))));
  EXPECT_THAT(fields, Not(Contains(Key("REEVE_POLICY"))));
  EXPECT_THAT(fields, Not(Contains(Key("REEVE_WRITER_PID"))));
}

TEST(JournalFields, AnAuditNamesWhoWhatAndWhatBecameOfIt) {
  engine::Event event;
  event.kind = engine::Event::Kind::kAudit;
  Writer who;
  who.pid = 77120;
  who.start_time = 4711;
  who.program = "reevectl";
  who.uid = 1000;
  who.user = "anna";
  event.by = std::make_shared<const Writer>(who);
  engine::Audit audit;
  audit.verb = "apply";
  audit.arguments = R"({"why":"INC-7"})";
  audit.generation_before = 41;
  audit.generation_after = 42;
  audit.policy_hash = "sha256:ab";
  audit.status = 200;
  event.audit = std::make_shared<const engine::Audit>(audit);

  const auto fields = MapOf(FieldsOf(event));

  EXPECT_THAT(fields, Contains(Key("MESSAGE_ID")));
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"REEVE_EVENT", "audit"},
                                          {"REEVE_VERB", "apply"},
                                          {"REEVE_ARGUMENTS", R"({"why":"INC-7"})"},
                                          {"REEVE_UID", "1000"},
                                          {"REEVE_USER", "anna"},
                                          {"REEVE_PID", "77120"},
                                          {"REEVE_PID_START", "4711"},
                                          {"REEVE_PROGRAM", "reevectl"},
                                          {"REEVE_GENERATION_BEFORE", "41"},
                                          {"REEVE_GENERATION", "42"},
                                          {"REEVE_POLICY_HASH", "sha256:ab"},
                                          {"REEVE_STATUS", "200"},
                                          {"REEVE_EXIT_CODE", "0"}}) {
    EXPECT_THAT(fields, Contains(Pair(name, value)));
  }
  EXPECT_THAT(fields, Not(Contains(Key("REEVE_WRITER_PID"))));
}

TEST(JournalFields, AFindingNamesItsCodeAndPlace) {
  policy::Diagnostic finding;
  finding.code = "R0107";
  finding.mark = MarkAt(14);

  const auto fields = MapOf(FieldsOf(finding));

  EXPECT_THAT(fields, Contains(Pair("REEVE_CODE", "R0107")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_POLICY", "10-web.yaml")));
  EXPECT_THAT(fields, Contains(Pair("REEVE_POLICY_LINE", "14")));
  EXPECT_NE(fields.at("MESSAGE_ID"), MapOf(FieldsOfBroken()).at("MESSAGE_ID"));
}

TEST(JournalFields, NoByteOfAWriterReachesATerminalRaw) {
  engine::Event event;
  event.kind = engine::Event::Kind::kRepair;
  Writer writer;
  writer.exe = "/tmp/\x1b[2J";
  event.by = std::make_shared<const Writer>(writer);

  EXPECT_THAT(MapOf(FieldsOf(event)), Contains(Pair("REEVE_WRITER_EXE", "/tmp/\\x1b[2J")));
}

}  // namespace
}  // namespace reeve::daemon
