// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "unit/plan/resolve_testing.h"

namespace reeve::plan {
namespace {

// "web: cpu memory", one cgroup a line; "/" is the managed root.
std::string HandedDown(const Desired& desired) {
  std::string shown = "/: " + desired.root_subtree_control.ToString() + "\n";
  for (const auto& [path, cgroup] : desired.cgroups) {
    shown += fmt::format("{}: {}\n", path.text(), cgroup.subtree_control.ToString());
  }
  return shown;
}

TEST(ResolveTree, AccountsAreHandedDownWhereverThereAreChildren) {
  const Resolved r = ResolveHere(TreeBuilder().Cgroup("a").Cgroup("b/c/d"));

  EXPECT_EQ(HandedDown(r.desired),
            "/: cpu io memory pids\n"
            "a: \n"
            "b: cpu io memory pids\n"
            "b/c: cpu io memory pids\n"
            "b/c/d: \n");
}

TEST(ResolveTree, WithoutAccountsOnlyWhatIsUsedIsHandedDown) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .NoAccount("a")
                                     .Cgroup("a/b")
                                     .Set("a/b/c", "pids.max", "5")
                                     .Set("a/d", "cpuset.cpus", "0"));

  EXPECT_EQ(HandedDown(r.desired),
            "/: cpuset pids\n"
            "a: cpuset pids\n"
            "a/b: pids\n"
            "a/b/c: \n"
            "a/d: \n");
}

TEST(ResolveTree, SiblingsWithAccountsBringThemToTheParentOnly) {
  const Resolved r = ResolveHere(TreeBuilder().NoAccount("a").Cgroup("a/x").Cgroup("b"));

  EXPECT_EQ(HandedDown(r.desired),
            "/: cpu io memory pids\n"
            "a: \n"
            "a/x: \n"
            "b: \n");
}

TEST(ResolveTree, OnlyWhatTheHostHasIsHandedDown) {
  HostFacts facts = MakeFacts();
  facts.controllers = {Controller::kHugetlb, Controller::kPids};

  const Resolved r = ResolveHere(
      TreeBuilder().Set("a/b", "memory.max", "1GiB").Set("a/b", "hugetlb.2MB.max", "0"), facts);

  EXPECT_EQ(HandedDown(r.desired),
            "/: hugetlb pids\n"
            "a: hugetlb pids\n"
            "a/b: \n");
}

TEST(ResolveTree, SubtreeControlAddsAndIsNoFileToWrite) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "cgroup.subtree_control", "cpuset hugetlb")
                                     .Cgroup("a/b")
                                     .Require("a", "cgroup.subtree_control"));

  EXPECT_EQ(HandedDown(r.desired),
            "/: cpuset cpu io memory pids\n"
            "a: cpuset cpu io memory pids\n"
            "a/b: \n");
  EXPECT_EQ(r.Knobs(), "");
  EXPECT_EQ(r.Gaps(),
            "required unsupported a cgroup.subtree_control: this host's managed root has no "
            "hugetlb controller\n");
}

TEST(ResolveTree, RawFilesNeedTheControllerTheyAreNamedAfter) {
  const Resolved r = ResolveHere(TreeBuilder().NoAccount("a").Raw("a", "memory.future", "1 2"));

  EXPECT_EQ(r.Knobs(), "a memory.future=1 2\n");
  EXPECT_EQ(HandedDown(r.desired), "/: memory\na: \n");
}

TEST(ResolveTree, SelfIsALeafOfItsOwn) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "4GiB")
                                     .Cgroup("a/b")
                                     .Self("a", "memory.max", "50% of parent")
                                     .Self("a", "cpu.weight", "20"));

  EXPECT_EQ(r.Knobs(),
            "a memory.max=4294967296\n"
            "a/_self cpu.weight=20\n"
            "a/_self memory.max=2147483648\n");
  EXPECT_EQ(HandedDown(r.desired),
            "/: cpu io memory pids\n"
            "a: cpu io memory pids\n"
            "a/_self: \n"
            "a/b: \n");
}

TEST(ResolveTree, SelfOfALeafMakesItInner) {
  const Resolved r = ResolveHere(TreeBuilder().NoAccount("a").Self("a", "memory.max", "1GiB"));

  EXPECT_EQ(HandedDown(r.desired), "/: memory\na: memory\na/_self: \n");
}

TEST(ResolveTree, NamesThatSortBeforeTheSlashDoNotHideTheParent) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "8GiB")
                                     .Set("a-b", "memory.max", "2GiB")
                                     .Set("a.b", "memory.max", "1GiB")
                                     .Set("a/c", "memory.max", "50% of parent")
                                     .Set("a-b/c", "memory.max", "50% of parent"));

  EXPECT_EQ(r.Knobs(),
            "a memory.max=8589934592\n"
            "a-b memory.max=2147483648\n"
            "a-b/c memory.max=1073741824\n"
            "a.b memory.max=1073741824\n"
            "a/c memory.max=4294967296\n");
}

