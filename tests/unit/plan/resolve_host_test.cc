// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/plan/resolve_testing.h"

namespace reeve::plan {
namespace {

TEST(ResolveHost, ControllersThatAreNotThereAreGapsKnobByKnob) {
  HostFacts facts = MakeFacts();
  facts.controllers = {Controller::kHugetlb};

  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "4GiB")
                                     .Set("a", "hugetlb.2MB.max", "1GiB")
                                     .Rows("a", "io.max", {{{"mount", "/srv"}, {"rbps", "max"}}})
                                     .Set("a", "cgroup.freeze", "false"),
                                 facts);

  EXPECT_EQ(r.Knobs(),
            "a cgroup.freeze=0\n"
            "a hugetlb.2MB.max=1073741824\n");
  EXPECT_EQ(r.Gaps(),
            "unsupported a io.max: this host's managed root has no io controller\n"
            "unsupported a memory.max: this host's managed root has no memory controller\n");
  EXPECT_EQ(r.Places(), "");
}

// F82
TEST(ResolveHost, FilesThatAreNotThereSayWhichKernelHasThem) {
  HostFacts facts = MakeFacts();
  facts.controllers.Add(Controller::kHugetlb);
  facts.files = {"memory.max", "cgroup.freeze"};

  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "memory.max", "4GiB")
                                     .Set("a", "memory.zswap.writeback", "false")
                                     .Set("a", "memory.zswap.max", "max")
                                     .Set("a", "memory.swap.max", "0")
                                     .Set("a", "hugetlb.1GB.max", "1GiB")
                                     .Raw("a", "memory.future", "1"),
                                 facts);

  EXPECT_EQ(r.Knobs(), "a memory.max=4294967296\n");
  EXPECT_EQ(r.Gaps(),
            "unsupported a hugetlb.1GB.max: this host has no huge pages of that size\n"
            "unsupported a memory.future: this kernel has no file memory.future\n"
            "unsupported a memory.swap.max: this host has no memory.swap.max: swap accounting is "
            "off\n"
            "unsupported a memory.zswap.max: this kernel was built or started without "
            "memory.zswap.max\n"
            "unsupported a memory.zswap.writeback: kernel 6.1.0-56-amd64 has no "
            "memory.zswap.writeback; Linux 6.8 brought it\n");
}

TEST(ResolveHost, WithoutProbedFilesAllAreTakenToExist) {
  const Resolved r = ResolveHere(TreeBuilder().Set("a", "memory.zswap.writeback", "false"));

  EXPECT_EQ(r.Knobs(), "a memory.zswap.writeback=0\n");
  EXPECT_EQ(r.Gaps(), "");
}

TEST(ResolveHost, FactsThatKnowNothingOfCgroupsTakeAllToExist) {
  const Resolved r = ResolveHere(TreeBuilder().Set("a", "hugetlb.2MB.max", "1GiB"), HostFacts());

  EXPECT_EQ(r.Knobs(), "a hugetlb.2MB.max=1073741824\n");
  EXPECT_EQ(r.desired.root_subtree_control.ToString(), "cpu io memory hugetlb pids");
}

TEST(ResolveHost, RequireMarksTheGap) {
  HostFacts facts = MakeFacts();
  facts.controllers.Remove(Controller::kIo);

  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "io.weight", "50")
                                     .Require("a", "io.weight")
                                     .Set("b", "io.weight", "9"),
                                 facts);

  EXPECT_EQ(r.Gaps(),
            "required unsupported a io.weight: this host's managed root has no io controller\n"
            "unsupported b io.weight: this host's managed root has no io controller\n");
}

TEST(ResolveHost, WhatIsLackingCanStillBeReferredTo) {
  HostFacts facts = MakeFacts();
  facts.files = {"memory.high"};

  const Resolved r = ResolveHere(
      TreeBuilder().Set("a", "memory.max", "4GiB").Set("a", "memory.high", "50% of memory.max"),
      facts);

  EXPECT_EQ(r.Knobs(), "a memory.high=2147483648\n");
}

