// SPDX-License-Identifier: Apache-2.0
#include "core/engine/acceptance.h"

#include <gtest/gtest.h>

namespace reeve::engine {
namespace {

using Kind = Acceptance::Kind;

class NoData final : public port::DataSource {
 public:
  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    return Error{ErrorKind::kNotFound, 0, name, "not there"};
  }

  Result<std::vector<std::string>> MatchPaths(const std::string&) override {
    return std::vector<std::string>();
  }
};

HostFacts Host() {
  HostFacts facts;
  facts.host = "web17";
  facts.cpus = 4;
  facts.memory = 8ULL << 30;
  facts.max_tasks = 32768;
  facts.controllers = {Controller::kCpu, Controller::kMemory, Controller::kPids};
  return facts;
}

port::FileSet Set(const std::string& text, const std::string& name = "10-web.yaml") {
  auto file = std::make_shared<SourceFile>();
  file->name = name;
  file->text = text;
  port::FileSet set;
  set.files.push_back(std::move(file));
  return set;
}

std::string Policy(const std::string& cpu_max) {
  return "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: web}\n"
         "cgroups: {web: {cpu.max: " +
         cpu_max + "}}\n";
}

class AcceptorTest : public ::testing::Test {
 protected:
  Acceptance Consider(const port::FileSet& set) {
    return acceptor_.Consider(set, Host(), data_, 0);
  }

  NoData data_;
  Acceptor acceptor_;
};

TEST_F(AcceptorTest, AGoodSetIsAcceptedOnceAndThenTheSame) {
  const Acceptance first = Consider(Set(Policy("2 cores")));
  ASSERT_EQ(first.kind, Kind::kAccepted);
  EXPECT_EQ(first.generation->desired.cgroups.size(), 1U);
  EXPECT_EQ(acceptor_.generation(), 1U);

  EXPECT_EQ(Consider(Set(Policy("2 cores"))).kind, Kind::kSame);
  EXPECT_EQ(acceptor_.generation(), 1U);
}

TEST_F(AcceptorTest, ABrokenSetIsRefusedWithItsFindingsAndTheOldOneStays) {
  Consider(Set(Policy("2 cores")));

  const Acceptance refused = Consider(Set(Policy("2 coers")));

  EXPECT_EQ(refused.kind, Kind::kRefused);
  EXPECT_TRUE(refused.findings.has_errors());
  EXPECT_EQ(acceptor_.generation(), 1U);
  ASSERT_TRUE(acceptor_.Again(Host(), data_, 0).has_value());
  EXPECT_EQ(Consider(Set(Policy("2 cores"))).kind, Kind::kSame) << "put right again";
}

TEST_F(AcceptorTest, ANameThatWasMeantToBeAPolicyRefusesTheSet) {
  port::FileSet set = Set(Policy("2 cores"));
  set.ignored.push_back({"x.yaml", "a directory", true});
  const Acceptance refused = Consider(set);
  EXPECT_EQ(refused.kind, Kind::kRefused);
  ASSERT_EQ(refused.refused_names.size(), 1U);
  EXPECT_EQ(refused.refused_names[0].name, "x.yaml");

  set.ignored[0].error = false;
  EXPECT_EQ(Consider(set).kind, Kind::kAccepted);
}

TEST_F(AcceptorTest, F101_AnEmptiedDirectoryUnleashesNobody) {
  EXPECT_EQ(Consider({}).kind, Kind::kSame) << "nothing was there before";
  Consider(Set(Policy("2 cores")));

  EXPECT_EQ(Consider({}).kind, Kind::kEmptied);
  EXPECT_TRUE(acceptor_.has_generation());
}

TEST_F(AcceptorTest, GenerationsGoOnCountingAfterARestart) {
  acceptor_.CountFrom(41, Set(Policy("2 cores")).files);
  EXPECT_EQ(Consider(Set(Policy("2 cores"))).kind, Kind::kAccepted);
  EXPECT_EQ(acceptor_.generation(), 41U) << "the same files";
  EXPECT_EQ(Consider(Set(Policy("3 cores"))).kind, Kind::kAccepted);
  EXPECT_EQ(acceptor_.generation(), 42U);
}

TEST_F(AcceptorTest, ARestoredSetIsInForceWithItsNumber) {
  Generation generation;
  ASSERT_TRUE(acceptor_.Restore(Set(Policy("2 cores")).files, 41, Host(), data_, 0, &generation));
  EXPECT_EQ(acceptor_.generation(), 41U);
  EXPECT_EQ(generation.desired.cgroups.size(), 1U);

  Acceptor other;
  EXPECT_FALSE(other.Restore(Set(Policy("2 coers")).files, 41, Host(), data_, 0, &generation));
  EXPECT_FALSE(other.has_generation());
}

}  // namespace
}  // namespace reeve::engine
