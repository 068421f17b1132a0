// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/offline.h"
#include "app/cli/verbs.h"
#include "app/show/render_diagnostic.h"
#include "app/show/render_test.h"
#include "app/show/screen.h"
#include "core/base/text.h"
#include "core/policy/policy_test_reader.h"
#include "edge/io/clock.h"
#include "edge/kernel/data_source.h"
#include "edge/kernel/policy_dir.h"

namespace reeve::cli {
namespace {

// A name in a test, from where we stand.
std::string Beside(const SourceMark& test, const std::string& name) {
  const std::filesystem::path path(name);
  if (path.is_absolute() || test.file == nullptr || test.file->name == "-") return name;
  return (std::filesystem::path(test.file->name).parent_path() / path).lexically_normal().string();
}

// Data files as always; paths that the test says are there, and no others.
class TestData final : public port::DataSource {
 public:
  TestData(kernel::HostData files, const std::vector<Scalar>& paths) : files_(std::move(files)) {
    for (const Scalar& path : paths) paths_.push_back(path.text);
    std::sort(paths_.begin(), paths_.end());
  }

  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    return files_.ReadData(name);
  }

  // As glob(3) has it: no `*` goes over a slash.
  Result<std::vector<std::string>> MatchPaths(const std::string& glob) override {
    std::vector<std::string> found;
    const auto wanted = Split(glob, '/');
    for (const std::string& path : paths_) {
      const auto parts = Split(path, '/');
      if (std::equal(wanted.begin(), wanted.end(), parts.begin(), parts.end(), GlobMatches)) {
        found.push_back(path);
      }
    }
    return found;
  }

 private:
  kernel::HostData files_;
  std::vector<std::string> paths_;
};

policy::HostReader HostsBeside(const std::shared_ptr<const SourceFile>& file) {
  return
      [file](const std::string& name, policy::Findings& findings) -> Result<policy::RecordedHost> {
        SourceMark mark;
        mark.file = file;
        return ReadHostOf(Beside(mark, name), findings);
      };
}

engine::TestFailure CanNotRead(const SourceMark& mark,
                               const std::string& name,
                               std::string reason) {
  engine::TestFailure failure;
  failure.mark = mark;
  failure.what = "policies";
  failure.expected = name;
  failure.got = std::move(reason);
  failure.next = "a relative name begins at the directory of the test's file";
  return failure;
}

RanTest Run(PolicyTest test) {
  const auto began = std::chrono::steady_clock::now();
  RanTest ran;
  std::vector<std::string> names;
  std::vector<std::shared_ptr<const SourceFile>> files;
  for (const Scalar& name : test.policies) {
    const std::string path = Beside(name.mark, name.text);
    auto set = kernel::NamedFiles({path}, kernel::Ownership::kAny).Read();
    if (!set.has_value()) {
      ran.verdict.failures.push_back(CanNotRead(name.mark, path, set.error().message));
      continue;
    }
    for (const port::IgnoredName& ignored : set->ignored) {
      if (!ignored.error) continue;
      ran.verdict.failures.push_back(CanNotRead(name.mark, ignored.name, ignored.reason));
    }
    if (set->files.empty()) {
      ran.verdict.failures.push_back(CanNotRead(name.mark, path, "there are no policies in it"));
    }
    files.insert(files.end(), set->files.begin(), set->files.end());
    names.push_back(path);
  }
  if (ran.verdict.passed()) {
    TestData data(kernel::HostData(kernel::DataDirectoriesFor(names), kernel::Ownership::kAny),
                  test.paths);
    const engine::Generation generation =
        engine::Judge(std::move(files), test.facts, data, test.now.value_or(io::EpochSeconds()));
    ran.verdict = engine::JudgeTest(test, generation);
  }
  ran.test = std::move(test);
  ran.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return ran;
}

int Test(const TestOptions& options, Output& output) {
  auto set = kernel::NamedFiles(options.files, kernel::Ownership::kAny).Read();
  if (!set.has_value()) {
    Complain(output, set.error());
    return kFailed;
  }
  policy::Findings findings;
  std::vector<RanTest> ran;
  for (const auto& file : set->files) {
    for (PolicyTest& test : policy::ReadPolicyTests(file, HostsBeside(file), findings)) {
      ran.push_back(Run(std::move(test)));
    }
  }
  findings.SortByPlace();
  output.Complain(RenderFindings(findings.all(), Paint(output.color_err())));
  if (ran.empty() && !findings.has_errors()) {
    Complain(output,
             "there are no tests (documents of `kind: PolicyTest`) in " +
                 Shown(Join(options.files, ", ")) + "; directories are not searched below",
             "reevectl help policy-test");
    return kFailed;
  }
  if (options.junit) {
    output.Print(TestsJunit(ran));
  } else if (output.is_table()) {
    output.Print(RenderTests(ran, Paint(output.color_out())));
  } else {
    Json json = TestsJson(ran);
    json["findings"] = FindingsJson(findings.all());
    output.PrintValue(json);
  }
  const bool passed =
      std::all_of(ran.begin(), ran.end(), [](const RanTest& one) { return one.verdict.passed(); });
  if (findings.has_errors() && output.is_table() && !options.junit) {
    output.Complain(CountFindings(findings.all()) + " in the tests themselves.\n");
  }
  return passed && !findings.has_errors() ? kDone : kFailed;
}

}  // namespace

int RunTest(const TestOptions& options) {
  Output output(options.output);
  return output.Finish(Test(options, output));
}

}  // namespace reeve::cli
