// SPDX-License-Identifier: Apache-2.0
// Every folder of diagnostics/ is a set of policies with exactly what `reevectl check` says about
// them on one host. Files beside *.yaml: data.d/ for templates, `pad-to` with a size up to which
// the last policy is filled with comments.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "app/show/render_diagnostic.h"
#include "core/engine/generation.h"
#include "golden/golden.h"
#include "support/source_tree.h"

namespace reeve {
namespace {

namespace fs = std::filesystem;

fs::path Suite() {
  return support::SourceTree() / "tests/golden/diagnostics";
}

HostFacts LoginNode() {
  HostFacts facts;
  facts.host = "login03";
  facts.arch = "x86_64";
  facts.kernel = "6.1.0-56-amd64";
  facts.os = "debian 12";
  facts.virt = "none";
  facts.systemd = "252";
  facts.reeve = "0.1.0";
  facts.machine_id = "0123456789abcdef0123456789abcdef";
  facts.cpus = 4;
  facts.cpu_ids = IdSet{{{0, 3}}};
  facts.memory = 8ULL << 30;
  facts.max_tasks = 32768;
  facts.own["role"] = {"login"};
  facts.devices["/dev/sda"] = {"8:0", "sda"};
  facts.mounts["/srv"] = BlockDevice{"8:0", "sda"};
  for (const std::string_view name : {"cpuset", "cpu", "io", "memory", "hugetlb", "pids"}) {
    facts.controllers.Add(*ControllerByName(name));
  }
  return facts;
}

class CaseData : public port::DataSource {
 public:
  explicit CaseData(fs::path directory) : directory_(std::move(directory)) {}

  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    const fs::path path = directory_ / "data.d" / name;
    if (!fs::exists(path)) return Error{ErrorKind::kNotFound, 0, name, "there is no such file"};
    return {std::make_shared<const SourceFile>(SourceFile{name, testing::ReadWhole(path), 1, ""})};
  }

  Result<std::vector<std::string>> MatchPaths(const std::string&) override {
    return std::vector<std::string>();
  }

 private:
  fs::path directory_;
};

std::vector<std::shared_ptr<const SourceFile>> PoliciesOf(const fs::path& directory) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::shared_ptr<const SourceFile>> files;
  for (const fs::path& path : paths) {
    SourceFile file{path.filename(), testing::ReadWhole(path), 1, ""};
    if (path == paths.back() && fs::exists(directory / "pad-to")) {
      const std::size_t size = std::stoul(testing::ReadWhole(directory / "pad-to"));
      while (file.text.size() < size) file.text += "# filled\n";
      file.text.resize(size);
    }
    files.push_back(std::make_shared<const SourceFile>(std::move(file)));
  }
  return files;
}

std::string Judged(const fs::path& directory) {
  CaseData data(directory);
  constexpr std::int64_t kNow = 1'795'296'600;  // 2026-11-21 21:30 UTC
  engine::Generation generation = engine::Judge(PoliciesOf(directory), LoginNode(), data, kNow);
  generation.findings.SortByPlace();
  const auto& findings = generation.findings.all();
  return show::RenderFindings(findings, show::Paint(false)) + show::CountFindings(findings) + "\n";
}

class GoldenDiagnostics : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenDiagnostics, AreWhatStandsInTheFolder) {
  const fs::path directory = Suite() / GetParam();

  testing::ExpectGolden(directory / "expected.diag", Judged(directory));
}

INSTANTIATE_TEST_SUITE_P(,
                         GoldenDiagnostics,
                         ::testing::ValuesIn(testing::GoldenCases(Suite())),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace reeve
