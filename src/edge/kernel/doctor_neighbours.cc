// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/proc_text.h"
#include "edge/io/files.h"
#include "edge/kernel/doctor_checks.h"
#include "edge/kernel/mounts.h"

namespace reeve::kernel {
namespace {

// Programs that make cgroups and set limits themselves, by the name the kernel gives them (15
// bytes). Where none of the second kind runs, that is worth saying.
constexpr std::string_view kManagers[] = {"cgrulesengd",
                                          "condor_startd",
                                          "containerd",
                                          "crio",
                                          "dockerd",
                                          "incusd",
                                          "k3s-server",
                                          "kubelet",
                                          "libvirtd",
                                          "lxd",
                                          "nomad",
                                          "slurmd",
                                          "slurmstepd",
                                          "systemd-oomd"};
constexpr std::string_view kUsual[] = {"dockerd", "kubelet", "slurmd"};

bool IsManager(std::string_view name) {
  return std::find(std::begin(kManagers), std::end(kManagers), name) != std::end(kManagers);
}

// Where they run, by name.
std::map<std::string, std::set<std::string>> FindManagers(const std::string& proc) {
  std::map<std::string, std::set<std::string>> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(proc, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!ParseDecimal(entry->path().filename().string())) continue;
    const auto comm = io::ReadWholeFile((entry->path() / "comm").string(), 64);
    if (!comm.has_value() || !IsManager(Trim(*comm))) continue;
    const auto text = io::ReadWholeFile((entry->path() / "cgroup").string());
    if (!text.has_value()) continue;
    const auto cgroup = format::ParseProcCgroup(*text);
    found[std::string(Trim(*comm))].insert(cgroup.has_value() ? cgroup->path : "");
  }
  return found;
}

}  // namespace

std::vector<HealthCheck> CheckNeighbours(const std::string& root,
                                         const std::string& tree,
                                         const FactsOptions& options) {
  constexpr const char* kTopic = "neighbours";
  std::vector<HealthCheck> checks;
  const auto found = FindManagers(options.proc);
  for (const auto& [name, cgroups] : found) {
    for (const std::string& cgroup : cgroups) {
      // A managed root that is the whole tree is meant to hold them; reeve touches what it made.
      const bool inside = !root.empty() && root != tree && IsAtOrBelow(tree + cgroup, root);
      checks.push_back(
          {inside ? Health::kWarn : Health::kOk,
           kTopic,
           fmt::format("{}: {}, {}",
                       EscapeForTerminal(name),
                       cgroup.empty() ? "not in cgroup v2" : EscapeForTerminal(cgroup),
                       inside ? "inside the managed root: both set limits there" : "left alone"),
           inside ? "a managed root of reeve's own" : ""});
    }
  }
  std::vector<std::string> absent;
  for (const std::string_view name : kUsual) {
    if (!found.contains(std::string(name))) absent.emplace_back(name);
  }
  if (!absent.empty()) {
    checks.push_back({Health::kOk, kTopic, Join(absent, ", ") + ": not here", ""});
  }
  return checks;
}

}  // namespace reeve::kernel
