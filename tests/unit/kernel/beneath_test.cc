// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/beneath.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

// Every case holds for openat2 and for the way round it.
class BeneathTest : public testing::TestWithParam<Confinement> {
 protected:
  BeneathTest() {
    dir_.Write("a/b/file", "inside");
    outside_.Write("secret", "outside");
    EXPECT_EQ(::symlink(outside_.path().c_str(), (dir_ / "out").c_str()), 0);
    EXPECT_EQ(::symlink("a", (dir_ / "to-a").c_str()), 0);
    EXPECT_EQ(::symlink("b/file", (dir_ / "a/link").c_str()), 0);
  }

  Beneath Make() const {
    return Beneath(UniqueFd(::open(dir_.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
                   GetParam());
  }

  int Open(const std::string& directory, const std::string& file = "", int flags = O_RDONLY) const {
    const UniqueFd fd(Make().Open(RelativeName(directory, file), flags));
    return fd.valid() ? 0 : -fd.get();
  }

  const std::vector<std::string> before_ = InheritableDescriptors();
  TempDir dir_;
  TempDir outside_;
};

TEST_P(BeneathTest, OpensWhatLiesBelow) {
  const UniqueFd fd(Make().Open(RelativeName("a/b", "file"), O_RDONLY));

  char text[16] = {};
  ASSERT_EQ(::read(fd.get(), text, sizeof text), 6);
  EXPECT_STREQ(text, "inside");
}

TEST_P(BeneathTest, AnEmptyNameIsTheDirectoryItself) {
  const UniqueFd fd(Make().Open(RelativeName(""), O_RDONLY | O_DIRECTORY));

  struct stat found = {};
  struct stat wanted = {};
  ASSERT_EQ(::fstat(fd.get(), &found), 0);
  ASSERT_EQ(::stat(dir_.path().c_str(), &wanted), 0);
  EXPECT_EQ(found.st_ino, wanted.st_ino);
}

TEST_P(BeneathTest, NoSymlinkIsFollowedAnywhere) {
  EXPECT_EQ(Open("out", "secret"), ELOOP);
  EXPECT_EQ(Open("to-a/b", "file"), ELOOP);
  EXPECT_EQ(Open("a", "link"), ELOOP);
  EXPECT_EQ(Open("out", "", O_PATH | O_DIRECTORY), ELOOP);
  EXPECT_EQ(Open("a/link", "", O_PATH), ELOOP);
}

TEST_P(BeneathTest, DotDotAndAbsoluteNamesAreRefused) {
  EXPECT_EQ(Open("..", ""), EXDEV);
  EXPECT_EQ(Open("a/../../x", ""), EXDEV);
  EXPECT_EQ(Open("/etc", "passwd"), EXDEV);
}

TEST_P(BeneathTest, AnotherMountIsRefused) {
  // /proc is a mount below /, which nobody has to make for this test.
  const Beneath root(UniqueFd(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)), GetParam());

  EXPECT_EQ(root.Open(RelativeName("proc"), O_PATH | O_DIRECTORY), -EXDEV);
  EXPECT_EQ(root.Open(RelativeName("proc/self", "status"), O_RDONLY), -EXDEV);
}

TEST_P(BeneathTest, SaysWhatIsNotThere) {
  EXPECT_EQ(Open("a/x", "file"), ENOENT);
  EXPECT_EQ(Open("a/b", "x"), ENOENT);
  EXPECT_EQ(Open("a/b/file", "x"), ENOTDIR);
}

TEST_P(BeneathTest, NamesThatAreTooLongOrHoldANulAreRefused) {
  EXPECT_EQ(Open(std::string(5000, 'x')), ENAMETOOLONG);
  EXPECT_EQ(Open(std::string(300, 'x')), ENAMETOOLONG);
  EXPECT_EQ(Open(std::string("a\0b", 3)), EINVAL);
}

TEST_P(BeneathTest, DescriptorsAreCloseOnExec) {
  const Beneath beneath = Make();
  const UniqueFd file(beneath.Open(RelativeName("a/b", "file"), O_RDWR));
  const UniqueFd directory(beneath.Open(RelativeName("a"), O_PATH | O_DIRECTORY));

  ASSERT_TRUE(file.valid());
  ASSERT_TRUE(directory.valid());
  EXPECT_EQ(InheritableDescriptors(), before_);
}

INSTANTIATE_TEST_SUITE_P(Both,
                         BeneathTest,
                         testing::Values(Confinement::kKernel, Confinement::kByComponent),
                         ConfinementName);

TEST(Beneath, TheWayRoundIsOnlyTakenWhenAskedForHere) {
  const auto open = [] { return UniqueFd(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)); };

  EXPECT_TRUE(Beneath(open(), Confinement::kKernel).by_kernel());
  EXPECT_FALSE(Beneath(open(), Confinement::kByComponent).by_kernel());
}

}  // namespace
}  // namespace reeve::kernel