TEST(ResolveTree, ObservedCgroupsAreWorkedOutBesideAndChangeNothing) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "8GiB")
                                     .NoAccount("a")
                                     .Set("a/b", "memory.max", "50% of parent")
                                     .Observe("a", "memory.max", "4GiB")
                                     .Observe("a/b", "memory.high", "50% of memory.max")
                                     .Observe("a/b/c", "memory.max", "50% of parent")
                                     .Observe("a/d", "pids.max", "50% of parent")
                                     .Observe("a/e", "hugetlb.2MB.max", "0"));

  EXPECT_EQ(r.Knobs(),
            "a memory.max=8589934592\n"
            "a/b memory.max=4294967296\n");
  EXPECT_EQ(ShowCgroups(r.desired.observed_only),
            "a memory.max=4294967296\n"
            "a/b memory.high=2147483648\n"
            "a/b/c memory.max=2147483648\n"
            "a/d pids.max=50000\n");
  EXPECT_EQ(HandedDown(r.desired), "/: memory\na: memory\na/b: \n");
  EXPECT_EQ(r.Gaps(),
            "unsupported a/e hugetlb.2MB.max: this host's managed root has no hugetlb "
            "controller\n");
}

TEST(ResolveTree, BesideThreadedCgroupsDomainControllersAreGaps) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "8GiB")
                                     .Set("a/t", "cgroup.type", "threaded")
                                     .Set("a/t", "cpu.weight", "50")
                                     .Set("a/t", "memory.max", "1GiB")
                                     .Set("a/u", "cgroup.type", "threaded")
                                     .Set("a/u/v", "pids.max", "5"));

  EXPECT_EQ(r.Knobs(),
            "a memory.max=8589934592\n"
            "a/t cgroup.type=threaded\n"
            "a/t cpu.weight=50\n"
            "a/u cgroup.type=threaded\n"
            "a/u/v pids.max=5\n");
  EXPECT_EQ(r.Gaps(),
            "unsupported a/t memory.max: memory does not work in threaded cgroups and beside "
            "them\n");
  EXPECT_EQ(HandedDown(r.desired),
            "/: cpu io memory pids\n"
            "a: cpu pids\n"
            "a/t: \n"
            "a/u: cpu pids\n"
            "a/u/v: \n");
}

TEST(ResolveTree, WhatPeopleSaidAboutACgroupIsKept) {
  TreeBuilder builder;
  builder.Set("sites/bakery", "cpu.max", "0.5 cores");
  policy::MergedCgroup& site = builder.At("sites/bakery");
  site.template_name = "sites/<name>";
  site.labels = {{"tenant", "bakery"}};
  site.shrink = Shrink::kGentle;
  site.on_drift = OnDrift::kReport;
  SourceMark loser;
  loser.line = 7;
  site.settings["cpu.max"].overridden = {loser};

  const Resolved r = ResolveHere(builder);

  const DesiredCgroup& cgroup = r.desired.cgroups.at(*CgroupPath::Parse("sites/bakery"));
  EXPECT_EQ(cgroup.path.text(), "sites/bakery");
  EXPECT_EQ(cgroup.template_name, "sites/<name>");
  EXPECT_EQ(cgroup.labels, site.labels);
  EXPECT_EQ(cgroup.shrink, Shrink::kGentle);
  EXPECT_EQ(cgroup.on_drift, OnDrift::kReport);
  EXPECT_EQ(cgroup.knobs.at("cpu.max").written, "0.5 cores");
  EXPECT_EQ(cgroup.knobs.at("cpu.max").mark.line, 1U);
  EXPECT_EQ(cgroup.knobs.at("cpu.max").overridden, std::vector<SourceMark>{loser});
}

// The kernel takes a controller only from the parent, and a value only where the controller is.
TEST(ResolveTree, WhateverIsWantedItsControllersComeAllTheWayDown) {
  constexpr std::pair<const char*, const char*> kValues[] = {{"cpu.weight", "50"},
                                                             {"memory.max", "1GiB"},
                                                             {"pids.max", "10"},
                                                             {"cpuset.cpus", "0"},
                                                             {"hugetlb.2MB.max", "0"},
                                                             {"cgroup.freeze", "false"}};
  std::mt19937 random(20261121);
  const auto pick = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  for (int round = 0; round < 300; ++round) {
    TreeBuilder builder;
    for (std::size_t n = pick(12); n > 0; --n) {
      std::string path;
      for (std::size_t depth = 1 + pick(4); depth > 0; --depth) {
        path += fmt::format("{}{}", path.empty() ? "" : "/", "abc"[pick(3)]);
      }
      const auto& [file, value] = kValues[pick(std::size(kValues))];
      if (pick(4) == 0) {
        builder.Self(path, file, value);
      } else {
        builder.Set(path, file, value);
      }
      if (pick(3) == 0) builder.NoAccount(path);
    }
    HostFacts facts = MakeFacts();
    if (pick(2) == 0) facts.controllers.Remove(Controller::kMemory);

    const Desired desired = ResolveHere(builder, facts).desired;

    EXPECT_TRUE((desired.root_subtree_control - facts.controllers).empty());
    for (const auto& [path, cgroup] : desired.cgroups) {
      const ControllerSet there = path.Parent().is_root()
                                      ? desired.root_subtree_control
                                      : desired.cgroups.at(path.Parent()).subtree_control;
      EXPECT_TRUE((cgroup.subtree_control - there).empty()) << path.text();
      for (const auto& [file, knob] : cgroup.knobs) {
        EXPECT_TRUE(knob.knob->controller == Controller::kCore || there.Has(knob.knob->controller))
            << path.text() << " " << file;
      }
    }
  }
}

}  // namespace
}  // namespace reeve::plan
