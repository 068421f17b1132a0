// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/disks.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

namespace fs = std::filesystem;

// Names of a directory; none when it can not be read.
std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  return names;
}

std::string ReadTrimmed(const std::string& path) {
  const auto text = io::ReadWholeFile(path);
  return text.has_value() ? std::string(Trim(*text)) : "";
}

// sysfs writes a '/' of a device's name as '!'.
std::string DeviceName(std::string name) {
  std::replace(name.begin(), name.end(), '!', '/');
  return name;
}

std::optional<std::string> OptionValue(const format::Mount& mount, std::string_view key) {
  for (const std::string& option : mount.super_options) {
    if (option.starts_with(key)) return option.substr(key.size());
  }
  return std::nullopt;
}

}  // namespace

Disks Disks::Read(const std::string& sys, const std::string& dev, const std::string& run) {
  Disks disks;
  const std::string blocks = sys + "/class/block/";
  for (const std::string& name : NamesIn(blocks)) {
    std::string whole = name;
    std::error_code error;
    if (fs::exists(fmt::format("{}{}/partition", blocks, name), error)) {
      // .../block/sda/sda1: a partition lies in its disk's directory.
      const fs::path real = fs::canonical(blocks + name, error);
      if (!error) whole = real.parent_path().filename().string();
    }
    const BlockDevice disk{ReadTrimmed(fmt::format("{}{}/dev", blocks, whole)), DeviceName(whole)};
    const std::string number = ReadTrimmed(fmt::format("{}{}/dev", blocks, name));
    if (disk.number.empty() || number.empty()) continue;
    disks.by_name_.emplace(number, disk);
    disks.by_name_.emplace("/dev/" + DeviceName(name), disk);
  }
  disks.AddUdevLinks(run + "/udev/data", dev);
  disks.AddLinks(dev, "mapper");
  for (const std::string& kind : NamesIn(dev + "/disk"))
    disks.AddLinks(dev, fmt::format("disk/{}", kind));
  return disks;
}

// Links that udev made are in its database, also in directories that we do not know (/dev/vg/lv).
void Disks::AddUdevLinks(const std::string& database, const std::string& dev) {
  for (const std::string& name : NamesIn(database)) {
    if (!name.starts_with('b')) continue;  // "b8:1"
    const std::optional<BlockDevice> disk = Find(name.substr(1));
    const auto text = io::ReadWholeFile(fmt::format("{}/{}", database, name));
    if (!disk || !text.has_value()) continue;
    for (const std::string_view line : SplitLines(*text)) {
      if (!line.starts_with("S:")) continue;
      // Two devices may claim one link; where it leads is what counts.
      const std::string link(line.substr(2));
      std::error_code error;
      const fs::path target = fs::read_symlink(fs::path(dev) / link, error);
      if (error) continue;
      const std::string leads_to =
          (fs::path("/dev") / fs::path(link).parent_path() / target).lexically_normal().string();
      if (const auto real = Find(leads_to)) by_name_.emplace("/dev/" + link, *real);
    }
  }
}

void Disks::AddLinks(const std::string& dev, const std::string& below) {
  const std::string shown = "/dev/" + below;
  const std::string directory = fmt::format("{}/{}", dev, below);
  for (const std::string& name : NamesIn(directory)) {
    const std::string path = fmt::format("{}/{}", directory, name);
    std::error_code error;
    const fs::path target = fs::read_symlink(path, error);
    std::optional<BlockDevice> disk;
    if (!error) {
      disk = Find((fs::path(shown) / target).lexically_normal().string());
    } else {
      // Without udev, device mapper's nodes are made in /dev/mapper itself.
      struct stat node = {};
      if (::stat(path.c_str(), &node) == 0 && S_ISBLK(node.st_mode)) {
        disk = Find(fmt::format("{}:{}", major(node.st_rdev), minor(node.st_rdev)));
      }
    }
    if (disk) by_name_.emplace(fmt::format("{}/{}", shown, name), *disk);
  }
}

std::optional<BlockDevice> Disks::Find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<BlockDevice> Disks::Below(const format::Mount& mount,
                                        const MountTable& mounts) const {
  if (auto disk = Find(mount.device)) return disk;
  // btrfs, bcachefs, zfs: a device number of their own, and the disk is only named.
  if (auto disk = Find(mount.source)) return disk;
  if (mount.type != "overlay" || mount.mount_point == "/") return std::nullopt;
  // What is written goes to the upper layer's file system. The layers' paths are those of whoever
  // mounted it, which for a container's own root is not our namespace.
  const auto upper = OptionValue(mount, "upperdir=");
  if (!upper || !upper->starts_with('/')) return std::nullopt;
  const format::Mount* under = mounts.Of(*upper);
  if (under == nullptr || under == &mount || under->type == "overlay") return std::nullopt;
  return Below(*under, mounts);
}

}  // namespace reeve::kernel
