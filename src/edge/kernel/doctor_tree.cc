// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/files.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/doctor_checks.h"
#include "edge/kernel/home_paths.h"
#include "edge/kernel/lock_holder.h"

namespace reeve::kernel {
namespace {

constexpr ControllerSet kForAccounts = {
    Controller::kCpu, Controller::kMemory, Controller::kIo, Controller::kPids};

// v1's names of what v2 calls otherwise.
std::string_view V1Name(Controller controller) {
  return controller == Controller::kIo ? "blkio" : ControllerName(controller);
}

// A mount's options without those that every one has: "nsdelegate, memory_recursiveprot".
std::string Options(const format::Mount& mount) {
  std::vector<std::string> told;
  for (const std::string& option : mount.super_options) {
    if (option != "rw" && option != "ro") told.push_back(EscapeForTerminal(option));
  }
  return told.empty() ? "no options" : Join(told, ", ");
}

ControllerSet ControllersOf(const std::string& directory) {
  const auto text = io::ReadWholeFile(directory + "/cgroup.controllers");
  return text.has_value() ? ControllerSet::Parse(*text) : ControllerSet();
}

// A controller's line in /proc/cgroups: name, hierarchy, cgroups, enabled. Newer kernels leave out
// what v1 can not have, so that a missing line tells nothing.
std::vector<std::string> V1Line(Controller controller, const FactsOptions& options) {
  const auto text = io::ReadWholeFile(options.proc + "/cgroups");
  const std::string_view table = text.has_value() ? *text : std::string_view();
  for (const std::string_view line : SplitLines(table)) {
    const auto words = SplitWords(line);
    if (words.size() == 4 && words[0] == V1Name(controller)) {
      return std::vector<std::string>(words.begin(), words.end());
    }
  }
  return {};
}

// Why a controller is not in the managed root, and what would bring it there; nothing for those of
// mounted v1 hierarchies, of which "cgroup v1" tells.
std::optional<HealthCheck> MissingController(Controller controller,
                                             const std::string& root,
                                             const std::string& tree,
                                             const CgroupMounts& mounts,
                                             const FactsOptions& options) {
  const std::string_view name = ControllerName(controller);
  const auto check = [name](std::string_view why, std::string fix) {
    return HealthCheck{Health::kWarn,
                       "controllers",
                       fmt::format("{} is not available: {}; its keys are Unsupported", name, why),
                       std::move(fix)};
  };
  if (ControllersOf(tree).Has(controller)) {
    const std::string parent = std::filesystem::path(root).parent_path().string();
    if (root.ends_with(fmt::format("/{}/{}", kHomeSlice, kHomeScope))) {
      return check("systemd does not hand it down",
                   fmt::format("tree: {{delegate: [{}]}} in reeved.yaml", name));
    }
    return check("the cgroups above do not hand it down",
                 ControllersOf(parent).Has(controller)
                     ? fmt::format("echo +{} > {}/cgroup.subtree_control, or Delegate= of the unit",
                                   name,
                                   EscapeForTerminal(parent))
                     : "Delegate= of the unit that the managed root lies in");
  }
  const auto held = mounts.HeldByV1();
  if (std::find(held.begin(), held.end(), V1Name(controller)) != held.end()) return std::nullopt;
  const std::vector<std::string> line = V1Line(controller, options);
  if (!line.empty() && line[3] == "0") {
    return check(
        "it is switched off on the kernel's command line",
        fmt::format("take cgroup_disable={} off the kernel's command line", V1Name(controller)));
  }
  if (!line.empty() && line[1] != "0") {
    return check("a cgroup v1 hierarchy that is not mounted here holds it",
                 fmt::format("cgroup_no_v1={} on the kernel's command line", V1Name(controller)));
  }
  return check("this kernel does not offer it", "");
}

HealthCheck LockCheck(const std::string& root, const FactsOptions& options) {
  const auto holder = LockHolder(root, LockKind::kExclusive, options.proc);
  if (!holder) return {Health::kOk, "lock", "no reeved runs on this managed root", ""};
  const auto comm = io::ReadWholeFile(fmt::format("{}/{}/comm", options.proc, *holder), 64);
  const std::string name = comm.has_value() ? EscapeForTerminal(Trim(*comm)) : "a process";
  return {Health::kOk, "lock", fmt::format("held by {} (pid {})", name, *holder), ""};
}

}  // namespace

std::vector<HealthCheck> CheckCgroupMounts(const CgroupMounts& mounts) {
  std::vector<HealthCheck> checks;
  for (const format::Mount& mount : mounts.v2) {
    checks.push_back({Health::kOk,
                      "cgroup v2",
                      fmt::format("{} ({})", EscapeForTerminal(mount.mount_point), Options(mount)),
                      ""});
  }
  const std::string held = Join(mounts.HeldByV1(), " ");
  if (mounts.v2.empty()) {
    checks.push_back({Health::kFail,
                      "cgroup v2",
                      DescribeCgroupMounts(mounts),
                      held.empty()
                          ? "mount -t cgroup2 none /sys/fs/cgroup"
                          : "systemd.unified_cgroup_hierarchy=1 on the kernel's command line, or "
                            "cgroup_no_v1=all without systemd"});
  } else if (!held.empty()) {
    checks.push_back(
        {Health::kWarn,
         "cgroup v1",
         fmt::format("this host is hybrid: v1 holds {}, which reeve can not use; its keys are "
                     "Unsupported",
                     held),
         "systemd.unified_cgroup_hierarchy=1 on the kernel's command line, or cgroup_no_v1=all "
         "without systemd"});
  }
  return checks;
}

std::vector<HealthCheck> CheckManagedRoot(const std::string& root,
                                          const MountTable& mounts,
                                          const FactsOptions& options) {
  constexpr const char* kTopic = "managed root";
  if (root.empty()) {
    return {{Health::kFail,
             kTopic,
             BootedWithSystemd(options.run)
                 ? "none is configured, and systemd keeps none for reeve yet"
                 : "none is configured",
             BootedWithSystemd(options.run) ? "systemctl start reeved"
                                            : "root: in /etc/reeve/reeved.yaml"}};
  }
  const auto opened = CgroupFsKernel::Open(root);
  if (!opened.has_value()) return {{Health::kFail, kTopic, opened.error().ToString(), ""}};
  CgroupFsKernel& fs = **opened;
  std::vector<HealthCheck> checks;
  const auto text = fs.ReadFile(CgroupPath(), "cgroup.controllers");
  const ControllerSet controllers =
      text.has_value() ? ControllerSet::Parse(*text) : ControllerSet();
  checks.push_back(
      {Health::kOk,
       kTopic,
       fmt::format("{}: {}",
                   EscapeForTerminal(fs.root()),
                   controllers.empty() ? std::string("no controllers") : controllers.ToString()),
       ""});
  if (fs.read_only()) {
    checks.push_back({Health::kFail,
                      kTopic,
                      "mounted read-only: nothing can be created or set",
                      "ProtectControlGroups=no in the unit, or a writable mount in the container"});
  }
  const CgroupMounts cgroups = FindCgroupMounts(mounts);
  const format::Mount* mount = mounts.Of(fs.root());
  const std::string tree = mount != nullptr ? mount->mount_point : fs.root();
  for (const Controller controller : (kForAccounts - controllers).List()) {
    auto missing = MissingController(controller, fs.root(), tree, cgroups, options);
    if (missing) checks.push_back(*std::move(missing));
  }
  if (!fs.confined_by_kernel()) {
    checks.push_back(
        {Health::kWarn,
         "paths",
         "openat2 is missing or forbidden here: paths are checked part by part, which is slower",
         "allow openat2 in the container's seccomp profile (kernel 5.6 or later)"});
  }
  checks.push_back(LockCheck(fs.root(), options));
  return checks;
}

}  // namespace reeve::kernel
