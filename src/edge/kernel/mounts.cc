// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/mounts.h"

#include <algorithm>

#include "edge/io/files.h"

namespace reeve::kernel {

bool IsAtOrBelow(std::string_view path, std::string_view directory) {
  if (directory == "/") return path.starts_with('/');
  if (!path.starts_with(directory)) return false;
  return path.size() == directory.size() || path[directory.size()] == '/';
}

bool WaitsForOthers(std::string_view type) {
  constexpr std::string_view kTypes[] = {"9p",
                                         "afs",
                                         "autofs",
                                         "ceph",
                                         "cifs",
                                         "coda",
                                         "gfs2",
                                         "gpfs",
                                         "lustre",
                                         "nfs",
                                         "nfs4",
                                         "ocfs2",
                                         "smb3"};
  // fuse.sshfs, fuseblk; virtiofs is answered by the hypervisor.
  return type.starts_with("fuse") ||
         std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

Result<MountTable> MountTable::Read(const std::string& proc) {
  REEVE_TRY(const std::string text, io::ReadWholeFile(proc + "/self/mountinfo"));
  REEVE_TRY(std::vector<format::Mount> mounts, format::ParseMountInfo(text));
  return MountTable(std::move(mounts));
}

const format::Mount* MountTable::Of(std::string_view path) const {
  const auto known = [this](int id) {
    return std::any_of(mounts_.begin(), mounts_.end(), [id](const auto& m) { return m.id == id; });
  };
  // Down the tree of mounts as a look-up goes: from a mount to the child that the path meets first.
  // A child on the very point of its parent hides it. Where nothing is above (a chroot may cut the
  // table off), every mount whose parent is not listed can be the first.
  const format::Mount* at = nullptr;
  while (true) {
    const format::Mount* next = nullptr;
    for (const format::Mount& mount : mounts_) {
      if (&mount == at || !IsAtOrBelow(path, mount.mount_point)) continue;
      const bool child = at == nullptr ? mount.id == mount.parent || !known(mount.parent)
                                       : mount.parent == at->id && mount.id != mount.parent;
      if (!child) continue;
      if (next == nullptr || mount.mount_point.size() < next->mount_point.size()) next = &mount;
    }
    if (next == nullptr) return at;
    at = next;
  }
}

}  // namespace reeve::kernel
