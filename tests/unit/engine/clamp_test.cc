// SPDX-License-Identifier: Apache-2.0
#include "core/engine/clamp.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_cgroup_fs.h"

namespace reeve::engine {
namespace {

using support::FakeCgroupFs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

CgroupPath Path(const std::string& text) {
  return *CgroupPath::Parse(text);
}

// The processes of a fake kernel, with parents and start times that a test can change.
class FakeProcesses final : public port::ProcessSource {
 public:
  explicit FakeProcesses(FakeCgroupFs& fs) : fs_(fs) {}

  Result<std::vector<ProcessStat>> List() override {
    std::vector<ProcessStat> all;
    for (const auto& [pid, stat] : stats) {
      if (fs_.kernel().Alive(pid)) all.push_back(stat);
    }
    ++lists;
    if (on_list) on_list();
    return all;
  }

  Result<ProcessStat> Stat(std::int64_t pid) override {
    const auto found = stats.find(pid);
    if (found == stats.end() || !fs_.kernel().Alive(pid)) {
      return Error{ErrorKind::kGone, 0, "pid", "is not there"};
    }
    return found->second;
  }

  Result<ProcessCgroup> CgroupOf(std::int64_t pid) override {
    if (!fs_.kernel().Alive(pid)) return Error{ErrorKind::kGone, 0, "pid", "is not there"};
    return ProcessCgroup{"/" + fs_.kernel().CgroupOf(pid), false};
  }

  std::map<std::int64_t, ProcessStat> stats;
  int lists = 0;
  std::function<void()> on_list;

 private:
  FakeCgroupFs& fs_;
};

class ClampsTest : public ::testing::Test {
 protected:
  static FakeCgroupFs::Options WholeHierarchy() {
    FakeCgroupFs::Options options;
    options.managed_root = "";
    return options;
  }

  ClampsTest() {
    for (const char* path : {"reeve", "reeve/clamp-7", "reeve/web", "system", "system/cron"}) {
      fs_.ForeignMkdir(path);
    }
    wish_.name = "clamp-7";
    wish_.tree = true;
    wish_.may_escape = true;
  }

  std::int64_t Spawn(const std::string& cgroup, std::int64_t parent = 1) {
    const std::int64_t pid = fs_.Spawn(cgroup);
    Note(pid, parent);
    return pid;
  }

  std::int64_t Fork(std::int64_t parent) {
    std::int64_t child = 0;
    EXPECT_EQ(fs_.kernel().Fork(parent, &child), 0);
    Note(child, parent);
    return child;
  }

  void Note(std::int64_t pid, std::int64_t parent) {
    ProcessStat stat;
    stat.pid = pid;
    stat.ppid = parent;
    stat.starttime = static_cast<std::uint64_t>(1000 + pid);
    processes_.stats[pid] = stat;
  }

  std::string Where(std::int64_t pid) { return fs_.kernel().CgroupOf(pid); }

  Clamp Begin(std::int64_t pid) {
    wish_.pid = pid;
    auto clamp = clamps_.Begin(wish_, [&](const Clamp& known) -> Result<> {
      remembered_ = FormatClamp(known);
      return {};
    });
    EXPECT_TRUE(clamp.has_value()) << clamp.error().ToString();
    return clamp.has_value() ? *clamp : Clamp();
  }

  ErrorKind Refusal(std::int64_t pid) {
    wish_.pid = pid;
    const auto clamp = clamps_.Begin(wish_, [](const Clamp&) -> Result<> { return {}; });
    return clamp.has_value() ? ErrorKind::kInternal : clamp.error().kind;
  }

