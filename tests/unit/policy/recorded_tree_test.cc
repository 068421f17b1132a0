// SPDX-License-Identifier: Apache-2.0
#include "core/policy/recorded_tree.h"

#include <gtest/gtest.h>

#include "core/policy/facts_reader.h"
#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using reeve::testing::FindingsText;
using reeve::testing::TextFile;

Observed Read(std::string_view text, Findings& findings) {
  const auto documents = ReadYaml(TextFile("t.yaml", text), findings);
  return ReadRecordedTree(documents.at(0).root(), findings);
}

Observed Good(std::string_view text) {
  Findings findings;
  Observed observed = Read(text, findings);
  EXPECT_EQ(FindingsText(findings), "");
  return observed;
}

std::string Wrong(std::string_view text) {
  Findings findings;
  Read(text, findings);
  return FindingsText(findings);
}

const ObservedCgroup& At(const Observed& observed, std::string_view path) {
  return observed.cgroups.at(*CgroupPath::Parse(path));
}

TEST(RecordedTree, TakesFilesUseAndProcesses) {
  const Observed observed = Good(
      "web: {memory.max: 8GiB, cpu.max: 50000 100000, memory.current: 5GiB, pids.current: 12,"
      " cgroup.procs: 3}\n");

  const ObservedCgroup& web = At(observed, "web");
  EXPECT_EQ(web.files.at("memory.max").text, "8589934592");
  EXPECT_EQ(web.files.at("cpu.max").text, "50000 100000");
  EXPECT_EQ(web.memory_current, 5ULL << 30);
  EXPECT_EQ(web.pids_current, 12U);
  ASSERT_TRUE(web.processes.has_value());
  EXPECT_EQ(web.processes->size(), 3U);
  EXPECT_NE(web.processes->front(), 0);  // 0 would be a process that can not be named
  EXPECT_NE(web.id, 0U);
  EXPECT_EQ(web.owner, nullptr);
}

TEST(RecordedTree, WhatAChildShowsIsHandedDownAllTheWay) {
  const Observed observed = Good("a/b/c: {memory.current: 1}\na/b: {pids.max: max}\n");

  EXPECT_EQ(observed.root_subtree_control, ControllerSet({Controller::kMemory, Controller::kPids}));
  EXPECT_EQ(observed.root_controllers, observed.root_subtree_control);
  EXPECT_EQ(At(observed, "a").subtree_control,
            ControllerSet({Controller::kMemory, Controller::kPids}));
  EXPECT_EQ(At(observed, "a/b").subtree_control, ControllerSet({Controller::kMemory}));
  EXPECT_EQ(At(observed, "a/b/c").controllers, ControllerSet({Controller::kMemory}));
  EXPECT_TRUE(At(observed, "a/b/c").subtree_control.empty());
}

TEST(RecordedTree, AnOwnerRemembersWhatItSet) {
  const Observed observed = Good(
      "a: {owner: created, memory.max: max}\n"
      "b: {memory.max: max, owner: governed}\n"
      "c: {owner: {created: true, keys: {raw.file: \"5\"}}}\n");

  EXPECT_EQ(*At(observed, "a").owner, (OwnerMark{true, "a", {{"memory.max", ""}}}));
  EXPECT_EQ(*At(observed, "b").owner, (OwnerMark{false, "b", {{"memory.max", ""}}}));
  EXPECT_EQ(*At(observed, "c").owner, (OwnerMark{true, "c", {{"raw.file", "5"}}}));
}

