// SPDX-License-Identifier: Apache-2.0
// Controllers, types, names, mkdir and rmdir.
#include <string>

#include "contract/script.h"

namespace reeve::contract {
namespace {

constexpr const char* kControl = "cgroup.subtree_control";

void EnablingNeedsTheParent(Script& s) {
  s.Create("a");
  s.Create("a/b");
  s.Read("a", "cgroup.controllers");
  s.Write("a", kControl, "+$domain");
  s.Write("a", kControl, "+no-such-controller");
  s.Write(".", kControl, "+$domain");
  s.Read("a", "cgroup.controllers");
  s.Read("a/b", "cgroup.controllers");
  s.Write("a", kControl, "+$domain");
  s.Read("a/b", "cgroup.controllers");
  s.Read("a/b", "$domainfile");
}

void DisablingWaitsForTheChildren(Script& s) {
  s.Create("a");
  s.Create("a/b");
  s.Write(".", kControl, "+$domain");
  s.Write("a", kControl, "+$domain");
  s.Write(".", kControl, "-$domain");
  s.Read(".", kControl);
  s.Write("a", kControl, "-$domain");
  s.Read("a/b", "$domainfile");
  s.Write(".", kControl, "-$domain");
  s.Write(".", kControl, "-$domain");
}

void AWriteIsAllOrNothing(Script& s) {
  s.Create("a");
  s.Write(".", kControl, "+$domain +no-such-controller");
  s.Read(".", kControl);
  s.Write("a", kControl, "-$domain +$domain");
  s.Write(".", kControl, "+$domain -$domain");
  s.Write(".", kControl, "-$domain +$domain");
  s.Write(".", kControl, "-$domain\n");
  s.Write(".", kControl, "  +$domain  ");
  s.Write(".", kControl, "$domain");
  s.Write(".", kControl, "*$domain");
  s.Write(".", kControl, "-$domain\n+$domain");
  s.Write(".", kControl, "+");
  s.Write(".", kControl, "\n");
  s.Read(".", kControl);
}

void BothSortsInOneWrite(Script& s) {
  s.Create("a");
  s.Create("a/b");
  s.Write(".", kControl, "+$domain +$threaded");
  s.Write("a", kControl, "+$threaded");
  s.Write("a", kControl, "+$domain -$threaded");
  s.Read("a/b", "cgroup.controllers");
}

void DomainControllersRefuseAPopulatedCgroup(Script& s) {
  s.Write(".", kControl, "+$domain");
  s.Create("a");
  s.Create("a/b");
  std::string p = s.Spawn("a");
  s.Write("a", kControl, "+$domain");
  s.Move(p, "a/b");
  s.Write("a", kControl, "+$domain");
  s.Read("a", "cgroup.type");
}

void ThreadedControllersFlipAPopulatedCgroup(Script& s) {
  s.Write(".", kControl, "+$domain +$threaded");
  s.Create("a");
  s.Create("a/b");
  std::string p = s.Spawn("a");
  s.Write("a", kControl, "+$threaded");
  s.Read("a", "cgroup.type");
  s.Read("a/b", "cgroup.type");
  s.Read("a/b", "cgroup.controllers");
  s.Create("a/c");
  s.Read("a/c", "cgroup.type");
  s.Move(p, "a/b");
  s.Processes("a/b");
  s.Write("a/b", kControl, "+$threaded");
  s.Write("a/b", kControl, "+$domain");
  s.Write("a", kControl, "+$domain");
  s.Create("a/b/deep");
  s.Read("a/b/deep", "cgroup.type");
  s.Exit(p);
  s.Await("a", "cgroup.events", "populated 0");  // 7.2 lets go of the dead a moment after wait()
  s.Read("a", "cgroup.type");
  s.Read("a/b", "cgroup.type");
}

void ThreadedIsOneWay(Script& s) {
  s.Create("a");
  s.Create("a/b");
  s.Write("a/b", "cgroup.type", "domain");
  s.Write("a/b", "cgroup.type", "threaded");
  s.Read("a", "cgroup.type");
  s.Write("a/b", "cgroup.type", "domain");
  s.Write("a/b", "cgroup.type", "threaded");
  s.Read("a/b", "cgroup.procs");
  s.Processes("a/b");
  s.Write("a/b", "cgroup.kill", "1");
  s.Create("a/c");
  s.Read("a/c", "cgroup.type");
  s.Remove("a/b");
  s.Read("a", "cgroup.type");
  s.Read("a/c", "cgroup.type");
}

void ThreadedNeedsARoomyParent(Script& s) {
  s.Write(".", kControl, "+$domain");
  s.Create("a");
  s.Create("a/full");
  s.Create("a/other");
  std::string p = s.Spawn("a/full");
  s.Write("a/full", "cgroup.type", "threaded");
  s.Write("a/other", "cgroup.type", "threaded");
  s.Exit(p);
  s.Await("a/full", "cgroup.events", "populated 0");
  s.Write("a", kControl, "+$domain");
  s.Write("a/other", "cgroup.type", "threaded");
  s.Write("a", kControl, "-$domain");
  s.Write("a/other", "cgroup.type", "threaded");
  s.Write("a", kControl, "+$domain");
}

void OneThreadedChildBindsItsNeighbours(Script& s) {
  s.Create("t");
  s.Create("web");
  s.Write("t", "cgroup.type", "threaded");
  s.Read(".", "cgroup.type");
  s.Read("web", "cgroup.type");
  s.Write(".", kControl, "+$domain");
  s.Write(".", kControl, "+$threaded");
  s.Read("web", "cgroup.controllers");
  s.Read("t", "cgroup.controllers");
  s.Write("t", kControl, "+$threaded");
  std::string p = s.Spawn("t");
  s.Move(p, "web");
  s.Exit(p);
  s.Await("t", "cgroup.events", "populated 0");
  s.Remove("t");
  s.Read(".", "cgroup.type");
  s.Write(".", kControl, "+$domain");
}

// Its children may be threaded while it has processes, which can not go to a child that is not.
void AThreadedDomainKeepsItsProcesses(Script& s) {
  s.Write(".", kControl, "+$threaded");
  s.Create("a");
  std::string p = s.Spawn("a");
  s.Write("a", kControl, "+$threaded");
  s.Create("a/t");
  s.Write("a/t", "cgroup.type", "threaded");
  s.Create("a/other");
  s.Read("a/other", "cgroup.type");
  s.Move(p, "a/other");
  s.Write("a", kControl, "-$threaded");
  s.Move(p, "a/other");
  s.Processes("a");
}

void ThreadsMoveWithinTheirDomain(Script& s) {
  s.Create("a");
  s.Create("a/t");
  s.Create("b");
  s.Write("a/t", "cgroup.type", "threaded");
  std::string p = s.Spawn("a");
  std::string t = s.Thread(p);
  s.Write("a/t", "cgroup.threads", t);
  s.Read("a/t", "cgroup.threads");
  s.Processes("a");
  s.Write("b", "cgroup.threads", t);
  s.Move(t, "b");
  s.Processes("a");
  s.Processes("b");
  s.Read("a/t", "cgroup.threads");
}

void NoProcessIntoAnInnerCgroup(Script& s) {
  s.Write(".", kControl, "+$domain");
  s.Create("a");
  s.Create("a/b");
  s.Write("a", kControl, "+$domain");
  std::string p = s.Spawn("a");
  s.Move(p, "a/b");
  s.Move(p, "a");
  s.Write("a", kControl, "-$domain");
  s.Move(p, "a");
}

void AnInnerCgroupOfThreadedControllersFlips(Script& s) {
  s.Write(".", kControl, "+$threaded");
  s.Create("a");
  s.Create("a/b");
  s.Write("a", kControl, "+$threaded");
  std::string p = s.Spawn("a/b");
  std::string q = s.Spawn("a");
  s.Exit(p);
  s.Await("a/b", "cgroup.events", "populated 0");
  s.Move(q, "a");
  s.Read("a", "cgroup.type");
  s.Read("a/b", "cgroup.type");
}

void TheRootHasNoControlFiles(Script& s) {
  for (const char* file : {"cgroup.type", "cgroup.events", "cgroup.freeze", "cgroup.kill"}) {
    s.ReadTop(file);
  }
  for (const char* file : {"cgroup.procs",
                           "cgroup.controllers",
                           "cgroup.subtree_control",
                           "cgroup.max.depth",
                           "cgroup.stat",
                           "cpu.stat"}) {
    s.ReadTop(file);
  }
}

void TheRootHasNoLimits(Script& s) {
  for (const char* file : {"memory.max", "memory.current", "cpu.max", "pids.max", "io.max"}) {
    s.ReadTop(file);
  }
}

void NamesOfFutureFilesCollide(Script& s) {
  s.Create("a");
  s.Create("a/$domainfile");
  s.Write(".", kControl, "+$domain");
  s.Read(".", kControl);
  s.Remove("a/$domainfile");
  s.Write(".", kControl, "+$domain");
  s.Create("a/$domainfile");
}

void NamesOfFilesAreTaken(Script& s) {
  s.Create("a");
  s.Create("a");
  s.Create("cgroup.procs");
  s.Create("a/cgroup.max.depth");
  s.Create("nowhere/b");
}

void NamesMayHoldAlmostAnything(Script& s) {
  for (const char* name : {".hidden",
                           "cgroup.x",
                           "with space",
                           "quote\"'\\",
                           "-dash",
                           "\x1b[31m",
                           "\xff\xfe",
                           "caf\xc3\xa9",
                           "memory.zzz",
                           "two\nlines"}) {
    s.Create(name);
  }
  s.Create(std::string(255, 'n'));
  s.Read(".hidden", "cgroup.type");
  s.Read("with space", "cgroup.type");
  s.Remove("\xff\xfe");
}

void MaxDepthHitIsEagain(Script& s) {
  s.Create("a");
  s.Write("a", "cgroup.max.depth", "0");
  s.Create("a/b");
  s.Write("a", "cgroup.max.depth", "1");
  s.Create("a/b");
  s.Create("a/b/c");
  s.Write("a", "cgroup.max.depth", "0");
  s.Read("a/b", "cgroup.type");
}

void MaxDescendantsHitIsEagain(Script& s) {
  s.Create("a");
  s.Write("a", "cgroup.max.descendants", "2");
  s.Create("a/b");
  s.Create("a/b/c");
  s.Create("a/d");
  s.Create("a/b/c/e");
  s.Remove("a/b/c");
  s.Create("a/d");
  s.Write("a", "cgroup.max.descendants", "0");
  s.Children("a");
}

void RmdirOfWhatIsInUse(Script& s) {
  s.Create("a");
  s.Create("a/b");
  std::string p = s.Spawn("a/b");
  s.Remove("a");
  s.Remove("a/b");
  s.Zombie(p);
  s.Await("a/b", "cgroup.events", "populated 0");
  s.Processes("a/b");
  s.Remove("a/b");
  s.Remove("a/b");
  s.Children("a");
  s.Remove("a");
}

void WhatIsGoneIsNotFound(Script& s) {
  s.Read("a", "cgroup.type");
  s.Write("a", "cgroup.freeze", "1");
  s.Children("a");
  s.Processes("a");
  s.Id("a");
  s.ReadMark("a");
  s.Mark("a", "x");
  s.Create("a/b");
}

void AnotherLifeHasAnotherId(Script& s) {
  s.Create("a");
  s.Id("a");
  s.Write("a", "cgroup.max.depth", "3");
  s.Id("a");
  s.Remove("a");
  s.Create("a");
  s.Id("a");
  s.Read("a", "cgroup.max.depth");
}

void ReenablingStartsAfresh(Script& s) {
  s.LeafWith("pids");
  s.Write("a", "pids.max", "7");
  s.Id("a");
  s.Write(".", kControl, "-pids");
  s.Read("a", "pids.max");
  s.Write(".", kControl, "+pids");
  s.Read("a", "pids.max");
  s.Id("a");
}

void IoBringsMemoryAlong(Script& s) {
  s.LeafWith("memory");
  s.Write("a", "memory.max", "64M");
  s.Write(".", kControl, "+io");
  s.Write(".", kControl, "-memory");
  s.Read("a", "memory.max");
  s.Write(".", kControl, "+memory");
  s.Read("a", "memory.max");
}

void MarksStayWithTheirCgroup(Script& s) {
  s.Create("a");
  s.ReadMark("a");
  s.Mark("a", "owner=reeve");
  s.ReadMark("a");
  s.Mark("a", std::string(4000, 'k'));
  s.ReadMark("a");
  s.Mark(".", "root");
  s.ReadMark(".");
  s.Remove("a");
  s.Create("a");
  s.ReadMark("a");
  s.Mark("a", "");
  s.ReadMark("a");
}

void UserXattrsAreCounted(Script& s) {
  s.Create("a");
  s.UserXattrs("a", 130);
}

}  // namespace

std::vector<Case> TreeCases() {
  return {
      {"Tree01_EnablingNeedsTheParent", "domain", EnablingNeedsTheParent},
      {"Tree02_DisablingWaitsForTheChildren", "domain", DisablingWaitsForTheChildren},
      {"Tree03_AWriteIsAllOrNothing", "domain", AWriteIsAllOrNothing},
      {"Tree03_BothSortsInOneWrite", "domain threaded", BothSortsInOneWrite},
      {"Tree03_ReenablingStartsAfresh", "pids", ReenablingStartsAfresh},
      {"Tree03_IoBringsMemoryAlong", "memory io", IoBringsMemoryAlong},
      {"Tree04_DomainControllersRefuseAPopulatedCgroup",
       "domain",
       DomainControllersRefuseAPopulatedCgroup},
      {"Tree05_ThreadedControllersFlipAPopulatedCgroup",
       "domain threaded",
       ThreadedControllersFlipAPopulatedCgroup},
      {"Tree06_ThreadedIsOneWay", "", ThreadedIsOneWay},
      {"Tree06_ThreadedNeedsARoomyParent", "domain", ThreadedNeedsARoomyParent},
      {"Tree06_ThreadsMoveWithinTheirDomain", "", ThreadsMoveWithinTheirDomain},
      {"Tree06_OneThreadedChildBindsItsNeighbours",
       "domain threaded",
       OneThreadedChildBindsItsNeighbours},
      {"Tree06_AThreadedDomainKeepsItsProcesses", "threaded", AThreadedDomainKeepsItsProcesses},
      {"Tree07_NoProcessIntoAnInnerCgroup", "domain", NoProcessIntoAnInnerCgroup},
      {"Tree07_AnInnerCgroupOfThreadedControllersFlips",
       "threaded",
       AnInnerCgroupOfThreadedControllersFlips},
      {"Tree08_TheRootHasNoControlFiles", "top", TheRootHasNoControlFiles},
      {"Tree08_TheRootHasNoLimits", "top memory cpu pids io", TheRootHasNoLimits},
      {"Tree11_NamesOfFutureFilesCollide", "domain", NamesOfFutureFilesCollide},
      {"Tree11_NamesOfFilesAreTaken", "", NamesOfFilesAreTaken},
      {"Tree11_NamesMayHoldAlmostAnything", "", NamesMayHoldAlmostAnything},
      {"Tree12_MaxDepthHitIsEagain", "", MaxDepthHitIsEagain},
      {"Tree12_MaxDescendantsHitIsEagain", "", MaxDescendantsHitIsEagain},
      {"Tree13_RmdirOfWhatIsInUse", "", RmdirOfWhatIsInUse},
      {"Tree13_WhatIsGoneIsNotFound", "", WhatIsGoneIsNotFound},
      {"Tree13_AnotherLifeHasAnotherId", "", AnotherLifeHasAnotherId},
      {"Tree54_MarksStayWithTheirCgroup", "", MarksStayWithTheirCgroup},
      {"Tree54_UserXattrsAreCounted", "", UserXattrsAreCounted},
  };
}

}  // namespace reeve::contract
