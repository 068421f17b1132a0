// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/mounts.h"

#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

MountTable Table(std::string_view text) {
  return MountTable(*format::ParseMountInfo(text));
}

constexpr std::string_view kPlain =
    "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
    "30 27 8:1 / /srv rw - xfs /dev/sda1 rw\n"
    "31 30 0:30 / /srv/cache rw - tmpfs tmpfs rw\n";

TEST(MountTable, APathLiesOnTheNearestMountAboveIt) {
  const MountTable table = Table(kPlain);

  EXPECT_EQ(table.Of("/srv/cache/x")->id, 31);
  EXPECT_EQ(table.Of("/srv/cached")->id, 30);
  EXPECT_EQ(table.Of("/srv")->id, 30);
  EXPECT_EQ(table.Of("/srvx")->id, 27);
  EXPECT_EQ(table.Of("/")->id, 27);
}

TEST(MountTable, WhatIsMountedOverHidesWhatWasThere) {
  const MountTable table = Table(
      "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
      "40 27 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
      "41 40 0:31 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n");

  EXPECT_EQ(table.Of("/sys/fs/cgroup/web")->id, 41);
  EXPECT_FALSE(table.IsVisible(table.all()[1]));
  EXPECT_TRUE(table.IsVisible(table.all()[2]));
}

TEST(MountTable, AMountAboveHidesThoseBelowWhateverTheirOrder) {
  const MountTable table = Table(
      "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
      "41 27 0:31 / /srv rw - tmpfs tmpfs rw\n"
      "40 41 8:1 / /srv rw - xfs /dev/sda1 rw\n"
      "42 41 8:2 / /srv/a rw - xfs /dev/sda2 rw\n");

  EXPECT_EQ(table.Of("/srv/a")->id, 40) << "40 stands on all of 41, 42 included";
}

TEST(MountTable, AChrootCutsTheTableOff) {
  const MountTable table = Table("40 12 8:1 / /srv rw - xfs /dev/sda1 rw\n");

  EXPECT_EQ(table.Of("/srv/a")->id, 40);
  EXPECT_EQ(table.Of("/etc"), nullptr);
}

TEST(MountTable, SomeFileSystemsWaitForOthers) {
  for (const char* type : {"nfs", "nfs4", "cifs", "fuse", "fuse.sshfs", "fuseblk", "autofs"}) {
    EXPECT_TRUE(WaitsForOthers(type)) << type;
  }
  for (const char* type : {"ext4", "tmpfs", "overlay", "virtiofs", "cgroup2", "nfsd", ""}) {
    EXPECT_FALSE(WaitsForOthers(type)) << type;
  }
}

TEST(MountTable, ReadsTheTableOfThisProcess) {
  const TempDir proc;
  proc.Write("self/mountinfo", std::string(kPlain));

  EXPECT_EQ(MountTable::Read(proc.path())->all().size(), 3U);
  EXPECT_EQ(MountTable::Read()->Of("/proc/self")->type, "proc");
  EXPECT_EQ(MountTable::Read("/nowhere").error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace reeve::kernel
