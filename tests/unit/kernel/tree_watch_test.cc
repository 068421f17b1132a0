// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/tree_watch.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CgroupPath Path(std::string_view text) {
  return *CgroupPath::Parse(text);
}

// On a real tree: inotify of cgroupfs is unlike any other file system's.
class TreeWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    REEVE_SKIP_WITHOUT(scratch_);
    Make("web");
    watch_ = std::make_unique<TreeWatch>(scratch_.path());
    ASSERT_TRUE(watch_->Cover({Path("web"), Path("web/api")}).has_value());
  }

  void Make(const std::string& path) { ASSERT_EQ(::mkdir((scratch_ / path).c_str(), 0755), 0); }

  void Write(const std::string& file, const std::string& text) {
    std::ofstream(scratch_ / file) << text << std::flush;
  }

  // Paths that were heard of.
  std::vector<std::string> Heard() {
    const auto changes = watch_->Read();
    std::vector<std::string> paths;
    for (const CgroupPath& path : changes->paths) paths.push_back("/" + path.text());
    for (const CgroupPath& path : changes->children)
      paths.push_back("made or removed " + path.text());
    return paths;
  }

  ScratchCgroup scratch_;
  std::unique_ptr<TreeWatch> watch_;
};

TEST_F(TreeWatchTest, F41ProcessesThatComeAndGoAreNoNews) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  Write("web/cgroup.procs", std::to_string(child));
  ASSERT_EQ(support::Slurp(scratch_ / "web/cgroup.events").substr(0, 11), "populated 1");
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  // The kernel tells of what it did itself a moment later.
  ::usleep(100'000);

  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(TreeWatchTest, AWriteToAControlFileIsHeardAtItsCgroup) {
  Write("web/cgroup.max.depth", "7");

  EXPECT_THAT(Heard(), ElementsAre("/web"));
  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(TreeWatchTest, MovesOfProcessesChangeNoLimit) {
  Write("web/cgroup.procs", "999999999");

  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(TreeWatchTest, ACgroupMadeOrRemovedIsNamed) {
  Make("web/other");
  EXPECT_THAT(Heard(), ElementsAre("made or removed web/other"));

  ASSERT_EQ(::rmdir((scratch_ / "web/other").c_str()), 0);
  EXPECT_THAT(Heard(), ElementsAre("made or removed web/other"));

  Make("top");
  EXPECT_THAT(Heard(), ElementsAre("made or removed top"));
}

TEST_F(TreeWatchTest, CanLeaveTheWritesToOthers) {
  watch_ = std::make_unique<TreeWatch>(scratch_.path(), TreeWatch::Hears::kChildren);
  ASSERT_TRUE(watch_->Cover({Path("web")}).has_value());

  Write("web/cgroup.max.depth", "7");
  EXPECT_THAT(Heard(), IsEmpty());
  Make("web/other");
  EXPECT_THAT(Heard(), ElementsAre("made or removed web/other"));
}

TEST_F(TreeWatchTest, ACgroupOfTheSameNameIsWatchedAgain) {
  ASSERT_EQ(::rmdir((scratch_ / "web").c_str()), 0);
  Heard();
  Make("web");
  Heard();
  ASSERT_TRUE(watch_->Cover({Path("web")}).has_value());

  Write("web/cgroup.max.depth", "7");

  EXPECT_THAT(Heard(), ElementsAre("/web"));
}

TEST_F(TreeWatchTest, OneThatIsNotCoveredAnyMoreIsNotHeard) {
  ASSERT_TRUE(watch_->Cover({}).has_value());

  Write("web/cgroup.max.depth", "7");

  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(TreeWatchTest, NoDescriptorSurvivesAnExec) {
  const std::vector<std::string> before = InheritableDescriptors();
  TreeWatch other(scratch_.path());
  ASSERT_TRUE(other.Cover({}).has_value());

  EXPECT_EQ(InheritableDescriptors(), before);
}

}  // namespace
}  // namespace reeve::kernel
