// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/plan/resolve_testing.h"

namespace reeve::plan {
namespace {

constexpr std::string_view kHint =
    " | the host runs out of memory before this takes hold; `90% of host` leaves something, `max` "
    "says that there is no limit\n";

HostFacts WithCpus(IdSet ids) {
  HostFacts facts = MakeFacts();
  facts.cpu_ids = std::move(ids);
  return facts;
}

TEST(ResolveStarving, F105AMemoryMaxOfTheWholeHostIsAWarning) {
  const Resolved r = ResolveHere(
      TreeBuilder().Set("a", "memory.max", "100% of host").Set("b", "memory.max", "20GiB"));

  EXPECT_EQ(r.Places(),
            fmt::format("warning 1:13 R0411: memory.max is 16GiB, this host has 16GiB{0}"
                        "warning 2:13 R0411: memory.max is 20GiB, this host has 16GiB{0}",
                        kHint));
}

TEST(ResolveStarving, F105SoIsOneThatLeavesTheHostNextToNothing) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "host - 256MiB")
                                     .Set("b", "memory.max", "host - 255MiB"));

  EXPECT_EQ(r.Places(),
            fmt::format("warning 2:13 R0411: memory.max is 15.8GiB, which leaves 255MiB to the "
                        "rest of this host{}",
                        kHint));
}

TEST(ResolveStarving, F105ASmallHostNeedsLess) {
  HostFacts facts = MakeFacts();
  facts.memory = std::uint64_t{256} << 20;

  const Resolved r = ResolveHere(
      TreeBuilder().Set("a", "memory.max", "240MiB").Set("b", "memory.max", "241MiB"), facts);

  EXPECT_EQ(r.Places(),
            fmt::format("warning 2:13 R0411: memory.max is 241MiB, which leaves 15MiB to the rest "
                        "of this host{}",
                        kHint));
}

TEST(ResolveStarving, F105LimitsThatAddUpToMoreThanTheHostAreHonest) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "12GiB")
                                     .Set("b", "memory.max", "12GiB")
                                     .Set("c", "memory.max", "max")
                                     .Set("a/x", "memory.max", "16GiB")
                                     .Set("d", "memory.high", "16GiB"));

  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveStarving, F105PartitionsThatTakeEveryCpuAreAWarning) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "cpuset.cpus.partition", "root")
                                     .Set("a", "cpuset.cpus", "0-2,7")
                                     .Set("b", "cpuset.cpus.partition", "isolated")
                                     .Set("b", "cpuset.cpus.exclusive", "3"),
                                 WithCpus({{{0, 3}}}));

  EXPECT_EQ(
      r.Places(),
      "warning 3:24 R0412: partitions take every CPU that reeve may use: 0-3 | leave one out: "
      "what is in no partition has none to run on\n");
}

TEST(ResolveStarving, F105OneCpuLeftIsEnough) {
  TreeBuilder builder;
  builder.Set("a", "cpuset.cpus.partition", "root").Set("a", "cpuset.cpus", "1-3");
  builder.Set("b", "cpuset.cpus.partition", "member").Set("b", "cpuset.cpus", "0");

  EXPECT_EQ(ResolveHere(builder, WithCpus({{{0, 3}}})).Places(), "");
  EXPECT_EQ(ResolveHere(builder).Places(), "") << "a host whose CPUs are not known";
}

}  // namespace
}  // namespace reeve::plan
