// SPDX-License-Identifier: Apache-2.0
#include "core/format/mountinfo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::format {
namespace {

using testing::ElementsAre;

TEST(MountInfo, ReadsTheFieldsOnBothSidesOfTheTags) {
  const auto mounts = ParseMountInfo(
      "36 35 98:0 /mnt1 /mnt/two rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n"
      "37 36 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n");

  ASSERT_EQ(mounts->size(), 2U);
  const Mount& first = mounts->front();
  EXPECT_EQ(first.id, 36);
  EXPECT_EQ(first.parent, 35);
  EXPECT_EQ(first.device, "98:0");
  EXPECT_EQ(first.root, "/mnt1");
  EXPECT_EQ(first.mount_point, "/mnt/two");
  EXPECT_THAT(first.options, ElementsAre("rw", "noatime"));
  EXPECT_EQ(first.type, "ext3");
  EXPECT_EQ(first.source, "/dev/root");
  EXPECT_THAT(first.super_options, ElementsAre("rw", "errors=continue"));
  EXPECT_THAT(mounts->back().super_options, ElementsAre("rw", "nsdelegate"));
}

TEST(MountInfo, UndoesTheKernelsEscapes) {
  const auto mounts =
      ParseMountInfo("36 35 8:1 / /srv/a\\040b\\011c\\134d\\9 rw - ext4 //host/a\\040b rw\n");

  EXPECT_EQ(mounts->front().mount_point, "/srv/a b\tc\\d\\9");
  EXPECT_EQ(mounts->front().source, "//host/a b");
}

TEST(MountInfo, ASourceMayBeEmpty) {
  const auto mounts = ParseMountInfo("36 35 0:5 / /mnt rw - tmpfs  rw,size=1m\n");

  EXPECT_EQ(mounts->front().source, "");
  EXPECT_THAT(mounts->front().super_options, ElementsAre("rw", "size=1m"));
}

TEST(MountInfo, ADirectoryNamedLikeTheSeparatorIsNoSeparator) {
  const auto mounts = ParseMountInfo("36 35 8:1 - - rw - ext4 /dev/sda1 rw\n");

  EXPECT_EQ(mounts->front().mount_point, "-");
  EXPECT_EQ(mounts->front().type, "ext4");
}

TEST(MountInfo, ALineThatIsNoneIsAnError) {
  for (const std::string_view line : {"36 35 8:1 / /mnt rw",
                                      "36 35 8:1 / /mnt rw - ext4 /dev/sda1",
                                      "x 35 8:1 / /m rw - a b c",
                                      "99999999999 35 8:1 / /m rw - a b c",
                                      "\x1b[2J"}) {
    EXPECT_EQ(ParseMountInfo(line).error().kind, ErrorKind::kInvalid) << line;
  }
  EXPECT_EQ(ParseMountInfo("36 35\x1b").error().ToString(),
            "mountinfo: \"36 35\\x1b\" is no line of it");
}

TEST(MountInfo, NothingIsNoMounts) {
  EXPECT_TRUE(ParseMountInfo("")->empty());
}

}  // namespace
}  // namespace reeve::format
