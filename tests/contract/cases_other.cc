// SPDX-License-Identifier: Apache-2.0
// pids, cpuset, hugetlb, rdma, misc.
#include <string>

#include "contract/script.h"

namespace reeve::contract {
namespace {

void PidsTakesNumbers(Script& s) {
  s.LeafWith("pids");
  s.Read("a", "pids.max");
  for (const char* text : {"100",
                           "max",
                           "0",
                           "-1",
                           "4194304",
                           "4194305",
                           "1.5",
                           "1K",
                           "0x20",
                           " 5\n",
                           "\n",
                           "5 6",
                           "99999999999999999999"}) {
    s.Write("a", "pids.max", text);
  }
}

void MovesPassTheLimitForksDoNot(Script& s) {
  s.LeafWith("pids");
  s.Write("a", "pids.max", "0");
  std::string p = s.Spawn("a");
  s.Spawn("a");
  s.Read("a", "pids.current");
  s.Fork(p);
  s.Counter("a", "pids.events", "max");
  s.Write("a", "pids.max", "3");
  s.Fork(p);
  s.Fork(p);
  s.Read("a", "pids.current");
}

void ThreadsCount(Script& s) {
  s.LeafWith("pids");
  std::string p = s.Spawn("a");
  s.Thread(p);
  s.Read("a", "pids.current");
  s.Write("a", "pids.max", "2");
  s.Thread(p);
  s.Fork(p);
}

void TheAncestorsLimitHolds(Script& s) {
  s.LeafWith("pids");
  s.Write("a", "cgroup.subtree_control", "+pids");
  s.Create("a/b");
  std::string p = s.Spawn("a/b");
  s.Write("a", "pids.max", "1");
  s.Fork(p);
  s.Counter("a/b", "pids.events", "max");
  s.Counter("a", "pids.events", "max");
}

void ListsAreCanonical(Script& s) {
  s.LeafWith("cpuset");
  s.Read("a", "cpuset.cpus");
  s.Read("a", "cpuset.cpus.effective");
  for (const char* text :
       {"0",   "1,0", "0-1", "0 1", ",1,,", "0-0",   "1-0",         "x",   "0-", "-1",  "0-1:1/2",
        "all", "N",   "0,0", "2",   "9",    "99999", "99999999999", "0;1", "01", "0x1", "\n"}) {
    s.Write("a", "cpuset.cpus", text);
  }
}

void MemsMustBeThere(Script& s) {
  s.LeafWith("cpuset");
  s.Read("a", "cpuset.mems");
  s.Read("a", "cpuset.mems.effective");
  for (const char* text : {"0", "1", "0-1", "x", "99999", "\n"}) s.Write("a", "cpuset.mems", text);
}

void OutsideTheParentFallsBack(Script& s) {
  s.LeafWith("cpuset");
  s.Write("a", "cgroup.subtree_control", "+cpuset");
  s.Create("a/b");
  s.Write("a", "cpuset.cpus", "0");
  s.Write("a/b", "cpuset.cpus", "1");
  s.Read("a/b", "cpuset.cpus.effective");
  s.Write("a/b", "cpuset.cpus", "0-1");
  s.Read("a/b", "cpuset.cpus.effective");
  s.Write("a", "cpuset.cpus", "1");
  s.Read("a/b", "cpuset.cpus");
  s.Read("a/b", "cpuset.cpus.effective");
}

void ClearingAPopulatedLeaf(Script& s) {
  s.LeafWith("cpuset");
  s.Write("a", "cpuset.cpus", "1");
  std::string p = s.Spawn("a");
  s.Write("a", "cpuset.cpus", "\n");
  s.Write("a", "cpuset.cpus", "0-1");
  s.Exit(p);
  s.Await("a", "cgroup.events", "populated 0");
  s.Write("a", "cpuset.cpus", "\n");
  s.Read("a", "cpuset.cpus.effective");
}

// Whoever lives below counts, also without a list of their own, and nodes are as CPUs; taking the
// controller away is no clearing.
void ClearingAboveSomebody(Script& s) {
  s.LeafWith("cpuset");
  s.Write("a", "cpuset.cpus", "1");
  s.Write("a", "cpuset.mems", "0");
  s.Create("a/b");
  std::string p = s.Spawn("a/b");
  s.Write("a", "cpuset.cpus", "\n");
  s.Write("a", "cpuset.mems", "\n");
  s.Write(".", "cgroup.subtree_control", "-cpuset");
  s.Write(".", "cgroup.subtree_control", "+cpuset");
  s.Read("a", "cpuset.cpus");
}

void APartitionNeedsAPartitionAbove(Script& s) {
  s.LeafWith("cpuset");
  s.Read("a", "cpuset.cpus.partition");
  s.Write("a", "cpuset.cpus.partition", "root");
  s.Write("a", "cpuset.cpus.partition", "member");
  s.Write("a", "cpuset.cpus", "1");
  s.Write("a", "cpuset.cpus.partition", "root");
  s.Write("a", "cpuset.cpus.partition", "isolated");
  s.Read("a", "cpuset.cpus.effective");
  for (const char* text : {"threaded", "Root", "member\n", "\n"}) {
    s.Write("a", "cpuset.cpus.partition", text);
  }
}

void APartitionBelowTheRoot(Script& s) {
  s.Write(".", "cpuset.cpus.partition", "root");
  s.Write(".", "cpuset.cpus.partition", "member");
  s.Write(".", "cpuset.cpus", "1");
  s.Write(".", "cpuset.cpus.partition", "root");
  s.Read(".", "cpuset.cpus.effective");
  s.Write(".", "cpuset.cpus.partition", "isolated");
  s.LeafWith("cpuset");
  s.Read("a", "cpuset.cpus.effective");
  s.Write("a", "cpuset.cpus", "1");
  s.Write("a", "cpuset.cpus.partition", "root");
  s.Read(".", "cpuset.cpus.effective");
  s.Read("a", "cpuset.cpus.effective");
  s.Write(".", "cpuset.cpus.partition", "member");
  s.Read("a", "cpuset.cpus.partition");
  s.Read("a", "cpuset.cpus.effective");
  s.Write(".", "cpuset.cpus.partition", "root");
  s.Read("a", "cpuset.cpus.partition");
  s.Write("a", "cpuset.cpus.partition", "member");
  s.Write(".", "cpuset.cpus", "0-1");
  s.Read(".", "cpuset.cpus.partition");
  s.Write(".", "cpuset.cpus.partition", "member");
}

void PartitionsExcludeEachOther(Script& s) {
  s.Write(".", "cpuset.cpus", "0-1");
  s.LeafWith("cpuset");
  s.Create("b");
  s.Write("a", "cpuset.cpus", "1");
  s.Write("b", "cpuset.cpus", "0-1");
  s.Write("a", "cpuset.cpus.partition", "root");
  s.Write("b", "cpuset.cpus", "0");
  s.Write("a", "cpuset.cpus.partition", "member");
}

void HugetlbRoundsToHugePages(Script& s) {
  s.LeafWith("hugetlb");
  for (const char* file : {"hugetlb.2MB.max", "hugetlb.2MB.rsvd.max"}) {
    s.Read("a", file);
    for (const char* text : {"64M",
                             "5M",
                             "4096",
                             "0",
                             "-1",
                             "1.5G",
                             "\n",
                             "99999999999999999999",
                             "9223372036854775807",
                             "max"}) {
      s.Write("a", file, text);
    }
  }
  s.Read("a", "hugetlb.2MB.current");
  s.Write("a", "hugetlb.2MB.current", "1");
  s.HasFile("a", "hugetlb.3MB.max");
}

void MiscKnowsWhatTheHostHas(Script& s) {
  s.LeafWith("misc");
  s.Read("a", "misc.max");
  s.Write("a", "misc.max", "res_none 5");
  s.Write("a", "misc.max", "5");
  s.Write("a", "misc.max", "\n");
}

void RdmaKnowsWhatTheHostHas(Script& s) {
  s.LeafWith("rdma");
  s.Read("a", "rdma.max");
  s.Write("a", "rdma.max", "mlx_none hca_handle=5");
  s.Write("a", "rdma.max", "mlx_none");
  s.Write("a", "rdma.max", "mlx_none nonsense=5");
  s.Write("a", "rdma.max", "\n");
}

}  // namespace

std::vector<Case> OtherCases() {
  return {
      {"Pids44_TakesNumbers", "pids", PidsTakesNumbers},
      {"Pids44_MovesPassTheLimitForksDoNot", "pids", MovesPassTheLimitForksDoNot},
      {"Pids44_ThreadsCount", "pids", ThreadsCount},
      {"Pids44_TheAncestorsLimitHolds", "pids", TheAncestorsLimitHolds},
      {"Cpuset45_ListsAreCanonical", "cpuset cpus", ListsAreCanonical},
      {"Cpuset45_MemsMustBeThere", "cpuset cpus", MemsMustBeThere},
      {"Cpuset45_OutsideTheParentFallsBack", "cpuset cpus", OutsideTheParentFallsBack},
      {"Cpuset46_ClearingAPopulatedLeaf", "cpuset cpus", ClearingAPopulatedLeaf},
      {"Cpuset46_ClearingAboveSomebody", "cpuset cpus", ClearingAboveSomebody},
      {"Cpuset48_APartitionNeedsAPartitionAbove", "cpuset cpus", APartitionNeedsAPartitionAbove},
      {"Cpuset48_APartitionBelowTheRoot", "cpuset cpus below-top", APartitionBelowTheRoot},
      {"Cpuset48_PartitionsExcludeEachOther", "cpuset cpus", PartitionsExcludeEachOther},
      {"Hugetlb_RoundsToHugePages", "hugetlb", HugetlbRoundsToHugePages},
      {"Misc_KnowsWhatTheHostHas", "misc", MiscKnowsWhatTheHostHas},
      {"Rdma_KnowsWhatTheHostHas", "rdma", RdmaKnowsWhatTheHostHas},
  };
}

}  // namespace reeve::contract
