// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/clamping.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/log.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/mounts.h"

namespace reeve::daemon {
namespace {

constexpr std::size_t kLargestClamp = 64U << 20;  // a line for each of four million processes

// The whole hierarchy, and where the managed root is in it. Opened for one use: there is hardly ever a clamp.
struct Hierarchy {
  std::unique_ptr<kernel::CgroupFsKernel> fs;
  CgroupPath managed;
};

Result<Hierarchy> OpenHierarchy(const std::string& root) {
  REEVE_TRY(const kernel::MountTable mounts, kernel::MountTable::Read());
  const format::Mount* mount = mounts.Of(root);
  if (mount == nullptr || mount->type != "cgroup2" || mount->root != "/") {
    return Error{ErrorKind::kUnsupported,
                 0,
                 root,
                 "the hierarchy above it is not mounted here, so nobody can be taken from it or "
                 "brought back"};
  }
  std::string_view below = std::string_view(root).substr(mount->mount_point.size());
  while (below.starts_with('/')) below.remove_prefix(1);
  Hierarchy hierarchy;
  REEVE_TRY(hierarchy.managed, CgroupPath::Parse(below));
  REEVE_TRY(hierarchy.fs, kernel::CgroupFsKernel::Open(mount->mount_point));
  return hierarchy;
}

}  // namespace

Result<std::unique_ptr<Clamping>> Clamping::Make(std::string root, const std::string& state_dir) {
  REEVE_TRY(store::StateDirectory directory, store::StateDirectory::Open(state_dir + "/clamps"));
  std::unique_ptr<Clamping> clamping(new Clamping(std::move(root), std::move(directory)));
  REEVE_TRY(std::vector<std::string> names, clamping->directory_.List());
  for (std::string& name : names) {
    if (name.starts_with("clamp-")) clamping->names_.insert(std::move(name));
  }
  return clamping;
}

Result<engine::ClampView> Clamping::Look(const engine::ClampWish& wish) {
  REEVE_TRY(const Hierarchy hierarchy, OpenHierarchy(root_));
  return engine::Clamps(*hierarchy.fs, hierarchy.managed, processes_).Look(wish);
}

Result<engine::Clamp> Clamping::Begin(const engine::ClampWish& wish) {
  REEVE_TRY(const Hierarchy hierarchy, OpenHierarchy(root_));
  const auto remember = [this](const engine::Clamp& known) -> Result<> {
    REEVE_TRY_VOID(directory_.Write(known.name, engine::FormatClamp(known)));
    names_.insert(known.name);
    return {};
  };
  return engine::Clamps(*hierarchy.fs, hierarchy.managed, processes_).Begin(wish, remember);
}

std::vector<Clamping::Ended> Clamping::EndOthers(const Desired& desired) {
  std::vector<Ended> all;
  for (auto name = names_.begin(); name != names_.end();) {
    if (desired.cgroups.contains(CgroupPath().Child(*name))) {
      ++name;
      continue;
    }
    const auto end = [&]() -> Result<engine::UnclampReport> {
      REEVE_TRY(const std::string text, directory_.Read(*name, kLargestClamp));
      REEVE_TRY(const engine::Clamp clamp, engine::ParseClamp(text));
      REEVE_TRY(const Hierarchy hierarchy, OpenHierarchy(root_));
      return engine::Clamps(*hierarchy.fs, hierarchy.managed, processes_).End(clamp);
    };
    auto report = end();
    if (!report.has_value()) {
      io::LogError(
          "{}: the ways back are lost: {}", *name, EscapeForTerminal(report.error().ToString()));
    } else {
      const bool all_back = report->stayed.empty();
      all.push_back({*name, *std::move(report)});
      if (!all_back) {
        ++name;
        continue;
      }
    }
    (void)directory_.Remove(*name);
    name = names_.erase(name);
  }
  return all;
}

}  // namespace reeve::daemon