  FakeCgroupFs fs_{WholeHierarchy()};
  FakeProcesses processes_{fs_};
  Clamps clamps_{fs_, Path("reeve"), processes_};
  ClampWish wish_;
  std::string remembered_;
};

TEST_F(ClampsTest, ATreeGoesInAndEverybodyBackWhereTheyWere) {
  const std::int64_t cron = Spawn("system/cron");
  const std::int64_t job = Fork(cron);
  const std::int64_t worker = Spawn("reeve/web", job);
  const std::int64_t stranger = Fork(cron);

  const Clamp clamp = Begin(job);

  EXPECT_EQ(Where(job), "reeve/clamp-7");
  EXPECT_EQ(Where(worker), "reeve/clamp-7");
  EXPECT_EQ(Where(cron), "system/cron");
  EXPECT_EQ(Where(stranger), "system/cron");
  EXPECT_EQ(*ParseClamp(remembered_), clamp);

  const UnclampReport report = clamps_.End(*ParseClamp(remembered_));
  EXPECT_EQ(report.moved, 2U);
  EXPECT_THAT(report.stayed, IsEmpty());
  EXPECT_EQ(Where(job), "system/cron");
  EXPECT_EQ(Where(worker), "reeve/web");
}

TEST_F(ClampsTest, WithoutTreeOnlyTheOneNamedGoes) {
  const std::int64_t job = Spawn("system/cron");
  const std::int64_t child = Fork(job);
  wish_.tree = false;

  Begin(job);

  EXPECT_EQ(Where(job), "reeve/clamp-7");
  EXPECT_EQ(Where(child), "system/cron");
}

TEST_F(ClampsTest, ChildrenThatAreBornMeanwhileAreTakenAsWell) {
  const std::int64_t job = Spawn("system/cron");
  std::int64_t late = 0;
  processes_.on_list = [&] {
    if (processes_.lists == 1) late = Fork(job);  // after the list was made
  };

  Begin(job);

  EXPECT_EQ(Where(late), "reeve/clamp-7");
}

TEST_F(ClampsTest, WhoWasBornInsideGoesWhereItsAncestorCameFrom) {
  const std::int64_t job = Spawn("system/cron");
  const std::int64_t web = Spawn("reeve/web", job);
  const Clamp clamp = Begin(job);
  const std::int64_t of_web = Fork(web);
  const std::int64_t orphan = Fork(job);
  processes_.stats[orphan].ppid = 1;
  fs_.kernel().Exit(job);

  const UnclampReport report = clamps_.End(clamp);

  EXPECT_EQ(report.ended, 1U);
  EXPECT_EQ(Where(of_web), "reeve/web");
  EXPECT_EQ(Where(orphan), "system/cron");
  EXPECT_THAT(*fs_.ReadProcesses(Path("reeve/clamp-7")), IsEmpty());
}

TEST_F(ClampsTest, APidThatAnotherProcessHasByNowIsJudgedAnew) {
  const std::int64_t job = Spawn("system/cron");
  const std::int64_t child = Fork(job);
  processes_.on_list = [&] {
    if (processes_.lists == 1) processes_.stats[child].starttime = 77;
  };

  const Clamp clamp = Begin(job);

  // It is the other process's own turn in the second round, under its own start time.
  EXPECT_EQ(Where(child), "reeve/clamp-7");
  EXPECT_EQ(clamp.processes.back().starttime, 77U);
  processes_.stats[child].starttime = 78;
  processes_.stats[child].ppid = 1;
  clamps_.End(clamp);
  EXPECT_EQ(Where(job), "system/cron");
}

TEST_F(ClampsTest, SomeAreNeverTaken) {
  const std::int64_t job = Spawn("system/cron");
  std::int64_t thread = 0;
  ASSERT_EQ(fs_.kernel().SpawnKernelThread("", &thread), 0);
  Note(thread, 2);
  processes_.stats[thread].flags = 0x00200000;
  wish_.self = Spawn("system");

  EXPECT_EQ(Refusal(thread), ErrorKind::kDenied);
  EXPECT_EQ(Refusal(wish_.self), ErrorKind::kDenied);
  EXPECT_EQ(Refusal(4242), ErrorKind::kGone);
  wish_.may_escape = false;
  EXPECT_EQ(Refusal(job), ErrorKind::kDenied);
  EXPECT_EQ(Where(job), "system/cron");
  const std::int64_t inside = Spawn("reeve/web");
  Begin(inside);
  EXPECT_EQ(Where(inside), "reeve/clamp-7");
}

TEST_F(ClampsTest, NothingIsMovedThatCouldNotBeRemembered) {
  const std::int64_t job = Spawn("system/cron");
  wish_.pid = job;

  const auto clamp = clamps_.Begin(wish_, [](const Clamp&) -> Result<> {
    return Error{ErrorKind::kIo, 28, "state", "disk full"};
  });

  EXPECT_FALSE(clamp.has_value());
  EXPECT_EQ(Where(job), "system/cron");
}

TEST_F(ClampsTest, WhoHasNoWayBackStays) {
  const std::int64_t job = Spawn("system/cron");
  const Clamp clamp = Begin(job);
  fs_.ForeignRmdir("system/cron");

  const UnclampReport report = clamps_.End(clamp);

  EXPECT_EQ(report.moved, 0U);
  EXPECT_EQ(report.stayed.size(), 1U);
  EXPECT_EQ(Where(job), "reeve/clamp-7");
}

TEST_F(ClampsTest, ShowsWhoWillBeMovedFromWhere) {
  const std::int64_t job = Spawn("system/cron");
  Spawn("reeve/web", job);
  wish_.pid = job;

  const auto view = clamps_.Look(wish_);

  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->processes.size(), 2U);
  EXPECT_THAT(view->escapes, ElementsAre(Path("system/cron")));
  EXPECT_EQ(Where(job), "system/cron");
}

TEST(ClampText, SurvivesAnyNameAndTakesNothingElse) {
  Clamp clamp;
  clamp.name = "clamp-7";
  clamp.processes = {{7, 18446744073709551615U, CgroupPath()},
                     {8, 0, Path("a b\n%/\xff.service/c")}};
  EXPECT_EQ(*ParseClamp(FormatClamp(clamp)), clamp);
  for (const char* text : {"",
                           "reeve-clamp/2 x\n",
                           "reeve-clamp/1\n",
                           "reeve-clamp/1 a/b\n",
                           "reeve-clamp/1 x\n0 1 /a\n",
                           "reeve-clamp/1 x\n7 1 a\n",
                           "reeve-clamp/1 x\n7 1 /../etc\n",
                           "reeve-clamp/1 x\n7 1 /%2\n",
                           "reeve-clamp/1 x\n7 -1 /a\n",
                           "reeve-clamp/1 x\n7 1 /a b\n"}) {
    EXPECT_FALSE(ParseClamp(text).has_value()) << text;
  }
}

TEST(ProcessTree, IsTheDescendantsParentsFirstWhateverTheOrder) {
  const auto process = [](std::int64_t pid, std::int64_t parent) {
    ProcessStat stat;
    stat.pid = pid;
    stat.ppid = parent;
    return stat;
  };
  const std::vector<ProcessStat> all = {
      process(30, 20), process(9, 1), process(20, 10), process(10, 1), process(5, 10)};
  std::vector<std::int64_t> pids;
  for (const ProcessStat& stat : ProcessTree(all, 10, true)) pids.push_back(stat.pid);
  EXPECT_THAT(pids, ElementsAre(10, 5, 20, 30));
  EXPECT_EQ(ProcessTree(all, 10, false).size(), 1U);
  EXPECT_THAT(ProcessTree(all, 11, true), IsEmpty());
}

}  // namespace
}  // namespace reeve::engine
