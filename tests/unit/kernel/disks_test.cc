// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/disks.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

namespace fs = std::filesystem;

// A machine with a disk of two partitions, an LVM volume and a RAID controller's odd name.
class DisksTest : public testing::Test {
 protected:
  DisksTest() {
    Device("sda", "8:0", "devices/pci0/block/sda");
    Device("sda1", "8:1", "devices/pci0/block/sda/sda1");
    Device("sda2", "8:2", "devices/pci0/block/sda/sda2");
    host_.Write("sys/devices/pci0/block/sda/sda1/partition", "1\n");
    host_.Write("sys/devices/pci0/block/sda/sda2/partition", "2\n");
    Device("dm-0", "253:0", "devices/virtual/block/dm-0");
    Device("cciss!c0d0", "104:0", "devices/pci0/block/cciss!c0d0");
    Link("dev/disk/by-id/wwn-1-part2", "../../sda2");
    Link("dev/disk/by-label/root", "../../sda1");
    Link("dev/mapper/vg-lv", "../dm-0");
    Link("dev/vg/lv", "../dm-0");
    host_.Write("run/udev/data/b253:0", "I:123\nS:vg/lv\nS:mapper/vg-lv\nE:DM_NAME=vg-lv\n");
    host_.Write("run/udev/data/b8:2", "S:disk/by-id/wwn-1-part2\nS:disk/by-id/stale\n");
    host_.Write("run/udev/data/c1:3", "S:not/block\n");
  }

  void Device(const std::string& name, const std::string& number, const std::string& where) {
    host_.Write("sys/" + where + "/dev", number + "\n");
    Link("sys/class/block/" + name, "../../" + where);
  }

  void Link(const std::string& name, const std::string& target) {
    const fs::path path = host_ / name;
    fs::create_directories(path.parent_path());
    fs::create_symlink(target, path);
  }

  Disks Read() const { return Disks::Read(host_ / "sys", host_ / "dev", host_ / "run"); }

  std::string Of(const std::string& name) const {
    const Disks disks = Read();
    const auto found = disks.by_name().find(name);
    return found == disks.by_name().end() ? "" : found->second.number + " " + found->second.name;
  }

  // Name of the disk below the mount point, "" for none.
  std::string Below(std::string_view mountinfo, std::string_view path) const {
    const MountTable mounts(*format::ParseMountInfo(mountinfo));
    const auto disk = Read().Below(*mounts.Of(path), mounts);
    return disk ? disk->name : "";
  }

  TempDir host_;
};

TEST_F(DisksTest, APartitionIsItsWholeDisk) {
  EXPECT_EQ(Of("/dev/sda"), "8:0 sda");
  EXPECT_EQ(Of("/dev/sda2"), "8:0 sda");
  EXPECT_EQ(Of("8:2"), "8:0 sda");
}

TEST_F(DisksTest, AMappedDeviceIsItsOwnDisk) {
  EXPECT_EQ(Of("/dev/dm-0"), "253:0 dm-0");
  EXPECT_EQ(Of("/dev/mapper/vg-lv"), "253:0 dm-0");
}

TEST_F(DisksTest, LinksLeadToTheDisk) {
  EXPECT_EQ(Of("/dev/disk/by-id/wwn-1-part2"), "8:0 sda");
  EXPECT_EQ(Of("/dev/disk/by-label/root"), "8:0 sda");
}

TEST_F(DisksTest, LinksInOtherDirectoriesComeFromUdevsDatabase) {
  EXPECT_EQ(Of("/dev/vg/lv"), "253:0 dm-0");
  EXPECT_EQ(Of("/dev/disk/by-id/stale"), "") << "udev's note of a link that is not there";
  EXPECT_EQ(Of("/dev/not/block"), "");
}

TEST_F(DisksTest, ASlashInANameIsWrittenOtherwiseInSysfs) {
  EXPECT_EQ(Of("/dev/cciss/c0d0"), "104:0 cciss/c0d0");
}

TEST_F(DisksTest, AHostWithoutDisksHasNone) {
  EXPECT_TRUE(Disks::Read("/nowhere", "/nowhere", "/nowhere").by_name().empty());
}

TEST_F(DisksTest, AFileSystemSitsOnTheDiskOfItsPartition) {
  EXPECT_EQ(Below("27 1 8:1 / / rw - ext4 /dev/root rw\n", "/"), "sda");
}

TEST_F(DisksTest, AFileSystemWithItsOwnNumberSitsOnItsSource) {
  EXPECT_EQ(Below("27 1 0:30 /@ / rw - btrfs /dev/sda2 rw,subvol=/@\n", "/"), "sda");
  EXPECT_EQ(Below("27 1 0:30 / / rw - btrfs /dev/mapper/vg-lv rw\n", "/"), "dm-0");
}

TEST_F(DisksTest, MemoryAndNetworkSitOnNothing) {
  EXPECT_EQ(Below("27 1 0:30 / / rw - tmpfs tmpfs rw\n", "/"), "");
  EXPECT_EQ(Below("27 1 0:31 / / rw - nfs4 server:/export rw\n", "/"), "");
  EXPECT_EQ(Below("27 1 0:32 / / rw - zfs tank/home rw\n", "/"), "");
}

TEST_F(DisksTest, AnOverlaySitsWhereItsUpperLayerLies) {
  constexpr std::string_view kHost =
      "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "28 27 253:0 / /var rw - xfs /dev/dm-0 rw\n"
      "29 27 0:40 / /mnt rw - overlay overlay rw,lowerdir=/l,upperdir=/var/up,workdir=/var/w\n";
  EXPECT_EQ(Below(kHost, "/mnt"), "dm-0");
}

TEST_F(DisksTest, AContainersRootNamesPathsThatAreNotItsOwn) {
  EXPECT_EQ(Below("27 1 0:40 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/var/up\n"
                  "28 27 253:0 / /var rw - xfs /dev/dm-0 rw\n",
                  "/"),
            "");
}

}  // namespace
}  // namespace reeve::kernel
