// SPDX-License-Identifier: Apache-2.0
// Processes: moving, freezing, killing, events.
#include <string>

#include "contract/script.h"

namespace reeve::contract {
namespace {

void WhatIsNoProcess(Script& s) {
  s.Create("a");
  for (const char* text :
       {"-5", "abc", "1 2", "1\n2", "\n", "99999999999", "0x7ffffff0", "2147483647"}) {
    s.Write("a", "cgroup.procs", text);
  }
  std::string p = s.Spawn("a");
  s.Exit(p);
  s.Move(p, "a");
  s.Processes("a");
}

void KernelThreadsStay(Script& s) {
  s.Create("a");
  s.Move(s.KernelThread(), "a");
  s.Processes("a");
}

void AThreadIdMovesTheWholeProcess(Script& s) {
  s.Create("a");
  s.Create("b");
  std::string p = s.Spawn("a");
  std::string t = s.Thread(p);
  s.Move(t, "b");
  s.Processes("a");
  s.Processes("b");
  s.Read("b", "cgroup.threads");
  s.Write("b", "cgroup.procs", " " + p + " \n");
}

void ZombiesMoveWithoutEffect(Script& s) {
  s.Create("a");
  s.Create("b");
  std::string p = s.Spawn("a");
  s.Zombie(p);
  s.Await("a", "cgroup.events", "populated 0");
  s.Move(p, "b");
  s.Processes("b");
  s.Read("b", "cgroup.events");
}

void ChildrenForkedBeforeStay(Script& s) {
  s.Create("a");
  s.Create("b");
  std::string p = s.Spawn("a");
  s.Fork(p);
  s.Move(p, "b");
  s.Fork(p);
  s.Processes("a");
  s.Processes("b");
}

void PopulatedIsToldUpwards(Script& s) {
  s.Create("a");
  s.Create("a/b");
  s.Read("a", "cgroup.events");
  std::string p = s.Spawn("a/b");
  s.Read("a/b", "cgroup.events");
  s.Read("a", "cgroup.events");
  s.Exit(p);
  s.Await("a", "cgroup.events", "populated 0");
}

void FreezingGoesDown(Script& s) {
  s.Create("a");
  s.Create("a/b");
  std::string p = s.Spawn("a/b");
  s.Write("a", "cgroup.freeze", "1");
  s.Await("a", "cgroup.events", "frozen 1");
  s.Await("a/b", "cgroup.events", "frozen 1");
  s.Read("a/b", "cgroup.freeze");
  s.Write("a/b", "cgroup.freeze", "0");
  s.Read("a/b", "cgroup.events");
  s.Create("a/new");
  s.Read("a/new", "cgroup.events");
  s.Kill(p);
  s.Dies(p);
  s.Await("a", "cgroup.events", "populated 0");
  s.Read("a", "cgroup.events");
  s.Write("a", "cgroup.freeze", "0");
  s.Await("a/b", "cgroup.events", "frozen 0");
}

void FreezeTakesOneOrNothing(Script& s) {
  s.Create("a");
  for (const char* text : {"2", "-1", "x", "1x", "\n", " 1 \n", "0x0", "01", "+1", "99999999999"}) {
    s.Write("a", "cgroup.freeze", text);
  }
}

void KillReachesForksBelow(Script& s) {
  s.Create("a");
  s.Create("a/b");
  std::string p = s.Spawn("a/b");
  std::string q = s.Fork(p);
  s.Write("a", "cgroup.kill", "0");
  s.Write("a", "cgroup.kill", "2");
  s.Write("a", "cgroup.kill", "yes");
  s.Read("a", "cgroup.kill");
  s.Alive(p);
  s.Write("a", "cgroup.kill", "1");
  s.Dies(p);
  s.Dies(q);
  s.Await("a", "cgroup.events", "populated 0");
}

}  // namespace

std::vector<Case> ProcessCases() {
  return {
      {"Tree14_WhatIsNoProcess", "", WhatIsNoProcess},
      {"Tree14_KernelThreadsStay", "kthread", KernelThreadsStay},
      {"Tree14_AThreadIdMovesTheWholeProcess", "", AThreadIdMovesTheWholeProcess},
      {"Tree14_ZombiesMoveWithoutEffect", "", ZombiesMoveWithoutEffect},
      {"Tree15_ChildrenForkedBeforeStay", "", ChildrenForkedBeforeStay},
      {"Tree18_PopulatedIsToldUpwards", "", PopulatedIsToldUpwards},
      {"Tree50_FreezingGoesDown", "", FreezingGoesDown},
      {"Tree50_FreezeTakesOneOrNothing", "", FreezeTakesOneOrNothing},
      {"Tree51_KillReachesForksBelow", "", KillReachesForksBelow},
  };
}

}  // namespace reeve::contract
