// SPDX-License-Identifier: Apache-2.0
// Files in general, and those that need no controller.
#include <string>

#include "contract/script.h"

namespace reeve::contract {
namespace {

void AWriteOverAPageIsTooBig(Script& s) {
  s.Create("a");
  s.Write("a", "cgroup.max.depth", std::string(4096, ' '));
  s.Write("a", "cgroup.max.depth", "5" + std::string(4095, ' '));
  s.Write("a", "cgroup.max.depth", "6" + std::string(4096, ' '));
  s.Read("a", "cgroup.max.depth");
}

void NothingIsNeverWritten(Script& s) {
  s.Create("a");
  s.Write("a", "cgroup.max.depth", "");
  s.Write("a", "cgroup.max.depth", "\n");
  s.Write("nowhere", "cgroup.max.depth", "");
}

void FilesOfOneDirection(Script& s) {
  s.Create("a");
  s.Write("a", "cgroup.controllers", "memory");
  s.Write("a", "cgroup.events", "populated 1");
  s.Read("a", "cgroup.kill");
  s.Read("a", "no.such.file");
  s.Write("a", "no.such.file", "1");
}

void HierarchyLimits(Script& s) {
  s.Create("a");
  for (const char* file : {"cgroup.max.depth", "cgroup.max.descendants"}) {
    s.Read("a", file);
    for (const char* text : {"7",
                             "max",
                             "0x10",
                             "010",
                             " 3\n",
                             "-1",
                             "1.5",
                             "7 8",
                             "2147483647",
                             "2147483648",
                             "99999999999999999999",
                             "maximum",
                             "+4"}) {
      s.Write("a", file, text);
    }
  }
}

void FreshTexts(Script& s) {
  s.Create("a");
  for (const char* file : {"cgroup.type",
                           "cgroup.procs",
                           "cgroup.controllers",
                           "cgroup.events",
                           "cgroup.subtree_control",
                           "cgroup.freeze"}) {
    s.Read("a", file);
  }
  s.Children("a");
  s.Processes("a");
}

void PressureFilesCanBeSwitchedOff(Script& s) {
  s.Create("a");
  s.Create("a/b");
  s.Read("a", "cgroup.pressure");
  s.HasFile("a", "cpu.pressure");
  s.Write("a", "cgroup.pressure", "0");
  s.HasFile("a", "cpu.pressure");
  s.HasFile("a", "memory.pressure");
  s.HasFile("a/b", "cpu.pressure");
  s.Write("a", "cgroup.pressure", "2");
  s.Write("a", "cgroup.pressure", "1");
  s.HasFile("a", "cpu.pressure");
}

void CpuStatNeedsNoController(Script& s) {
  s.Create("a");
  s.Counter("a", "cpu.stat", "usage_usec");
  s.Counter("a", "cpu.stat", "nr_periods");
}

}  // namespace

std::vector<Case> FileCases() {
  return {
      {"Tree16_AWriteOverAPageIsTooBig", "", AWriteOverAPageIsTooBig},
      {"File_NothingIsNeverWritten", "", NothingIsNeverWritten},
      {"File_FilesOfOneDirection", "", FilesOfOneDirection},
      {"File_HierarchyLimits", "", HierarchyLimits},
      {"File_FreshTexts", "", FreshTexts},
      {"Tree20_PressureFilesCanBeSwitchedOff", "psi", PressureFilesCanBeSwitchedOff},
      {"Cpu27_CpuStatNeedsNoController", "", CpuStatNeedsNoController},
  };
}

}  // namespace reeve::contract
