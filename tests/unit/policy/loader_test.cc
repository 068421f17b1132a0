// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/policy/load.h"
#include "support/findings_text.h"
#include "unit/policy/load_testing.h"

namespace reeve::policy {
namespace {

using testing::TextFile;
using Files = std::vector<std::shared_ptr<const SourceFile>>;

std::string Text(const std::string& cgroup, const std::string& more = "") {
  return std::string(kTestHead) + "cgroups: {" + cgroup + ": {pids.max: 5" + more + "}}\n";
}

std::vector<std::string> Names(const Policy& policy) {
  std::vector<std::string> names;
  for (const Document& document : policy.documents) {
    for (const CgroupSpec& cgroup : document.cgroups) names.push_back(cgroup.name.text);
  }
  return names;
}

// What a loader says of a set, in words; and that it is what is said without any memory.
std::string Load(Loader& loader, Files files) {
  Findings fresh;
  const Policy expected = LoadPolicy(files, fresh);
  Findings findings;
  const Policy& policy = loader.Load(files, findings);
  EXPECT_EQ(testing::FindingsText(findings), testing::FindingsText(fresh));
  EXPECT_EQ(Names(policy), Names(expected));
  return testing::FindingsText(findings);
}

TEST(Loader, AFileThatIsAsItWasIsNotParsedAgain) {
  Loader loader;
  Load(loader, {TextFile("a.yaml", Text("a")), TextFile("b.yaml", Text("b"))});
  EXPECT_EQ(loader.parsed(), 2U);

  Load(loader, {TextFile("a.yaml", Text("a")), TextFile("b.yaml", Text("b2"))});
  EXPECT_EQ(loader.parsed(), 1U);

  Load(loader, {TextFile("a.yaml", Text("a")), TextFile("b.yaml", Text("b2"))});
  EXPECT_EQ(loader.parsed(), 0U);
}

TEST(Loader, ANameOrALayerIsAnotherFile) {
  Loader loader;
  Load(loader, {TextFile("a.yaml", Text("a"))});
  Load(loader, {TextFile("b.yaml", Text("a"))});
  EXPECT_EQ(loader.parsed(), 1U);
  Load(loader, {TextFile("b.yaml", Text("a"), 2)});
  EXPECT_EQ(loader.parsed(), 1U);
}

TEST(Loader, WhatIsWrongWithAFileIsFoundAgainAsLongAsItStands) {
  Loader loader;
  const auto broken = [] { return TextFile("a.yaml", Text("a", ", pids.mx: 7")); };
  const std::string first = Load(loader, {broken(), TextFile("b.yaml", Text("b"))});
  EXPECT_THAT(first, ::testing::HasSubstr("R0101"));

  EXPECT_EQ(Load(loader, {broken(), TextFile("b.yaml", Text("c"))}), first);
  EXPECT_EQ(loader.parsed(), 1U);
  EXPECT_EQ(Load(loader, {TextFile("a.yaml", Text("a")), TextFile("b.yaml", Text("c"))}), "");
}

// Profiles are looked for over all files, those that were parsed before included.
TEST(Loader, AProfileThatLeavesIsMissedInAFileThatDidNotChange) {
  Loader loader;
  const std::string profile = std::string(kTestHead) + "profiles: {p: {cpu.weight: 10}}\n";
  const auto user = [] { return TextFile("b.yaml", Text("b", ", use: [p]")); };
  EXPECT_EQ(Load(loader, {TextFile("a.yaml", profile), user()}), "");

  EXPECT_THAT(Load(loader, {user()}), ::testing::HasSubstr("R0303"));
  EXPECT_EQ(loader.parsed(), 0U);
  EXPECT_EQ(Load(loader, {TextFile("a.yaml", profile), user()}), "");
}

TEST(Loader, FilesThatWereKnownStayTheSameObjects) {
  Loader loader;
  Findings findings;
  const auto first = TextFile("a.yaml", Text("a"));
  Files files = {first};
  loader.Load(files, findings);
  files = {TextFile("a.yaml", Text("a"))};

  const Policy& policy = loader.Load(files, findings);

  EXPECT_EQ(files[0], first);
  EXPECT_EQ(policy.documents[0].mark.file, first);
}

TEST(Loader, ASetThatIsTooLargeIsForgottenWhole) {
  Loader loader;
  Load(loader, {TextFile("a.yaml", Text("a"))});
  Files large;
  for (int i = 0; i < 9; ++i) {
    large.push_back(TextFile(std::to_string(i) + ".yaml", std::string(kMaxFileBytes, '#')));
  }
  EXPECT_THAT(Load(loader, large), ::testing::HasSubstr("R0103"));
  EXPECT_EQ(Load(loader, {TextFile("a.yaml", Text("a"))}), "");
}

// Any sequence of sets reads as each of them alone.
TEST(Loader, RemembersNothingThatIsNoMoreThere) {
  std::mt19937 random(7);
  Loader loader;
  for (int round = 0; round < 200; ++round) {
    Files files;
    for (const char* name : {"a.yaml", "b.yaml", "c.yaml", "d.yaml"}) {
      if (random() % 4 == 0) continue;
      const std::string cgroup(1, static_cast<char>('k' + random() % 3));
      std::string text = Text(cgroup, random() % 4 == 0 ? ", pids.mx: 1" : "");
      if (random() % 3 == 0) text += "---\n" + Text("second");
      if (random() % 6 == 0) text += "profiles: {p: {cpu.weight: 10}}\n";
      if (random() % 9 == 0) text += "\"broken";
      files.push_back(TextFile(name, text));
    }
    Load(loader, files);
  }
}

}  // namespace
}  // namespace reeve::policy
