// SPDX-License-Identifier: Apache-2.0
// On a real tree: what is heard, with who did it, and what is not.
#include "edge/kernel/drift_watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

CgroupPath Path(std::string_view text) {
  return *CgroupPath::Parse(text);
}

// Some other process does it, and waits until it was heard: a lone write(1) would be gone.
class Other {
 public:
  explicit Other(const std::function<void()>& act) {
    int done[2];
    int stay[2];
    if (::pipe2(done, O_CLOEXEC) != 0 || ::pipe2(stay, O_CLOEXEC) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(stay[1]);
      act();
      char byte = 0;
      (void)!::write(done[1], &byte, 1);
      (void)!::read(stay[0], &byte, 1);
      ::_exit(0);
    }
    ::close(done[1]);
    ::close(stay[0]);
    char byte = 0;
    (void)!::read(done[0], &byte, 1);
    ::close(done[0]);
    stay_ = stay[1];
  }

  ~Other() { Leave(); }

  void Leave() {
    if (stay_ < 0) return;
    ::close(stay_);
    ::waitpid(pid_, nullptr, 0);
    stay_ = -1;
  }

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int stay_ = -1;
};

class DriftWatchTest : public testing::TestWithParam<DriftWatch::Means> {
 protected:
  void SetUp() override {
    REEVE_SKIP_WITHOUT(scratch_);
    watch_ = std::make_unique<DriftWatch>(DriftWatch::Make(scratch_.path(), GetParam()));
    if (GetParam() == DriftWatch::Means::kBest && watch_->lacks().find("who writes") == 0) {
      GTEST_SKIP() << watch_->lacks();
    }
    Make("web");
    Make("web/api");
    for (const char* path : {"web", "web/api"}) desired_.cgroups[Path(path)].path = Path(path);
    ASSERT_TRUE(watch_->Cover(desired_).has_value());
    Heard();
  }

  bool names_writers() const { return watch_->lacks().find("who writes") != 0; }

  bool names_makers() const { return watch_->lacks().empty(); }

  void Make(const std::string& path) const {
    if (::mkdir((scratch_ / path).c_str(), 0755) != 0) std::abort();
  }

  void Write(const std::string& file, const std::string& text) const {
    std::ofstream(scratch_ / file) << text << std::flush;
  }

  std::vector<Touch> Touches() {
    const auto heard = watch_->Read(5s);
    EXPECT_TRUE(heard.has_value());
    EXPECT_FALSE(heard->overflow);
    return heard->touches;
  }

  std::vector<std::string> Heard() {
    std::vector<std::string> all;
    for (const Touch& touch : Touches()) {
      all.push_back("/" + touch.path.text() + " " + (names_writers() ? touch.file : ""));
    }
    return all;
  }

  std::string File(const std::string& file) const { return names_writers() ? file : ""; }

  ScratchCgroup scratch_;
  std::unique_ptr<DriftWatch> watch_;
  Desired desired_;
};

TEST_P(DriftWatchTest, AWriteOfAnotherProcessIsHeardWithFileAndWriter) {
  const Other other([this] { Write("web/api/cgroup.max.depth", "7"); });

  const std::vector<Touch> touches = Touches();

  ASSERT_EQ(touches.size(), 1U);
  EXPECT_EQ(touches[0].path, Path("web/api"));
  EXPECT_EQ(touches[0].heard, 5s);
  if (!names_writers()) return;
  EXPECT_EQ(touches[0].file, "cgroup.max.depth");
  ASSERT_NE(touches[0].by, nullptr);
  EXPECT_EQ(touches[0].by->pid, other.pid());
  EXPECT_FALSE(touches[0].by->gone);
  EXPECT_THAT(touches[0].by->exe, HasSubstr("unit_kernel"));
  EXPECT_EQ(touches[0].by->uid, ::getuid());
}

