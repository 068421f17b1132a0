// SPDX-License-Identifier: Apache-2.0
// The list of cases, and their transcripts on disk.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "contract/script.h"
#include "core/base/text.h"
#include "support/source_tree.h"

namespace reeve::contract {
namespace {

std::string Transcripts() {
  return support::SourceTree() / "tests/contract/transcripts";
}

// Kernels at which some behaviour changed.
constexpr int kVariants[] = {702, 618, 612, 607};

std::string Dotted(int version) {
  return fmt::format("{}.{}", version / 100, version % 100);
}

std::string VariantPath(const std::string& name, int version) {
  return fmt::format("{}/{}.since-{}.txt", Transcripts(), name, Dotted(version));
}

}  // namespace

const std::vector<Case>& AllCases() {
  static const std::vector<Case> kCases = [] {
    std::vector<Case> all;
    for (auto part : {TreeCases(),
                      ProcessCases(),
                      FileCases(),
                      CpuCases(),
                      MemoryCases(),
                      IoCases(),
                      OtherCases()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kCases;
}

std::string TranscriptPath(const std::string& name, int version) {
  for (int since : kVariants) {
    std::string path = VariantPath(name, since);
    if (version >= since && std::filesystem::exists(path)) return path;
  }
  return fmt::format("{}/{}.txt", Transcripts(), name);
}

std::string WhySkipped(const Case& test, World& world) {
  for (std::string_view need : SplitWords(test.needs)) {
    std::string why = world.WhyNot(need);
    if (!why.empty()) return why;
  }
  return "";
}

void CheckTranscript(const Case& test, const Script& script, bool may_update) {
  std::string path = TranscriptPath(test.name, script.version());
  const char* update = std::getenv("REEVE_UPDATE_GOLDEN");
  if (may_update && update != nullptr && *update != '\0') {
    std::string where = update;
    if (where == "variant") path = VariantPath(test.name, script.version());
    if (where.find('/') != std::string::npos) path = where + "/" + test.name + ".txt";
    std::ofstream(path) << script.transcript();
    return;
  }
  std::ifstream file(path);
  std::stringstream expected;
  expected << file.rdbuf();
  ASSERT_TRUE(file.is_open()) << "no transcript " << path << "; on a real kernel:\n"
                              << script.transcript();
  EXPECT_EQ(expected.str(), script.transcript()) << "expected is " << path;
}

}  // namespace reeve::contract
