// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "contract/script.h"

namespace reeve::contract {
namespace {

void OnlyWholeDisksHaveLimits(Script& s) {
  s.LeafWith("io");
  s.Write("a", "io.max", "499:499 rbps=1000000");
  s.Write("a", "io.max", "499:499 nonsense");
  s.Write("a", "io.max", "/dev/vda rbps=1000000");
  s.Write("a", "io.max", "nonsense");
  s.Read("a", "io.max");
}

void OneDeviceAWrite(Script& s) {
  s.LeafWith("io");
  s.Write("a", "io.max", "$dev rbps=1048576");
  s.Write("a", "io.max", "$dev wiops=500");
  s.Write("a", "io.max", "$dev rbps=max wbps=2097152 riops=100");
  s.Write("a", "io.max", "$dev rbps=1000000\n$dev wbps=1000000");
  s.Read("a", "io.max");
  s.Write("a", "io.max", "$dev rbps=max wbps=max riops=max wiops=max");
  s.Write("a", "io.max", "$dev rbps=max");
}

void IoMaxGrammar(Script& s) {
  s.LeafWith("io");
  for (const char* text : {"$dev",
                           "$dev\n",
                           "$dev ",
                           "$dev rbps",
                           "$dev rbps=",
                           "$dev rbps=x",
                           "$dev rbps=-1",
                           "$dev nonsense=5",
                           "$dev rbps=5 nonsense=5",
                           "$dev rbps=18446744073709551615",
                           "$dev riops=4294967295",
                           "$dev riops=4294967296",
                           "$dev riops=4294967294",
                           "$dev  wbps=7777   riops=8",
                           "$dev rbps=4096 rbps=8192",
                           "$dev rbps=99999999999999999999",
                           "$dev rbps=max wbps=max riops=max wiops=max"}) {
    s.Write("a", "io.max", text);
  }
}

void ZeroIsOutOfRange(Script& s) {
  s.LeafWith("io");
  s.Write("a", "io.max", "$dev rbps=0");
  s.Write("a", "io.max", "$dev wiops=0");
  s.Write("a", "io.max", "$dev rbps=1");
  s.Write("a", "io.max", "$dev riops=1");
  s.Write("a", "io.max", "$dev rbps=max wbps=max riops=max wiops=max");
}

void SuffixesAreCutOff(Script& s) {
  s.LeafWith("io");
  s.Write("a", "io.max", "$dev rbps=1M");
  s.Write("a", "io.max", "$dev rbps=5M");
  s.Write("a", "io.max", "$dev rbps=0x1000");
  s.Write("a", "io.max", "$dev rbps=max wbps=max riops=max wiops=max");
}

void WeightHasADefault(Script& s) {
  s.LeafWith("io");
  s.Read("a", "io.weight");
  for (const char* text : {"50",
                           "default 70",
                           "10000",
                           "1",
                           "0",
                           "10001",
                           "x",
                           "default",
                           "default x",
                           "80\n",
                           "90 junk",
                           "default 100"}) {
    s.Write("a", "io.weight", text);
  }
}

void PerDeviceWeightNeedsIocost(Script& s) {
  s.LeafWith("io");
  s.Write("a", "io.weight", "$dev 200");
  s.Write("a", "io.weight", "499:499 200");
  s.Read("a", "io.weight");
}

}  // namespace

std::vector<Case> IoCases() {
  return {
      {"Io38_OnlyWholeDisksHaveLimits", "io", OnlyWholeDisksHaveLimits},
      {"Io38_ZeroIsOutOfRange", "io device", ZeroIsOutOfRange},
      {"Io39_OneDeviceAWrite", "io device", OneDeviceAWrite},
      {"Io39_Grammar", "io device", IoMaxGrammar},
      {"Io40_SuffixesAreCutOff", "io device", SuffixesAreCutOff},
      {"Io41_WeightHasADefault", "io io.weight", WeightHasADefault},
      {"Io41_PerDeviceWeightNeedsIocost", "io io.weight device", PerDeviceWeightNeedsIocost},
  };
}

}  // namespace reeve::contract
