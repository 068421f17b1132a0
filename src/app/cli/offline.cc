// SPDX-License-Identifier: Apache-2.0
#include "app/cli/offline.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/policy/yaml_tree.h"
#include "edge/io/clock.h"
#include "edge/io/files.h"
#include "edge/kernel/data_source.h"
#include "edge/kernel/home_paths.h"
#include "edge/kernel/host_facts.h"
#include "edge/kernel/policy_dir.h"

namespace reeve::cli {
namespace {

ControllerSet AllControllers() {
  ControllerSet all;
  for (int i = 1; i < kControllerCount; ++i) all.Add(static_cast<Controller>(i));
  return all;
}

std::string ScalarOf(const policy::YamlNode& map, std::string_view key) {
  const auto value = map.Find(key);
  return value && value->IsScalar() ? std::string(value->text()) : "";
}

policy::Diagnostic Unreadable(const port::IgnoredName& name) {
  policy::Diagnostic diagnostic;
  diagnostic.mark.file = std::make_shared<const SourceFile>(SourceFile{name.name, "", 1, ""});
  diagnostic.message = name.reason;
  return diagnostic;
}

HostConfig ReadConfigFile(const std::string& path) {
  HostConfig config;
  auto text = io::ReadWholeFile(path, 1U << 20);
  if (!text.has_value()) return config;
  policy::Findings findings;
  const auto file = std::make_shared<const SourceFile>(SourceFile{path, *std::move(text), 1, ""});
  for (const policy::YamlDocument& document : policy::ReadYaml(file, findings)) {
    const policy::YamlNode map = document.root();
    if (!map.IsMap()) continue;
    if (std::string root = ScalarOf(map, "root"); !root.empty()) config.root = std::move(root);
    if (std::string dir = ScalarOf(map, "facts_dir"); !dir.empty())
      config.facts_dir = std::move(dir);
    if (std::string socket = ScalarOf(map, "socket"); !socket.empty())
      config.socket = std::move(socket);
    const auto dirs = map.Find("policy_dir");
    if (!dirs) continue;
    config.policy_dirs.clear();
    if (dirs->IsScalar()) config.policy_dirs.emplace_back(dirs->text());
    for (std::size_t i = 0; dirs->IsSequence() && i < dirs->size(); ++i) {
      config.policy_dirs.emplace_back(dirs->Item(i).text());
    }
  }
  return config;
}

}  // namespace

HostConfig ReadHostConfig(const std::string& path) {
  HostConfig config = ReadConfigFile(path);
  // As reeved does: where no root is named it is the place that systemd keeps.
  if (config.root.empty() || kernel::IsOlderHome(config.root)) {
    if (std::string home = kernel::HomeOfThisHost(); !home.empty()) config.root = std::move(home);
  }
  return config;
}

bool Judged::usable() const {
  return std::none_of(findings.begin(), findings.end(), [](const policy::Diagnostic& d) {
    return d.severity == policy::Severity::kError;
  });
}

std::vector<std::string> Judged::FileNames() const {
  std::vector<std::string> names;
  for (const auto& file : generation.files) names.push_back(file->name);
  return names;
}

Result<OfflineHost> OfflineHost::Open(const std::string& root, const std::string& facts_dir) {
  OfflineHost host;
  if (!root.empty()) {
    REEVE_TRY(host.fs_, kernel::CgroupFsKernel::Open(root));
  }
  host.facts_ = kernel::ReadHostFacts(host.root(), host.fs_.get(), {}, &host.notes_);
  if (!host.has_tree()) {
    host.facts_.controllers = AllControllers();
    host.facts_.files.clear();
  }
  const auto own = kernel::ReadOptionalDir(facts_dir, kernel::Ownership::kAny);
  if (own.has_value()) {
    host.facts_.own = policy::ReadOwnFacts(own->files, host.facts_findings_);
  } else {
    host.notes_.push_back(own.error().ToString());
  }
  return host;
}

std::string OfflineHost::root() const {
  return fs_ == nullptr ? "" : fs_->root();
}

engine::Planned OfflineHost::Plan(const Desired& desired) {
  engine::Observer observer(*fs_);
  plan::PlanOptions options;
  options.page_size = facts_.page_size;
  return engine::ObserveAndPlan(observer, desired, options);
}

Result<port::FileSet> ReadPolicies(const std::vector<std::string>& names,
                                   const HostConfig& config) {
  if (!names.empty()) return kernel::NamedFiles(names, kernel::Ownership::kAny).Read();
  return kernel::PolicyDirs(kernel::LayersOf(config.policy_dirs), kernel::Ownership::kTrusted)
      .Read();
}

Judged JudgeSet(port::FileSet set,
                const std::vector<std::string>& names,
                const HostConfig& config,
                const HostFacts& facts) {
  Judged judged;
  for (port::IgnoredName& name : set.ignored) {
    if (name.error) {
      judged.findings.push_back(Unreadable(name));
    } else {
      judged.ignored.push_back(std::move(name));
    }
  }
  kernel::HostData data(names.empty() ? kernel::DataDirectoriesBeside(config.policy_dirs)
                                      : kernel::DataDirectoriesFor(names),
                        names.empty() ? kernel::Ownership::kTrusted : kernel::Ownership::kAny);
  judged.generation = engine::Judge(std::move(set.files), facts, data, io::EpochSeconds());
  const auto& found = judged.generation.findings.all();
  judged.findings.insert(judged.findings.end(), found.begin(), found.end());
  return judged;
}

Result<policy::RecordedHost> ReadHostOf(const std::string& path, policy::Findings& findings) {
  REEVE_TRY(std::string text, io::ReadWholeFile(path));
  return policy::ReadRecordedHost(
      std::make_shared<const SourceFile>(SourceFile{path, std::move(text), 1, ""}), findings);
}

}  // namespace reeve::cli
