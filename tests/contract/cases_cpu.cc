// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "contract/script.h"

namespace reeve::contract {
namespace {

void MaxTakesQuotaAndPeriod(Script& s) {
  s.LeafWith("cpu");
  s.Read("a", "cpu.max");
  for (const char* text : {"50000",
                           "max",
                           "max max",
                           "50000 100000 7",
                           "200000 50000",
                           "30000",
                           "1000 1000",
                           "999",
                           "2000 999",
                           "2000 1000001",
                           "2000 1000000",
                           "0",
                           "-1",
                           "1.5",
                           "200%",
                           "1500.7",
                           "200000%",
                           "max 20000",
                           " 40000 80000\n",
                           "0x2000",
                           "40000\t90000",
                           "40000,90000",
                           "40000 9x",
                           "40000 -5",
                           "infinity",
                           "\n",
                           "18446744073709551615",
                           "17592186044415",
                           "17592186044416",
                           "000000000000000000050000 100000"}) {
    s.Write("a", "cpu.max", text);
  }
}

void ASingleNumberKeepsThePeriod(Script& s) {
  s.LeafWith("cpu");
  s.Write("a", "cpu.max", "20000 50000");
  s.Write("a", "cpu.max", "30000");
  s.Write("a", "cpu.max", "max");
  s.Write("a", "cpu.max", "10000");
}

void BurstStaysBelowTheQuota(Script& s) {
  s.LeafWith("cpu");
  s.Write("a", "cpu.max.burst", "999999");
  s.Write("a", "cpu.max", "100000 100000");
  s.Write("a", "cpu.max.burst", "50000");
  s.Write("a", "cpu.max", "1000000 100000");
  s.Read("a", "cpu.max.burst");
  s.Write("a", "cpu.max.burst", "50000");
  s.Write("a", "cpu.max", "100000 100000");
  s.Write("a", "cpu.max.burst", "100001");
  s.Write("a", "cpu.max.burst", "100000");
  s.Write("a", "cpu.max", "90000");
  s.Read("a", "cpu.max");
  s.Write("a", "cpu.max", "max");
  s.Read("a", "cpu.max.burst");
  s.Write("a", "cpu.max", "90000");
  s.Write("a", "cpu.max.burst", "0");
  s.Write("a", "cpu.max", "90000");
  for (const char* text : {"-1", "max", "1.5", " 5", "5\n", "5 6", "99999999999999999999"}) {
    s.Write("a", "cpu.max.burst", text);
  }
}

void AChildMayAskForMore(Script& s) {
  s.LeafWith("cpu");
  s.Write("a", "cgroup.subtree_control", "+cpu");
  s.Create("a/b");
  s.Write("a", "cpu.max", "50000 100000");
  s.Write("a/b", "cpu.max", "400000 100000");
  s.Write("a", "cpu.max", "20000 100000");
  s.Read("a/b", "cpu.max");
}

void WeightHasARange(Script& s) {
  s.LeafWith("cpu");
  s.Read("a", "cpu.weight");
  for (const char* text : {"1",
                           "2",
                           "7",
                           "99",
                           "100",
                           "101",
                           "3333",
                           "9999",
                           "10000",
                           "0",
                           "10001",
                           "-1",
                           "100.5",
                           "max",
                           " 50",
                           "60\n",
                           "60 ",
                           "0x40",
                           "default 100"}) {
    s.Write("a", "cpu.weight", text);
  }
}

void NiceIsAnotherNameOfTheWeight(Script& s) {
  s.LeafWith("cpu");
  s.Read("a", "cpu.weight.nice");
  for (const char* text : {"-20", "-1", "0", "1", "5", "19", "20", "-21", "x", " 3", "3\n"}) {
    s.Write("a", "cpu.weight.nice", text);
    s.Read("a", "cpu.weight");
  }
  s.Write("a", "cpu.weight", "105");
  s.Read("a", "cpu.weight.nice");
}

void IdleTakesTheWeightAway(Script& s) {
  s.LeafWith("cpu");
  s.Write("a", "cpu.weight", "300");
  s.Write("a", "cpu.idle", "1");
  s.Read("a", "cpu.weight");
  s.Read("a", "cpu.weight.nice");
  s.Write("a", "cpu.weight", "200");
  s.Write("a", "cpu.weight.nice", "5");
  s.Write("a", "cpu.idle", "1");
  s.Write("a", "cpu.idle", "0");
  s.Read("a", "cpu.weight");
  for (const char* text : {"2", "-1", "x", " 1", "1\n"}) s.Write("a", "cpu.idle", text);
}

void FilesComeWithTheController(Script& s) {
  s.Create("a");
  s.HasFile("a", "cpu.max");
  s.Write(".", "cgroup.subtree_control", "+cpu");
  for (const char* file :
       {"cpu.max", "cpu.max.burst", "cpu.weight", "cpu.weight.nice", "cpu.idle"}) {
    s.HasFile("a", file);
  }
  s.Counter("a", "cpu.stat", "nr_periods");
}

}  // namespace

std::vector<Case> CpuCases() {
  return {
      {"Cpu21_MaxTakesQuotaAndPeriod", "cpu", MaxTakesQuotaAndPeriod},
      {"Cpu21_ASingleNumberKeepsThePeriod", "cpu", ASingleNumberKeepsThePeriod},
      {"Cpu22_BurstStaysBelowTheQuota", "cpu", BurstStaysBelowTheQuota},
      {"Cpu23_AChildMayAskForMore", "cpu", AChildMayAskForMore},
      {"Cpu24_WeightHasARange", "cpu", WeightHasARange},
      {"Cpu24_NiceIsAnotherNameOfTheWeight", "cpu", NiceIsAnotherNameOfTheWeight},
      {"Cpu24_IdleTakesTheWeightAway", "cpu", IdleTakesTheWeightAway},
      {"Cpu27_FilesComeWithTheController", "cpu", FilesComeWithTheController},
  };
}

}  // namespace reeve::contract
