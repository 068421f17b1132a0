// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/plan/resolve_testing.h"

namespace reeve::plan {
namespace {

TEST(ResolveAmounts, NumbersNeedNoHost) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "4GiB")
                                     .Set("a", "pids.max", "2000")
                                     .Set("a", "memory.swap.max", "0")
                                     .Set("a", "memory.high", "max")
                                     .Set("a", "cpu.weight.nice", "-5")
                                     .Set("a", "memory.oom.group", "true")
                                     .Set("a", "cpu.uclamp.min", "20.25")
                                     .Set("a", "cgroup.max.depth", "3"));

  EXPECT_EQ(r.Knobs(),
            "a cgroup.max.depth=3\n"
            "a cpu.uclamp.min=20.25\n"
            "a cpu.weight.nice=-5\n"
            "a memory.high=max\n"
            "a memory.max=4294967296\n"
            "a memory.oom.group=1\n"
            "a memory.swap.max=0\n"
            "a pids.max=2000\n");
  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveAmounts, OfHostIsOfWhatTheFileSharesOut) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "25% of host")
                                     .Set("a", "memory.swap.max", "50% of host")
                                     .Set("a", "pids.max", "60% of host")
                                     .Set("a", "cpu.max", "30% of host")
                                     .Set("b", "cpu.max", "30% of host every 50ms")
                                     .Set("b", "memory.max", "host - 2GiB"));

  EXPECT_EQ(r.Knobs(),
            "a cpu.max=120000 100000\n"
            "a memory.max=4294967296\n"
            "a memory.swap.max=1073741824\n"
            "a pids.max=60000\n"
            "b cpu.max=60000 50000\n"
            "b memory.max=15032385536\n");
  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveAmounts, RoundsDownWhateverTheShare) {
  HostFacts facts = MakeFacts();
  facts.max_tasks = 100;
  facts.cpus = 3;

  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "pids.max", "99.9% of host")
                                     .Set("a", "cpu.max", "33.333333% of host every 1ms"),
                                 facts);

  EXPECT_EQ(r.Places(),
            "2:10 R0313: `33.333333% of host every 1ms` is a quota of 999us in 1ms on this host, "
            "the kernel takes 1ms and more | give it a floor, `max(1 core, 33.333333% of "
            "host) every 1ms`, or keep it off this host with `when:`\n");
  EXPECT_EQ(r.Knobs(), "a pids.max=99\n");
}

TEST(ResolveAmounts, OfParentIsTheNearestFiniteOneAbove) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "8GiB")
                                     .Set("a/b", "memory.max", "max")
                                     .Cgroup("a/b/c")
                                     .Set("a/b/c/d", "memory.max", "50% of parent")
                                     .Set("a", "cpu.max", "\"50000 20000\"")
                                     .Set("a/b", "cpu.max", "50% of parent")
                                     .Set("e", "pids.max", "10% of parent"));

  EXPECT_EQ(r.Knobs(),
            "a cpu.max=50000 20000\n"
            "a memory.max=8589934592\n"
            "a/b cpu.max=125000 100000\n"
            "a/b memory.max=max\n"
            "a/b/c/d memory.max=4294967296\n"
            "e pids.max=10000\n");
}

TEST(ResolveAmounts, LimitsAboveTheManagedRootCountBeforeTheHost) {
  HostFacts facts = MakeFacts();
  facts.limits_above = {{"memory.max", "4294967296"}, {"cpu.max", "100000 50000"}};

  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "50% of parent")
                                     .Set("a", "cpu.max", "50% of parent")
                                     .Set("b", "memory.high", "50% of memory.max")
                                     .Set("b", "memory.max", "max")
                                     .Set("c", "memory.swap.max", "50% of parent"),
                                 facts);

  EXPECT_EQ(r.Knobs(),
            "a cpu.max=100000 100000\n"
            "a memory.max=2147483648\n"
            "b memory.high=2147483648\n"
            "b memory.max=max\n"
            "c memory.swap.max=1073741824\n");
}

TEST(ResolveAmounts, OfKeyBeginsWithTheCgroupItself) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "4GiB")
                                     .Set("a", "memory.high", "90% of memory.max")
                                     .Set("a/b", "memory.high", "50% of memory.max")
                                     .Set("c", "memory.high", "75% of memory.max")
                                     .Set("a", "memory.swap.max", "memory.max - memory.high"));

  EXPECT_EQ(r.Knobs(),
            "a memory.high=3865470566\n"
            "a memory.max=4294967296\n"
            "a memory.swap.max=429496730\n"
            "a/b memory.high=2147483648\n"
            "c memory.high=12884901888\n");
}