TEST(RecordedTree, IsReadBackAsItWasWritten) {
  const Observed observed = Good(
      ".: {cgroup.subtree_control: cpu memory pids, cgroup.procs: 2}\n"
      "web: {owner: created, memory.max: max, cgroup.subtree_control: memory, cgroup.type: "
      "domain}\n"
      "web/a b: {memory.current: 4096, io.max: \"8:0 rbps=1 wbps=max riops=max wiops=max\"}\n"
      "threads: {cgroup.type: threaded, cgroup.procs: 0}\n");
  Findings findings;

  const Observed again = Read(FormatRecordedTree(observed), findings);

  EXPECT_EQ(FindingsText(findings), "");
  ASSERT_EQ(again.cgroups.size(), observed.cgroups.size());
  for (const auto& [path, cgroup] : observed.cgroups) {
    const ObservedCgroup& other = again.cgroups.at(path);
    ASSERT_EQ(other.owner == nullptr, cgroup.owner == nullptr) << path.text();
    if (other.owner != nullptr) {
      EXPECT_EQ(*other.owner, *cgroup.owner) << path.text();
    }
    EXPECT_EQ(other.type, cgroup.type) << path.text();
    EXPECT_EQ(other.subtree_control, cgroup.subtree_control) << path.text();
    EXPECT_EQ(other.controllers, cgroup.controllers) << path.text();
    EXPECT_EQ(other.memory_current, cgroup.memory_current) << path.text();
    EXPECT_EQ(other.processes, cgroup.processes) << path.text();
    ASSERT_EQ(other.files.size(), cgroup.files.size()) << path.text();
    for (const auto& [name, file] : cgroup.files) EXPECT_EQ(other.files.at(name).text, file.text);
  }
  EXPECT_EQ(again.root_subtree_control, observed.root_subtree_control);
  EXPECT_EQ(again.root_processes, observed.root_processes);
}

TEST(RecordedTree, NamesThatAreNoTextAreLeftOut) {
  Observed observed;
  observed.cgroups[*CgroupPath::Parse("bad\xff")];
  observed.cgroups[*CgroupPath::Parse("good")];
  Findings findings;

  const Observed again = Read(FormatRecordedTree(observed), findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_EQ(again.cgroups.size(), 1U);
}

TEST(RecordedTree, FindsWhatIsWrongWithItsPlace) {
  EXPECT_EQ(Wrong("web: {memory.max: lots}\n"),
            "t.yaml:1:19-22 R0201 `memory.max` of `web` is nothing that the kernel prints\n"
            "  hint: a fresh cgroup has max\n");
  EXPECT_EQ(Wrong("web: {memory.current: half}\n"),
            "t.yaml:1:23-26 R0201 `memory.current` of `web` is no amount\n"
            "  hint: memory.current: 5GiB\n");
  EXPECT_EQ(Wrong("web: {cgroup.procs: many}\n"),
            "t.yaml:1:21-24 R0201 `cgroup.procs` of `web` takes how many there are\n"
            "  hint: cgroup.procs: 3\n");
  EXPECT_EQ(Wrong("web: 3\n"),
            "t.yaml:1:6 R0114 `web` must be a map of files\n"
            "  hint: web: {memory.max: max, memory.current: 5GiB}\n");
  EXPECT_NE(Wrong("a//b: {}\n").find("R0117"), std::string::npos);
  EXPECT_NE(Wrong("web: {colour: red}\n").find("R0101"), std::string::npos);
  EXPECT_NE(Wrong("web: {owner: me}\n").find("R0114"), std::string::npos);
  EXPECT_NE(Wrong("web: {memory.max: [1]}\n").find("R0114"), std::string::npos);
}

TEST(RecordedHost, HasFactsAndPerhapsATree) {
  Findings findings;
  const RecordedHost with = ReadRecordedHost(
      TextFile("h.json",
               R"({"host": "a", "memory": 4096, "tree": {"web": {"memory.max": "max"}}})"),
      findings);
  const RecordedHost without = ReadRecordedHost(TextFile("h.json", R"({"host": "b"})"), findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_EQ(with.facts.host, "a");
  ASSERT_TRUE(with.tree.has_value());
  EXPECT_EQ(with.tree->cgroups.size(), 1U);
  EXPECT_FALSE(without.tree.has_value());
}

TEST(RecordedHost, AmountsOfMemoryMayHaveAUnit) {
  Findings findings;
  const auto facts = ReadFactsFile(TextFile("h.yaml", "memory: 16GiB\nswap: 1GiB\n"), findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_EQ(facts.memory, 16ULL << 30);
  EXPECT_EQ(facts.swap, 1ULL << 30);
  ReadFactsFile(TextFile("h.yaml", "cpus: 1GiB\n"), findings);
  EXPECT_NE(FindingsText(findings).find("R0201"), std::string::npos);
}

}  // namespace
}  // namespace reeve::policy
