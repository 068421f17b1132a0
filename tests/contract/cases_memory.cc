// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "contract/script.h"

namespace reeve::contract {
namespace {

constexpr const char* kByteTexts[] = {"max",
                                      "0",
                                      "4096",
                                      "64M",
                                      "64m",
                                      "1G",
                                      " 64M \n",
                                      "1E",
                                      "0x10000",
                                      "010000",
                                      "-1",
                                      "1.5G",
                                      "64Mi",
                                      "64MB",
                                      "1\n2",
                                      "50%",
                                      "infinity",
                                      "Max",
                                      "+4096",
                                      "4096 4096",
                                      "K",
                                      "9223372036854775807",
                                      "9223372036854771712",
                                      "18446744073709551615",
                                      "99999999999999999999"};

void FreshValues(Script& s) {
  s.LeafWith("memory");
  for (const char* file : {"memory.min",
                           "memory.low",
                           "memory.high",
                           "memory.max",
                           "memory.oom.group",
                           "memory.current"}) {
    s.Read("a", file);
  }
}

void LoweringMaxBelowUseKills(Script& s) {
  s.LeafWith("memory");
  std::string p = s.Spawn("a");
  s.Allocate(p, 64);
  s.AtLeastMiB("a", "memory.current", 64);
  s.Write("a", "memory.max", "16M");
  s.Dies(p);
  s.Counter("a", "memory.events", "oom_kill");
  s.Counter("a", "memory.events.local", "oom_kill");
  s.Counter("a", "memory.events", "oom_group_kill");
  s.AtMostMiB("a", "memory.current", 16);
}

void GrowingBeyondMaxKills(Script& s) {
  s.LeafWith("memory");
  s.Write("a", "memory.max", "32M");
  std::string p = s.Spawn("a");
  std::string q = s.Spawn("a");
  s.Allocate(p, 64);
  s.Dies(p);
  s.Alive(q);
  s.Counter("a", "memory.events", "max");
  s.Counter("a", "memory.events", "oom_kill");
}

void TheParentsEventsCountTheChilds(Script& s) {
  s.LeafWith("memory");
  s.Write("a", "cgroup.subtree_control", "+memory");
  s.Create("a/b");
  s.Create("a/c");
  s.Write("a", "memory.max", "32M");
  std::string p = s.Spawn("a/b");
  std::string q = s.Spawn("a/c");
  s.Allocate(p, 64);
  s.Dies(p);
  s.Alive(q);
  s.Counter("a/b", "memory.events", "oom_kill");
  s.Counter("a", "memory.events", "oom_kill");
  s.Counter("a", "memory.events.local", "oom_kill");
  s.Counter("a/c", "memory.events", "oom_kill");
  s.Await("a/b", "cgroup.events", "populated 0");
  s.Remove("a/b");
  s.Counter("a", "memory.events", "oom_kill");
}

void AGroupDiesTogether(Script& s) {
  s.LeafWith("memory");
  s.Write("a", "memory.oom.group", "1");
  s.Write("a", "memory.max", "32M");
  std::string p = s.Spawn("a");
  std::string q = s.Spawn("a");
  s.Allocate(p, 64);
  s.Dies(p);
  s.Dies(q);
  s.Counter("a", "memory.events", "oom_group_kill");
}

void HighBelowUseKillsNobody(Script& s) {
  s.LeafWith("memory");
  std::string p = s.Spawn("a");
  s.Allocate(p, 64);
  s.Write("a", "memory.high", "16M");
  s.Alive(p);
  s.Counter("a", "memory.events", "oom_kill");
  s.Write("a", "memory.high", "max");
  s.Kill(p);
  s.Dies(p);
}

void AnEmptyLineIsZero(Script& s) {
  s.LeafWith("memory");
  s.Write("a", "memory.max", "64M");
  s.Write("a", "memory.max", "\n");
  s.Write("a", "memory.high", " ");
  s.Write("a", "memory.low", "\n");
  s.Write("a", "memory.oom.group", "\n");
}

void MaxTakesTheKernelsNumbers(Script& s) {
  s.LeafWith("memory");
  for (const char* text : kByteTexts) s.Write("a", "memory.max", text);
}

void TheOthersTakeTheSame(Script& s) {
  s.LeafWith("memory");
  for (const char* file : {"memory.min", "memory.low", "memory.high"}) {
    for (const char* text : {"max", "64M", "1.5G", "5000", "0"}) s.Write("a", file, text);
  }
  s.Write("a", "memory.high", "max");
}

void SwapTakesTheSame(Script& s) {
  s.LeafWith("memory");
  for (const char* file : {"memory.swap.max", "memory.swap.high"}) {
    s.Read("a", file);
    for (const char* text : {"0", "64M", "5000", "-1", "\n", "max"}) s.Write("a", file, text);
  }
}

void ValuesRoundDownToPages(Script& s) {
  s.LeafWith("memory");
  for (const char* text : {"5000", "8191", "8192", "1048577", "1"})
    s.Write("a", "memory.max", text);
}

void OrderIsNotAsked(Script& s) {
  s.LeafWith("memory");
  s.Write("a", "memory.max", "64M");
  s.Write("a", "memory.high", "128M");
  s.Write("a", "memory.min", "256M");
  s.Write("a", "memory.low", "32M");
  s.Read("a", "memory.max");
}

void PeakIsReadByAll(Script& s) {
  s.LeafWith("memory");
  s.Write("a", "memory.peak", "1");
}

void ReclaimFallsShort(Script& s) {
  s.LeafWith("memory");
  s.Write("a", "memory.reclaim", "0");
  s.Write("a", "memory.reclaim", "64M");
  s.Write("a", "memory.reclaim", "x");
  s.Write("a", "memory.reclaim", "64M swappiness=0");
  s.Write("a", "memory.reclaim", "64M nonsense=0");
}

void OomGroupIsASwitch(Script& s) {
  s.LeafWith("memory");
  for (const char* text : {"1", "0", "2", "-1", "x", " 1 \n", "0x1"}) {
    s.Write("a", "memory.oom.group", text);
  }
}

void MemoryStaysWhereItWasCharged(Script& s) {
  s.LeafWith("memory");
  s.Create("b");
  std::string p = s.Spawn("a");
  s.Allocate(p, 32);
  s.Move(p, "b");
  s.AtLeastMiB("a", "memory.current", 32);
  s.AtMostMiB("b", "memory.current", 8);
  s.Exit(p);
  s.Await("b", "cgroup.events", "populated 0");
  s.Remove("a");
}

}  // namespace

std::vector<Case> MemoryCases() {
  return {
      {"Memory28_LoweringMaxBelowUseKills", "memory", LoweringMaxBelowUseKills},
      {"Memory28_GrowingBeyondMaxKills", "memory", GrowingBeyondMaxKills},
      {"Memory29_HighBelowUseKillsNobody", "memory", HighBelowUseKillsNobody},
      {"Memory30_AnEmptyLineIsZero", "memory", AnEmptyLineIsZero},
      {"Memory31_FreshValues", "memory", FreshValues},
      {"Memory31_MaxTakesTheKernelsNumbers", "memory", MaxTakesTheKernelsNumbers},
      {"Memory31_TheOthersTakeTheSame", "memory", TheOthersTakeTheSame},
      {"Memory31_ValuesRoundDownToPages", "memory", ValuesRoundDownToPages},
      {"Memory32_SwapTakesTheSame", "memory swap", SwapTakesTheSame},
      {"Memory32_OrderIsNotAsked", "memory", OrderIsNotAsked},
      {"Memory34_PeakIsReadByAll", "memory", PeakIsReadByAll},
      {"Memory35_ReclaimFallsShort", "memory", ReclaimFallsShort},
      {"Memory36_MemoryStaysWhereItWasCharged", "memory", MemoryStaysWhereItWasCharged},
      {"Memory37_AGroupDiesTogether", "memory", AGroupDiesTogether},
      {"Memory37_OomGroupIsASwitch", "memory", OomGroupIsASwitch},
      {"Tree19_TheParentsEventsCountTheChilds", "memory", TheParentsEventsCountTheChilds},
  };
}

}  // namespace reeve::contract
