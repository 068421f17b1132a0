// SPDX-License-Identifier: Apache-2.0
#include "core/engine/generation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/policy_hash.h"
#include "support/findings_text.h"
#include "support/tree_text.h"

namespace reeve::engine {
namespace {

using reeve::testing::DesiredText;
using reeve::testing::FindingsText;
using reeve::testing::TextFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kNow = 1'795'296'600;  // 2026-11-21 21:30 UTC

// Data in memory; remembers what was asked for.
class Data : public port::DataSource {
 public:
  std::map<std::string, std::string> files;
  std::vector<std::string> asked;

  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    asked.push_back(name);
    const auto file = files.find(name);
    if (file == files.end()) return Error{ErrorKind::kNotFound, 2, name, "there is no such file"};
    return TextFile(name, file->second);
  }

  Result<std::vector<std::string>> MatchPaths(const std::string& glob) override {
    asked.push_back(glob);
    return Error{ErrorKind::kDenied, 13, glob, "permission denied"};
  }
};

HostFacts Host() {
  HostFacts facts;
  facts.host = "web01";
  facts.cpus = 4;
  facts.memory = 8ULL << 30;
  facts.max_tasks = 32'768;
  facts.controllers = {Controller::kCpu, Controller::kIo, Controller::kMemory, Controller::kPids};
  return facts;
}

class JudgeTest : public ::testing::Test {
 protected:
  Generation JudgeText(std::string_view body) {
    std::string text = "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\n";
    text += body;
    return Judge({TextFile("a.yaml", text)}, Host(), data_, kNow);
  }

  Data data_;
};

TEST_F(JudgeTest, GoesFromTextToNumbers) {
  data_.files["c.csv"] = "name,memory\nacme,10% of host\n";

  const Generation generation =
      JudgeText("cgroups: {<name>: {for_each: {file: c.csv}, memory.max: <memory>}}\n");

  EXPECT_EQ(FindingsText(generation.findings), "");
  EXPECT_TRUE(generation.usable());
  EXPECT_EQ(generation.documents, 1U);
  EXPECT_EQ(DesiredText(generation.desired),
            "(root) hands down cpu io memory pids\n"
            "acme of <name>\n"
            "  memory.max 858993459\n");
  EXPECT_THAT(data_.asked, ElementsAre("c.csv"));
}

TEST_F(JudgeTest, OfNoFilesIsAnEmptyTree) {
  const Generation generation = Judge({}, Host(), data_, kNow);

  EXPECT_TRUE(generation.usable());
  EXPECT_TRUE(generation.desired.cgroups.empty());
  EXPECT_EQ(generation.documents, 0U);
}

TEST_F(JudgeTest, ThePolicyHashIsOfThePoliciesAndTheirData) {
  const std::string body = "cgroups: {<name>: {for_each: {file: c.csv}}}\n";
  data_.files["c.csv"] = "name\nacme\n";
  const Generation first = JudgeText(body);
  const Generation again = JudgeText(body);
  data_.files["c.csv"] = "name\nacme\nbakery\n";
  const Generation other = JudgeText(body);

  ASSERT_EQ(first.data.size(), 1U);
  EXPECT_EQ(first.desired.policy_hash, PolicyHash({first.files[0], first.data[0]}));
  EXPECT_EQ(again.desired.policy_hash, first.desired.policy_hash);
  EXPECT_NE(other.desired.policy_hash, first.desired.policy_hash);
}

TEST_F(JudgeTest, MistakesOfAllStepsAreFoundAtOnceByPlace) {
  data_.files["c.csv"] = "name,memory\nacme,4G\n";

  const Generation generation = JudgeText(
      "cgroups:\n"
      "  a: {memory.max: 1GiB, memory.high: 2GiB}\n"
      "  b: {memory.max: host - 9GiB}\n"
      "  c: {memroy.max: 1GiB}\n"
      "  <name>: {for_each: {file: c.csv}, memory.max: <memory>}\n");

  const std::string text = FindingsText(generation.findings);
  EXPECT_FALSE(generation.usable());
  EXPECT_THAT(text, HasSubstr("a.yaml:5:38-41 R0107"));
  EXPECT_THAT(text, HasSubstr("a.yaml:6:19-29 R0311"));
  EXPECT_THAT(text, HasSubstr("a.yaml:7:7-16 R0101"));
  EXPECT_THAT(text, HasSubstr("c.csv:2:6-7 R0202"));
}

TEST_F(JudgeTest, WhatCouldNotBeReadHasNoEchoes) {
  const Generation generation = JudgeText(
      "cgroups:\n"
      "  a: {use: [quiet-<x>], pids.max: 4x}\n"
      "profiles:\n"
      "  quiet: {cpu.weight: [\n");

  const std::string text = FindingsText(generation.findings);
  EXPECT_THAT(text, HasSubstr("R0109"));
  EXPECT_THAT(text, Not(HasSubstr("R0302")));
  EXPECT_THAT(text, Not(HasSubstr("R0303")));
}

TEST_F(JudgeTest, DataThatCannotBeReadMakesTheSetUnusable) {
  const Generation generation = JudgeText(
      "cgroups:\n"
      "  <name>: {for_each: {file: c.csv}}\n"
      "  s-<s>: {for_each: {path: /srv/<s>}}\n");

  EXPECT_FALSE(generation.usable());
  EXPECT_EQ(FindingsText(generation.findings),
            "a.yaml:5:29-33 R0306 `c.csv` cannot be read: there is no such file\n"
            "  hint: a relative name lies in `data.d` beside the policy directory\n"
            "a.yaml:6:28-35 R0306 the paths `/srv/*` could not be looked for: permission denied\n");
}

TEST_F(JudgeTest, DataOfDocumentsForOtherHostsIsNotRead) {
  const Generation generation = JudgeText(
      "when: {host: db*}\n"
      "cgroups: {<name>: {for_each: {file: c.csv}}}\n");

  EXPECT_TRUE(generation.usable());
  EXPECT_TRUE(data_.asked.empty());
  EXPECT_EQ(generation.tree.documents_skipped, 1);
}

TEST_F(JudgeTest, WarningsDoNotMakeItUnusable) {
  const Generation generation = JudgeText("cgroups: {a: {pids.max: 20}}\n");

  EXPECT_TRUE(generation.usable());
  EXPECT_THAT(FindingsText(generation.findings), HasSubstr("a.yaml:4:25-26 warning R0402"));
}

TEST_F(JudgeTest, SaysWhenTheClockMayChangeIt) {
  const Generation generation = JudgeText("cgroups: {a: {expires: 2026-11-22}}\n");

  EXPECT_EQ(generation.tree.judge_again_at, kNow + 150 * 60);
}

}  // namespace
}  // namespace reeve::engine
