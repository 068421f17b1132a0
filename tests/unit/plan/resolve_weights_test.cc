// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plan/resolve.h"
#include "core/policy/expand.h"
#include "core/policy/load.h"

namespace reeve::plan {
namespace {

Desired Resolved(const std::string& io_weight, const HostFacts& facts) {
  auto file = std::make_shared<SourceFile>();
  file->name = "a.yaml";
  file->text =
      "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: a}\ncgroups: {web: {io.weight: " +
      io_weight + "}}\n";
  policy::Findings findings;
  const Policy policy = policy::LoadPolicy({file}, findings);
  const policy::MergedTree tree = policy::Expand(policy, facts, {}, 0, findings);
  Desired desired = Resolve(tree, facts, findings);
  EXPECT_FALSE(findings.has_errors());
  return desired;
}

HostFacts HostWithDisks() {
  HostFacts facts;
  facts.controllers = {Controller::kIo};
  facts.devices["/dev/sda"] = {"8:0", "sda"};
  facts.devices["/dev/sdb"] = {"8:16", "sdb"};
  return facts;
}

const CgroupPath kWeb = *CgroupPath::Parse("web");

TEST(ResolveWeights, AWeightForADiskThatNothingWeighsIsUnsupportedAndNotWritten) {
  HostFacts facts = HostWithDisks();
  facts.weighted_disks = {"8:16"};

  const Desired desired =
      Resolved("[{device: /dev/sda, weight: 200}, {device: /dev/sdb, weight: 300}]", facts);

  ASSERT_EQ(desired.gaps.size(), 1U);
  EXPECT_EQ(desired.gaps[0].kind, Gap::Kind::kUnsupported);
  EXPECT_EQ(desired.gaps[0].reason, "no effect: /dev/sda has neither iocost nor BFQ");
  const auto& table = std::get<Table>(desired.cgroups.at(kWeb).knobs.at("io.weight").value);
  EXPECT_FALSE(table.rows.contains("8:0"));
  EXPECT_EQ(table.rows.at("8:16").at(""), Limit(300));
}

TEST(ResolveWeights, TheDefaultWeightIsSetAndSaidToHaveNoEffect) {
  HostFacts facts = HostWithDisks();
  facts.weighted_disks.emplace();

  const Desired desired = Resolved("[{default: 50}]", facts);

  ASSERT_EQ(desired.gaps.size(), 1U);
  EXPECT_EQ(desired.gaps[0].reason, "no effect: no disk of this host has iocost or BFQ");
  EXPECT_TRUE(desired.cgroups.at(kWeb).knobs.contains("io.weight"));
}

TEST(ResolveWeights, WhereNothingIsKnownNothingIsSaid) {
  EXPECT_TRUE(Resolved("[{device: /dev/sda, weight: 200}]", HostWithDisks()).gaps.empty());
}

}  // namespace
}  // namespace reeve::plan