TEST(ResolveRows, DevicesAndMountsBecomeNumbersOfWholeDisks) {
  const Resolved r = ResolveHere(
      TreeBuilder()
          .Rows("a",
                "io.max",
                {{{"mount", "/srv"}, {"rbps", "40MB/s"}, {"wbps", "20MB/s"}},
                 {{"device", "/dev/sda"}, {"riops", "100"}}})
          .Rows("b", "io.latency", {{{"device", "/dev/disk/by-id/nvme-X"}, {"target", "5ms"}}})
          .Rows("c", "io.weight", {{{"default", "10"}}, {{"device", "8:0"}, {"weight", "500"}}})
          .Rows("d", "io.weight", {{{"device", "259:0"}, {"weight", "7"}}}));

  EXPECT_EQ(r.Knobs(),
            "a io.max=259:0 rbps=40000000 wbps=20000000 riops=max wiops=max / 8:0 rbps=max "
            "wbps=max riops=100 wiops=max (on 259:0, the disk of /srv; on 8:0)\n"
            "b io.latency=259:0 target=5000 (on 259:0, the disk of /dev/disk/by-id/nvme-X)\n"
            "c io.weight=default 10\n"
            "d io.weight=259:0 7\n");
  EXPECT_EQ(r.Gaps(), "pending c io.weight: 8:0 is not on this host\n");
}

TEST(ResolveRows, AMissingDeviceIsPendingAndTheOtherRowsAreInForce) {
  const Resolved r = ResolveHere(TreeBuilder()
                                     .Rows("a",
                                           "io.max",
                                           {{{"mount", "/home"}, {"rbps", "40MB/s"}},
                                            {{"device", "/dev/sdz"}, {"rbps", "40MB/s"}},
                                            {{"mount", "/run"}, {"rbps", "40MB/s"}},
                                            {{"mount", "/srv"}, {"rbps", "40MB/s"}}})
                                     .Require("a", "io.max"));

  EXPECT_EQ(r.Knobs(),
            "a io.max=259:0 rbps=40000000 wbps=max riops=max wiops=max (on 259:0, the disk of "
            "/srv)\n");
  EXPECT_EQ(r.Gaps(),
            "required pending a io.max: nothing is mounted at /home, it lies on /\n"
            "required pending a io.max: /dev/sdz is not on this host\n"
            "required unsupported a io.max: the file system at /run is on no disk of this host\n");
  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveRows, WithoutAnyDeviceThereIsNoKnob) {
  const Resolved r = ResolveHere(
      TreeBuilder().Rows("a", "io.max", {{{"mount", "/home"}, {"rbps", "1MB/s"}}}), MakeFacts());

  EXPECT_EQ(r.Knobs(), "");
  EXPECT_EQ(r.desired.gaps.size(), 1U);
}

TEST(ResolveRows, RowsOfOneDiskAreOneRow) {
  const Resolved r =
      ResolveHere(TreeBuilder().Rows("a",
                                     "io.max",
                                     {{{"mount", "/srv"}, {"rbps", "40MB/s"}},
                                      {{"device", "/dev/nvme0n1p2"}, {"wbps", "1000"}},
                                      {{"device", "259:0"}, {"rbps", "40MB/s"}}}));

  EXPECT_EQ(r.Knobs(),
            "a io.max=259:0 rbps=40000000 wbps=1000 riops=max wiops=max (on 259:0, the disk of "
            "/srv; on 259:0, the disk of /dev/nvme0n1p2)\n");
  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveRows, RowsOfOneDiskThatDisagreeNameBothPlaces) {
  const Resolved r = ResolveHere(
      TreeBuilder()
          .Rows("a",
                "io.max",
                {{{"mount", "/srv"}, {"rbps", "40MB/s"}},
                 {{"device", "/dev/nvme0n1"}, {"rbps", "50MB/s"}}})
          .Rows("b",
                "io.weight",
                {{{"mount", "/srv"}, {"weight", "40"}}, {{"device", "259:0"}, {"weight", "50"}}}));

  EXPECT_EQ(r.Places(),
            "1:12 R0315: io.max has two values of rbps for 259:0 | /srv and /dev/nvme0n1 are the "
            "same disk here | 1: the other row\n"
            "2:12 R0315: io.weight has two values for 259:0 | /srv and 259:0 are the same disk "
            "here | 2: the other row\n");
  EXPECT_EQ(r.Knobs(), "");
}

