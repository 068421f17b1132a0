// SPDX-License-Identifier: Apache-2.0
// Every folder of examples/ holds hosts (NAME.json, as `reevectl facts -o json` prints them) and
// what a policy shall mean on each (NAME.tree), cgroups first, then units. The policy is the one of the same name under the
// top-level examples/, or *.yaml in the folder itself, with usr/ and run/ as the weaker and the
// stronger layer. `paths` lists what for_each: {path: ...} finds.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/text.h"
#include "core/engine/generation.h"
#include "core/policy/facts_reader.h"
#include "golden/golden.h"
#include "support/findings_text.h"
#include "support/source_tree.h"
#include "support/tree_text.h"

namespace reeve {
namespace {

namespace fs = std::filesystem;

using Files = std::vector<std::shared_ptr<const SourceFile>>;

constexpr std::int64_t kNow = 1'795'296'600;  // 2026-11-21 21:30 UTC

fs::path Suite() {
  return support::SourceTree() / "tests/golden/examples";
}

std::vector<fs::path> FilesIn(const fs::path& directory, std::string_view extension) {
  std::vector<fs::path> paths;
  if (!fs::exists(directory)) return paths;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == extension) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class ExampleData : public port::DataSource {
 public:
  ExampleData(fs::path policy, const fs::path& paths)
      : policy_(std::move(policy)), paths_(testing::ReadWhole(paths)) {}

  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    const fs::path path = policy_ / "data.d" / name;
    if (!fs::exists(path)) return Error{ErrorKind::kNotFound, 0, name, "there is no such file"};
    return testing::TextFile(name, testing::ReadWhole(path));
  }

  // As glob(3) does it: no `*` goes over a slash.
  Result<std::vector<std::string>> MatchPaths(const std::string& glob) override {
    std::vector<std::string> found;
    const auto wanted = Split(glob, '/');
    for (const std::string_view path : SplitLines(paths_)) {
      const auto parts = Split(path, '/');
      if (std::equal(wanted.begin(), wanted.end(), parts.begin(), parts.end(), GlobMatches)) {
        found.emplace_back(path);
      }
    }
    return found;
  }

 private:
  fs::path policy_;
  std::string paths_;
};

// Where the policy of a case lies.
fs::path PolicyOf(const fs::path& golden) {
  if (!FilesIn(golden, ".yaml").empty()) return golden;
  return support::SourceTree() / "examples" / golden.filename();
}

Files ReadPolicy(const fs::path& policy) {
  Files files;
  const std::vector<std::pair<fs::path, int>> layers = {
      {policy / "usr", 0}, {policy, 1}, {policy / "run", 2}};
  for (const auto& [directory, layer] : layers) {
    for (const fs::path& path : FilesIn(directory, ".yaml")) {
      files.push_back(testing::TextFile(path.filename(), testing::ReadWhole(path), layer));
    }
  }
  return files;
}

class GoldenExamples : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenExamples, MeanOnEachHostWhatStandsBesideIt) {
  const fs::path golden = Suite() / GetParam();
  const fs::path policy = PolicyOf(golden);
  const Files files = ReadPolicy(policy);
  ASSERT_FALSE(files.empty()) << policy;
  ASSERT_FALSE(FilesIn(golden, ".json").empty()) << golden;
  ExampleData data(policy, golden / "paths");

  for (const fs::path& host : FilesIn(golden, ".json")) {
    policy::Findings wrong;
    const HostFacts facts =
        policy::ReadFactsFile(testing::TextFile(host.filename(), testing::ReadWhole(host)), wrong);
    ASSERT_EQ(testing::FindingsText(wrong), "");

    const engine::Generation generation = engine::Judge(files, facts, data, kNow);

    testing::ExpectGolden(fs::path(host).replace_extension(".tree"),
                          testing::FindingsText(generation.findings) +
                              testing::DesiredText(generation.desired) +
                              testing::DesiredText(generation.units));
  }
}

TEST(Examples, AllHaveAGoldenCaseAndNoErrorsOrWarnings) {
  std::size_t examples = 0;
  for (const auto& entry : fs::directory_iterator(support::SourceTree() / "examples")) {
    if (!entry.is_directory()) continue;
    ++examples;
    const fs::path golden = Suite() / entry.path().filename();
    EXPECT_FALSE(FilesIn(golden, ".tree").empty()) << golden;
    for (const fs::path& tree : FilesIn(golden, ".tree")) {
      EXPECT_EQ(testing::ReadWhole(tree).find(" R0"), std::string::npos) << tree;
    }
  }
  EXPECT_GE(examples, 4U);
}

INSTANTIATE_TEST_SUITE_P(,
                         GoldenExamples,
                         ::testing::ValuesIn(testing::GoldenCases(Suite())),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace reeve
