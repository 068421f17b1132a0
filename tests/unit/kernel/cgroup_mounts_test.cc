// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/cgroup_mounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::kernel {
namespace {

using testing::ElementsAre;

constexpr std::string_view kRoot = "27 1 254:0 / / rw - ext4 /dev/vda rw\n";
constexpr std::string_view kUnified =
    "31 27 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr std::string_view kV1 =
    "31 27 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs ro,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "33 31 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "34 31 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup "
    "rw,xattr,release_agent=/lib/systemd/systemd-cgroups-agent,name=systemd\n";
constexpr std::string_view kBesideV1 =
    "35 31 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n";

MountTable Table(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return MountTable(*format::ParseMountInfo(text));
}

TEST(CgroupMounts, TellsV1HierarchiesByTheirControllers) {
  const CgroupMounts found = FindCgroupMounts(Table({kRoot, kV1, kBesideV1}));

  ASSERT_EQ(found.v1.size(), 3U);
  EXPECT_THAT(found.v1[0].controllers, ElementsAre("cpu", "cpuacct"));
  EXPECT_THAT(found.v1[2].controllers, ElementsAre("name=systemd"));
  EXPECT_THAT(found.HeldByV1(), ElementsAre("cpu", "cpuacct", "memory"));
  ASSERT_EQ(found.v2.size(), 1U);
  EXPECT_EQ(found.v2[0].mount_point, "/sys/fs/cgroup/unified");
}

TEST(CgroupMounts, OnAHybridHostThePlaceOfTheTreeIsNamed) {
  const MountTable mounts = Table({kRoot, kV1, kBesideV1});

  EXPECT_EQ(WhyNotCgroup2("/sys/fs/cgroup", mounts),
            "is on tmpfs, not cgroup2; this host is hybrid: its cgroup2 tree is at "
            "/sys/fs/cgroup/unified, and cgroup v1 holds cpu cpuacct memory");
  EXPECT_EQ(WhyNotCgroup2("/sys/fs/cgroup/memory/web", mounts),
            "is a cgroup v1 hierarchy (memory), not cgroup2; this host is hybrid: its cgroup2 tree "
            "is at /sys/fs/cgroup/unified, and cgroup v1 holds cpu cpuacct memory");
}

TEST(CgroupMounts, AV1OnlyHostIsToldHowToChange) {
  EXPECT_EQ(WhyNotCgroup2("/sys/fs/cgroup", Table({kRoot, kV1})),
            "is on tmpfs, not cgroup2; this host has cgroup v1 only, which holds cpu cpuacct "
            "memory: boot with systemd.unified_cgroup_hierarchy=1, or without systemd with "
            "cgroup_no_v1=all");
}

TEST(CgroupMounts, ATreeElsewhereIsNamed) {
  EXPECT_EQ(WhyNotCgroup2("/srv", Table({kRoot, kUnified})),
            "is on ext4, not cgroup2; this host's cgroup2 tree is at /sys/fs/cgroup");
}

TEST(CgroupMounts, AHostWithoutAnyIsToldSo) {
  EXPECT_EQ(WhyNotCgroup2("/srv", Table({kRoot})),
            "is on ext4, not cgroup2; no cgroup2 file system is mounted on this host (mount -t "
            "cgroup2 none /sys/fs/cgroup)");
}

TEST(CgroupMounts, ATreeThatIsMountedOverIsNotOffered) {
  const MountTable mounts =
      Table({kRoot, kUnified, "40 31 0:31 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"});

  EXPECT_TRUE(FindCgroupMounts(mounts).v2.empty());
  EXPECT_EQ(WhyNotCgroup2("/sys/fs/cgroup", mounts),
            "is on tmpfs, not cgroup2; no cgroup2 file system is mounted on this host (mount -t "
            "cgroup2 none /sys/fs/cgroup)");
}

}  // namespace
}  // namespace reeve::kernel