TEST_P(DriftWatchTest, ManyWritesOfOneFileAreOneTouch) {
  const Other other([this] {
    for (int i = 0; i < 50; ++i) Write("web/cgroup.max.depth", std::to_string(i + 3));
  });

  EXPECT_THAT(Heard(), ElementsAre("/web " + File("cgroup.max.depth")));
}

TEST_P(DriftWatchTest, OwnWritesAreNotHeardWhereTheWriterIsKnown) {
  Write("web/cgroup.max.depth", "7");

  if (names_writers()) {
    EXPECT_THAT(Heard(), IsEmpty());
  } else {
    EXPECT_THAT(Heard(), ElementsAre("/web "));
  }
}

TEST_P(DriftWatchTest, AWriterThatIsGoneIsSaidToBe) {
  if (!names_writers()) GTEST_SKIP() << "no writers here";
  Other other([this] { Write("web/cgroup.max.depth", "7"); });
  other.Leave();

  const std::vector<Touch> touches = Touches();

  ASSERT_EQ(touches.size(), 1U);
  EXPECT_EQ(touches[0].by->pid, other.pid());
  EXPECT_TRUE(touches[0].by->gone);
}

TEST_P(DriftWatchTest, MadeAndRemovedCgroupsAreHeard) {
  const Other maker([this] { Make("web/new"); });
  const std::vector<Touch> made = Touches();
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].path, Path("web/new"));
  EXPECT_EQ(made[0].file, "");
  if (names_makers()) {
    EXPECT_EQ(made[0].by->pid, maker.pid());
  }

  const Other remover([this] { ::rmdir((scratch_ / "web/api").c_str()); });
  EXPECT_THAT(Heard(), Contains("/web/api "));
}

TEST_P(DriftWatchTest, AnInnerCgroupMadeAnewIsHeardAgain) {
  const Other other([this] {
    ::rmdir((scratch_ / "web/api").c_str());
    ::rmdir((scratch_ / "web").c_str());
    Make("web");
    Make("web/api");
  });
  Heard();
  ASSERT_TRUE(watch_->Cover(desired_).has_value());

  const Other again([this] { Make("web/new"); });

  EXPECT_THAT(Heard(), ElementsAre("/web/new "));
}

TEST_P(DriftWatchTest, OtherTreesAreNotHeard) {
  ScratchCgroup elsewhere;
  const Other other([&] { std::ofstream(elsewhere / "cgroup.max.depth") << 7 << std::flush; });

  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_P(DriftWatchTest, AWriteJustBeforeTheCgroupGoesHarmsNothing) {
  const Other other([this] {
    Write("web/api/cgroup.max.depth", "7");
    ::rmdir((scratch_ / "web/api").c_str());
  });

  EXPECT_THAT(Heard(), Contains("/web/api "));
}

TEST_P(DriftWatchTest, NoDescriptorStaysOpenOrSurvivesAnExec) {
  const std::vector<std::string> before = InheritableDescriptors();
  DriftWatch other = DriftWatch::Make(scratch_.path(), GetParam());
  ASSERT_TRUE(other.Cover(desired_).has_value());
  EXPECT_EQ(InheritableDescriptors(), before);
  const int next = ::dup(0);  // NOLINT(android-cloexec-dup)
  ::close(next);
  for (int i = 0; i < 20; ++i) {
    const Other writer([this] { Write("web/cgroup.max.depth", "7"); });
    Heard();
  }
  const int after = ::dup(0);  // NOLINT(android-cloexec-dup)
  ::close(after);
  EXPECT_EQ(after, next);
}

INSTANTIATE_TEST_SUITE_P(Means,
                         DriftWatchTest,
                         testing::Values(DriftWatch::Means::kBest, DriftWatch::Means::kInotifyOnly),
                         [](const auto& param) {
                           return param.param == DriftWatch::Means::kBest ? "fanotify" : "inotify";
                         });

}  // namespace
}  // namespace reeve::kernel
