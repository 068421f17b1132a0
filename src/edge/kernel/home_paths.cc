// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/home_paths.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/base/text.h"
#include "edge/io/files.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/cgroup_mounts.h"
#include "edge/kernel/mounts.h"

namespace reeve::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOlderHome = "/reeve.slice/reeve-tree.service";

// Anybody in it or below.
bool IsPopulated(const std::string& cgroup) {
  const auto events = io::ReadWholeFile(cgroup + "/cgroup.events");
  if (!events.has_value()) return false;
  const auto lines = SplitLines(*events);
  return std::find(lines.begin(), lines.end(), "populated 1") != lines.end();
}

// Cgroups directly below.
std::vector<std::string> ChildrenOf(const std::string& cgroup) {
  std::vector<std::string> children;
  std::error_code error;
  for (fs::directory_iterator entry(cgroup, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) children.push_back(entry->path().string());
  }
  return children;
}

bool IsInhabited(const std::string& home) {
  const auto children = ChildrenOf(home);
  return std::any_of(children.begin(), children.end(), [](const std::string& child) {
    return !child.ends_with("/" + std::string(kHolderLeaf)) && IsPopulated(child);
  });
}

}  // namespace

bool BootedWithSystemd(const std::string& run) {
  std::error_code ignored;
  return fs::is_directory(run + "/systemd/system", ignored);
}

Result<HomePaths> FindHomePaths(const std::string& proc) {
  REEVE_TRY(const MountTable mounts, MountTable::Read(proc));
  const CgroupMounts found = FindCgroupMounts(mounts);
  if (found.v2.empty()) {
    return Error{ErrorKind::kUnsupported, 0, "cgroup v2", DescribeCgroupMounts(found)};
  }
  HomePaths paths;
  paths.hierarchy = found.v2.front().mount_point;
  paths.slice = paths.hierarchy + "/" + std::string(kHomeSlice);
  paths.scope = paths.slice + "/" + std::string(kHomeScope);
  paths.old_service = paths.hierarchy + std::string(kOlderHome);
  return paths;
}

std::string ExistingHome(const HomePaths& paths) {
  if (IsPopulated(paths.scope)) return paths.scope;
  if (IsInhabited(paths.old_service)) return paths.old_service;
  return "";
}

bool IsOlderHome(std::string_view root) {
  return root.ends_with(kOlderHome);
}

std::string HomeOfThisHost() {
  if (!BootedWithSystemd()) return "";
  const auto paths = FindHomePaths();
  return paths.has_value() ? ExistingHome(*paths) : "";
}

Result<> EnableController(const std::string& cgroup, Controller controller) {
  const std::string file = cgroup + "/cgroup.subtree_control";
  const std::string text = "+" + std::string(ControllerName(controller));
  const UniqueFd control(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!control.valid()) return ErrnoError(errno, file, "opening it");
  if (::write(control.get(), text.data(), text.size()) < 0) {
    return ErrnoError(errno, file, "writing " + text);
  }
  return {};
}

void ClearAway(const std::string& home) {  // NOLINT(misc-no-recursion): as deep as the tree
  for (const std::string& child : ChildrenOf(home)) ClearAway(child);
  static_cast<void>(::rmdir(home.c_str()));  // refuses while anybody is in it
}

}  // namespace reeve::kernel