TEST(ResolveRows, TheStrongerPlaceWinsPerColumnWhateverTheOrder) {
  const std::vector<policy::Fields> rows = {
      {{"mount", "/srv"}, {"rbps", "40MB/s"}, {"wiops", "7"}},
      {{"device", "/dev/nvme0n1"}, {"rbps", "50MB/s"}, {"wbps", "1000"}}};

  const Resolved first = ResolveHere(TreeBuilder().Rows("a", "io.max", rows, {2, 1}));
  const Resolved second = ResolveHere(TreeBuilder().Rows("a", "io.max", rows, {1, 2}));

  EXPECT_EQ(first.Knobs(),
            "a io.max=259:0 rbps=40000000 wbps=1000 riops=max wiops=7 (on 259:0, the disk of "
            "/srv; on 259:0)\n");
  EXPECT_EQ(second.Knobs(),
            "a io.max=259:0 rbps=50000000 wbps=1000 riops=max wiops=7 (on 259:0, the disk of "
            "/srv; on 259:0)\n");
  EXPECT_EQ(first.Places() + second.Places(), "");
}

TEST(ResolveRows, NamesStayAsTheyAre) {
  HostFacts facts = MakeFacts();
  facts.controllers.Add(Controller::kRdma);
  facts.controllers.Add(Controller::kMisc);
  facts.controllers.Add(Controller::kDmem);

  const Resolved r = ResolveHere(
      TreeBuilder()
          .Rows("a", "rdma.max", {{{"name", "mlx5_0"}, {"hca_handle", "2"}}})
          .Rows("a", "misc.max", {{{"name", "sev"}, {"value", "10"}}})
          .Rows("a", "dmem.max", {{{"name", "drm/0000:03:00.0/vram0"}, {"value", "4GiB"}}}),
      facts);

  EXPECT_EQ(r.Knobs(),
            "a dmem.max=drm/0000:03:00.0/vram0 4294967296\n"
            "a misc.max=sev 10\n"
            "a rdma.max=mlx5_0 hca_handle=2 hca_object=max\n");
}

TEST(ResolveIds, NumbersBeyondTheHostAreAGapAndTheOthersAreInForce) {
  HostFacts facts = MakeFacts();
  facts.cpu_ids = IdSet{{{0, 3}, {8, 9}}};
  facts.memory_nodes = IdSet{{{0, 0}}};

  const Resolved r = ResolveHere(TreeBuilder()
                                     .Set("a", "cpuset.cpus", "2-8")
                                     .Set("a", "cpuset.mems", "0")
                                     .Set("b", "cpuset.cpus", "16-31")
                                     .Set("b", "cpuset.mems", "0-1")
                                     .Set("c", "cpuset.cpus", "1,3,9")
                                     .Set("d", "cpuset.cpus", "\"\""),
                                 facts);

  EXPECT_EQ(r.Knobs(),
            "a cpuset.cpus=2-3,8 (without 4-7, not there)\n"
            "a cpuset.mems=0\n"
            "b cpuset.mems=0 (without 1, not there)\n"
            "c cpuset.cpus=1,3,9\n"
            "d cpuset.cpus=\n");
  EXPECT_EQ(r.Gaps(),
            "pending a cpuset.cpus: the managed root has no CPU 4-7, only 0-3,8-9\n"
            "pending b cpuset.cpus: the managed root has no CPU 16-31, only 0-3,8-9\n"
            "pending b cpuset.mems: the managed root has no memory node 1, only 0\n");
  EXPECT_EQ(r.Places(), "");
}

TEST(ResolveIds, WithoutFactsAllNumbersAreTakenToExist) {
  const Resolved r = ResolveHere(TreeBuilder().Set("a", "cpuset.cpus", "0-999"));

  EXPECT_EQ(r.Knobs(), "a cpuset.cpus=0-999\n");
  EXPECT_EQ(r.Gaps(), "");
}

}  // namespace
}  // namespace reeve::plan
