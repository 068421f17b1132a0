// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/plan/resolve_testing.h"

namespace reeve::plan {
namespace {

TEST(ResolveChecks, HighAboveMaxIsAnErrorThatNamesBothPlaces) {
  const Resolved r =
      ResolveHere(TreeBuilder().Set("a", "memory.max", "4GiB").Set("a", "memory.high", "6GiB"));

  EXPECT_EQ(r.Places(),
            "2:14 R0107: memory.high is above memory.max | lower memory.high, or drop memory.max "
            "| 1: the limit it can never reach\n");
}

TEST(ResolveChecks, NoHighAtAllAndOneAtMaxAreFine) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "4GiB")
                                     .Set("a", "memory.high", "max")
                                     .Set("b", "memory.max", "4GiB")
                                     .Set("b", "memory.high", "4GiB")
                                     .Set("b/c", "memory.high", "6GiB"));

  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveChecks, AContradictionIsOneOnHostsWithoutTheController) {
  HostFacts facts = MakeFacts();
  facts.controllers = {Controller::kHugetlb};

  const Resolved r = ResolveHere(
      TreeBuilder().Set("a", "memory.max", "4GiB").Set("a", "memory.high", "6GiB"), facts);

  EXPECT_EQ(r.findings.error_count(), 1U);
}

TEST(ResolveChecks, ProtectionAboveALimitIsAWarning) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "4GiB")
                                     .Set("a", "memory.low", "5GiB")
                                     .Set("b", "memory.high", "4GiB")
                                     .Set("b", "memory.min", "5GiB")
                                     .Set("c", "memory.min", "2GiB")
                                     .Set("c", "memory.low", "1GiB")
                                     .Set("d", "memory.swap.high", "2GiB")
                                     .Set("d", "memory.swap.max", "1GiB")
                                     .Set("e", "memory.low", "max")
                                     .Set("e", "memory.max", "1GiB"));

  EXPECT_EQ(r.Places(),
            "warning 2:13 R0409: memory.low is above memory.max | what is protected beyond the "
            "limit is never there | 1: this comes first\n"
            "warning 4:13 R0409: memory.min is above memory.high | what is protected beyond the "
            "limit is never there | 3: this comes first\n"
            "warning 5:13 R0409: memory.min is above memory.low | what memory.min keeps needs no "
            "memory.low | 6: this comes first\n"
            "warning 7:19 R0409: memory.swap.high is above memory.swap.max | lower "
            "memory.swap.high | 8: this comes first\n");
}

TEST(ResolveChecks, BurstAboveTheQuotaIsWhatTheKernelRefuses) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "cpu.max", "0.5 cores every 20ms")
                                     .Set("a", "cpu.max.burst", "20ms")
                                     .Set("b", "cpu.max", "max")
                                     .Set("b", "cpu.max.burst", "20ms")
                                     .Set("c", "cpu.max", "1 core")
                                     .Set("c", "cpu.max.burst", "100% of cpu.max"));

  EXPECT_EQ(r.Places(),
            "2:16 R0133: cpu.max.burst is 20ms, above the quota of 10ms | `100% of cpu.max` is "
            "the most the kernel takes | 1: the quota of 10ms in 20ms\n");
}

TEST(ResolveChecks, AnIdleCgroupHasNoShare) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "cpu.idle", "true")
                                     .Set("a", "cpu.weight", "50")
                                     .Set("b", "cpu.idle", "false")
                                     .Set("b", "cpu.weight", "50")
                                     .Set("c", "cpu.idle", "true")
                                     .Set("c", "cpu.weight.nice", "5")
                                     .Set("d", "cpu.weight", "50")
                                     .Set("d", "cpu.weight.nice", "5"));

  EXPECT_EQ(r.Places(),
            "2:1 R0127: cpu.weight cannot stand beside cpu.idle: true | an idle cgroup has no "
            "share, drop one of the two | 1: set here\n"
            "6:1 R0127: cpu.weight.nice cannot stand beside cpu.idle: true | an idle cgroup has "
            "no share, drop one of the two | 5: set here\n"
            "8:1 R0127: cpu.weight.nice is cpu.weight in other words | set one of the two | 7: "
            "set here\n");
}

TEST(ResolveChecks, APartitionNeedsCpus) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "cpuset.cpus.partition", "root")
                                     .Set("b", "cpuset.cpus.partition", "isolated")
                                     .Set("b", "cpuset.cpus", "1")
                                     .Set("c", "cpuset.cpus.partition", "member")
                                     .Set("d", "cpuset.cpus.partition", "root")
                                     .Set("d", "cpuset.cpus.exclusive", "1"));

  EXPECT_EQ(r.Places(),
            "warning 1:24 R0410: a partition needs CPUs of its own | set `cpuset.cpus` beside "
            "it\n");
}

TEST(ResolveChecks, MoreMinThanTheHostHasIsAWarning) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.min", "6GiB")
                                     .Set("b", "memory.min", "50% of host")
                                     .Set("c", "memory.min", "3GiB")
                                     .Set("d", "memory.min", "max")
                                     .Set("a/x", "memory.min", "6GiB"));

  EXPECT_EQ(r.Places(),
            "warning 2:13 R0403: memory.min of the outermost cgroups adds up to 17GiB, this host "
            "has 16GiB | the kernel kills somewhere when it cannot keep what was promised\n");
}

TEST(ResolveChecks, F105MoreLowThanTheHostHasIsAWarningToo) {
  const Resolved r =
      ResolveHere(TreeBuilder().Set("a", "memory.low", "10GiB").Set("b", "memory.low", "7GiB"));

  EXPECT_EQ(r.Places(),
            "warning 1:13 R0403: memory.low of the outermost cgroups adds up to 17GiB, this "
            "host has 16GiB | when memory is short the kernel takes from all of them as if nobody "
            "were protected\n");
}

TEST(ResolveChecks, ProtectionThatTheParentDoesNotHandDownIsAWarning) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a/x", "memory.min", "1GiB")
                                     .Set("a/y", "memory.min", "2GiB")
                                     .Set("b", "memory.low", "4GiB")
                                     .Set("b/x", "memory.low", "3GiB")
                                     .Set("b/y", "memory.low", "3GiB")
                                     .Set("c", "memory.low", "4GiB")
                                     .Set("c/x", "memory.low", "4GiB")
                                     .Set("d", "memory.low", "max")
                                     .Set("d/x", "memory.low", "4GiB"));

  EXPECT_EQ(r.Places(),
            "warning 2:13 R0404: memory.min protects nothing here: `a` above it has none | give "
            "`a` memory.min: 3GiB\n"
            "warning 4:13 R0404: memory.low of the cgroups below `b` adds up to 6GiB, it has 4GiB "
            "itself | give `b` memory.low: 6GiB | 3: what there is to share\n");
}

TEST(ResolveChecks, ProtectionsThatThisHostLacksPromiseNothing) {
  HostFacts facts = MakeFacts();
  facts.files = {"memory.max"};

  const Resolved r = ResolveHere(TreeBuilder().Set("a", "memory.min", "60GiB"), facts);

  EXPECT_EQ(r.Places(), "");
}

}  // namespace
}  // namespace reeve::plan