TEST(ResolveAmounts, BurstCountsInTheCgroupsOwnPeriod) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "cpu.max", "4 cores every 50ms")
                                     .Set("a", "cpu.max.burst", "100% of cpu.max")
                                     .Set("a/b", "cpu.max.burst", "50% of cpu.max")
                                     .Set("c", "cpu.max.burst", "20ms")
                                     .Set("d", "cpu.max", "\"33333 90000\"")
                                     .Set("d", "cpu.max.burst", "100% of cpu.max"));

  EXPECT_EQ(r.Knobs(),
            "a cpu.max=200000 50000\n"
            "a cpu.max.burst=200000\n"
            "a/b cpu.max.burst=200000\n"
            "c cpu.max.burst=20000\n"
            "d cpu.max=33333 90000\n"
            "d cpu.max.burst=33333\n");
  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveAmounts, BelowZeroSaysWhatTheHostHas) {
  HostFacts facts = MakeFacts();
  facts.memory = 8'252'825'600;
  facts.cpus = 2;

  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "host - 24GiB")
                                     .Set("a", "cpu.max", "host - 4 cores every 50ms")
                                     .Set("a", "pids.max", "host - 200000")
                                     .Set("a", "memory.swap.max", "host - 3GiB"),
                                 facts);

  EXPECT_EQ(r.Places(),
            "2:10 R0311: `host - 4 cores every 50ms` is below zero on this host (2 cores) | give "
            "it a floor, `max(0.02 cores, host - 4 cores) every 50ms`, or keep it off this host "
            "with `when:`\n"
            "1:13 R0311: `host - 24GiB` is below zero on this host (7.7GiB) | give it a floor, "
            "`max(1GiB, host - 24GiB)`, or keep it off this host with `when:`\n"
            "4:18 R0311: `host - 3GiB` is below zero on this host (2GiB of swap) | give it a "
            "floor, `max(1GiB, host - 3GiB)`, or keep it off this host with `when:`\n"
            "3:11 R0311: `host - 200000` is below zero on this host (100000 tasks) | give it a "
            "floor, `max(100, host - 200000)`, or keep it off this host with `when:`\n");
  EXPECT_EQ(r.Knobs(), "");
}

TEST(ResolveAmounts, OutOfRangeOnlyHere) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "cpu.max", "0.1% of host")
                                     .Set("a", "pids.max", "100 * host")
                                     .Set("a", "memory.max", "18446744073709551615 * host"));

  EXPECT_EQ(r.Places(),
            "1:10 R0313: `0.1% of host` is a quota of 400us in 100ms on this host, the kernel "
            "takes 1ms and more | give it a floor, `max(0.01 cores, 0.1% of host)`, or keep it "
            "off this host with `when:`\n"
            "3:13 R0312: `18446744073709551615 * host` is over 64 bits on this host | `max` means "
            "no limit\n"
            "2:11 R0313: `100 * host` is 10000000 on this host, pids.max takes 0 to 4194304 | "
            "`max` means no limit\n");
}

TEST(ResolveAmounts, AnUnknownHostIsNotAHostOfZero) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "25% of host")
                                     .Set("a", "cpu.max", "50% of parent")
                                     .Set("a", "pids.max", "60% of host")
                                     .Set("a", "memory.swap.max", "50% of host"),
                                 HostFacts());

  EXPECT_EQ(r.Places(),
            "2:10 R0316: `50% of parent`: how many CPUs this host has is not known | `reevectl "
            "facts` shows what is known; write the amount itself\n"
            "1:13 R0316: `25% of host`: how much memory this host has is not known | `reevectl "
            "facts` shows what is known; write the amount itself\n"
            "3:11 R0316: `60% of host`: how many tasks this host has is not known | `reevectl "
            "facts` shows what is known; write the amount itself\n");
  EXPECT_EQ(r.Knobs(), "a memory.swap.max=0\n");
}

TEST(ResolveAmounts, CirclesAreFoundOnce) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "50% of memory.max")
                                     .Set("b", "memory.high", "90% of memory.max")
                                     .Set("b", "memory.max", "110% of memory.high")
                                     .Set("b", "memory.low", "10% of memory.max"));

  EXPECT_EQ(r.Places(),
            "1:13 R0314: memory.max is worked out from itself | `of parent` takes the same key "
            "further up\n"
            "2:14 R0314: memory.high is worked out from itself | `of parent` takes the same key "
            "further up\n");
  EXPECT_EQ(r.Knobs(), "");
}

TEST(ResolveAmounts, TheOwnKeyFurtherUpIsNoCircle) {
  const Resolved r = ResolveHere(
      TreeBuilder().Set("a", "memory.max", "8GiB").Set("a/b", "memory.max", "50% of parent"));

  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveAmounts, WhatDependsOnAWrongValueIsNotFoundAgain) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "host - 99GiB")
                                     .Set("a", "memory.high", "90% of memory.max")
                                     .Set("a/b", "memory.max", "50% of parent"));

  EXPECT_EQ(r.findings.error_count(), 1U);
}

TEST(ResolveAmounts, FunctionsChooseOnTheHost) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "min(4GiB, 10% of host)")
                                     .Set("b", "memory.max", "max(4GiB, 10% of host)")
                                     .Set("c", "memory.max", "max(0B, host - 24GiB)")
                                     .Set("d", "cpu.max", "min(2 cores, 75% of host)")
                                     .Set("e", "memory.max", "min(max, 50% of host)"));

  EXPECT_EQ(r.Knobs(),
            "a memory.max=1717986918\n"
            "b memory.max=4294967296\n"
            "c memory.max=0\n"
            "d cpu.max=200000 100000\n"
            "e memory.max=8589934592\n");
}

}  // namespace
}  // namespace reeve::plan
