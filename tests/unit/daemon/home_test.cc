// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/home.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/daemon/slice_values.h"
#include "edge/io/clock.h"
#include "edge/io/files.h"
#include "support/temp_dir.h"
#include "unit/systemd/fake_bus.h"

namespace reeve::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using systemd::BusValue;
using systemd::FakeBus;
using testing::ElementsAre;
using testing::HasSubstr;

// A hierarchy of plain files in which systemd makes the scope when it is asked to, on a bus of our own. What only a
// kernel does is done by hand: who is in a cgroup is what stands in its files.
class HomeTest : public testing::Test {
 protected:
  HomeTest() : loop_(*systemd::Loop::Make()), fake_(loop_) {
    paths_.hierarchy = dir_.path() + "/cgroup";
    paths_.slice = paths_.hierarchy + "/reeve.slice";
    paths_.scope = paths_.slice + "/reeve-tree.scope";
    paths_.old_service = paths_.slice + "/reeve-tree.service";
    fs::create_directories(dir_ / "run");
    ::chmod(dir_.Write("hold", "#!/bin/sh\nexec sleep 600\n").c_str(), 0755);
    dir_.Write("cgroup/cgroup.subtree_control", "");
    fake_.On("StartTransientUnit",
             [this](const BusValue::List& arguments) { return Start(arguments); });
    fake_.On("SetUnitProperties", [this](const BusValue::List& arguments) {
      properties_ = *arguments.at(2).list();
      return FakeBus::Answer{};
    });
  }

  ~HomeTest() override {
    bus_.reset();
    for (const std::int64_t pid : holders_) {
      ::kill(static_cast<pid_t>(pid), SIGKILL);
      ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
    }
  }

  // What systemd does: the cgroup with the process in it, and the end of the job.
  FakeBus::Reaction Start(const BusValue::List& arguments) {
    asked_ = arguments;
    holders_.push_back(
        static_cast<std::int64_t>(*arguments.at(2).Find("PIDs")->list()->front().number()));
    if (knows_no_oom_policy_ && arguments.at(2).Find("OOMPolicy") != nullptr) {
      return FakeBus::Refusal{"org.freedesktop.DBus.Error.PropertyReadOnly", "unknown property"};
    }
    if (job_result_ == "done") {
      MakeScope();
      dir_.Write("cgroup/reeve.slice/reeve-tree.scope/cgroup.procs",
                 std::to_string(holders_.back()) + "\n");
    }
    if (job_result_.empty()) return FakeBus::Refusal{"org.freedesktop.DBus.Error.Failed", "no"};
    job_ended_ = true;
    return FakeBus::Answer{"o", {"/org/freedesktop/systemd1/job/1"}};
  }

  void MakeScope() {
    dir_.Write("cgroup/reeve.slice/reeve-tree.scope/cgroup.events", "populated 1\nfrozen 0\n");
    dir_.Write("cgroup/reeve.slice/reeve-tree.scope/cgroup.controllers",
               "cpuset cpu io memory pids\n");
    dir_.Write("cgroup/reeve.slice/cgroup.subtree_control", "");
    // The kernel makes these with the directory.
    dir_.Write("cgroup/reeve.slice/reeve-tree.scope/_holder/cgroup.procs", "");
    dir_.Write("cgroup/reeve.slice/reeve-tree.scope/_holder/cgroup.events", "populated 1\n");
  }

  void Make(HomeOptions options = {}) {
    bus_ = *systemd::Bus::Make(loop_, fake_.Options());
    home_ = *Home::Make(loop_,
                        *bus_,
                        {.paths = paths_, .holder = dir_ / "hold", .runtime_dir = dir_ / "run"},
                        std::move(options));
  }

  bool RunUntil(const std::function<bool()>& done) {
    const Usec end = io::BootTime() + std::chrono::seconds(5);
    auto tick = *loop_.OnTimer([] {});
    const auto ran = loop_.RunUntil([&] {
      (void)tick.FireAt(io::BootTime() + milliseconds(2));
      if (std::exchange(job_ended_, false)) EndJob();
      return done() || io::BootTime() > end;
    });
    EXPECT_TRUE(ran.has_value());
    EXPECT_TRUE(done()) << home_->pending();
    return done();
  }

  void EndJob() {
    fake_.Emit({std::string(systemd::kSystemdPath),
                std::string(systemd::kSystemdManager),
                "JobRemoved",
                {1U, "/org/freedesktop/systemd1/job/1", "reeve-tree.scope", job_result_}},
               "uoss");
  }

  std::string Read(const std::string& name) { return io::ReadWholeFile(dir_ / name).value_or("?"); }

  support::TempDir dir_;
  systemd::Loop loop_;
  FakeBus fake_;
  kernel::HomePaths paths_;
  std::unique_ptr<Home> home_;
  std::unique_ptr<systemd::Bus> bus_;
  BusValue::List asked_;
  BusValue::List properties_;
  std::vector<std::int64_t> holders_;
  std::string job_result_ = "done";
  bool job_ended_ = false;
  bool knows_no_oom_policy_ = false;
};

TEST_F(HomeTest, TheScopeIsAskedOfSystemdWithSomebodyInIt) {
  Make();
  EXPECT_FALSE(home_->there());
  EXPECT_THAT(home_->pending(), HasSubstr("bus"));

  ASSERT_TRUE(RunUntil([this] { return home_->there(); }));

  EXPECT_EQ(home_->root(), paths_.scope);
  EXPECT_EQ(home_->pending(), "");
  EXPECT_EQ(*asked_.at(0).text(), "reeve-tree.scope");
  const BusValue& properties = asked_.at(2);
  EXPECT_EQ(*properties.Find("Slice")->text(), "reeve.slice");
  EXPECT_EQ(properties.Find("Delegate")->yes(), true);
  EXPECT_EQ(properties.Find("RefuseManualStop")->yes(), true);
  EXPECT_EQ(properties.Find("IgnoreOnIsolate")->yes(), true);
  EXPECT_EQ(properties.Find("TasksMax")->number(), systemd::kUnset);
  EXPECT_EQ(*properties.Find("Before")->list()->front().text(), "reeved.service");
  EXPECT_EQ(Read("cgroup/reeve.slice/reeve-tree.scope/_holder/cgroup.procs"),
            std::to_string(holders_.front()));
  EXPECT_EQ(::kill(static_cast<pid_t>(holders_.front()), 0), 0);
}

TEST_F(HomeTest, OneThatIsThereIsTakenOverWithoutABus) {
  fake_.Stop();
  MakeScope();
  dir_.Write("cgroup/reeve.slice/reeve-tree.scope/_holder/cgroup.procs", "77\n");

  Make();

  EXPECT_EQ(home_->root(), paths_.scope);
  EXPECT_EQ(Read("cgroup/reeve.slice/reeve-tree.scope/_holder/cgroup.procs"), "77\n");
}

TEST_F(HomeTest, WhomACrashLeftInTheTreeItselfIsMovedIntoTheLeaf) {
  MakeScope();
  dir_.Write("cgroup/reeve.slice/reeve-tree.scope/cgroup.procs", "79\n");

  Make();

  EXPECT_EQ(Read("cgroup/reeve.slice/reeve-tree.scope/_holder/cgroup.procs"), "79");
  EXPECT_EQ(home_->root(), paths_.scope);
}

TEST_F(HomeTest, F96WhileTheBusIsAwayItIsPendingAndSaysWhy) {
  fake_.Stop();
  Make();
  RunUntil([this] { return home_->pending().find("No such file") != std::string::npos; });
  EXPECT_THAT(home_->pending(), HasSubstr("No such file or directory"));

  fake_.Start();

  EXPECT_TRUE(RunUntil([this] { return home_->there(); }));
}

TEST_F(HomeTest, ARefusalIsSaidAndTriedAgainWithAnotherHolder) {
  job_result_.clear();
  Make();
  ASSERT_TRUE(RunUntil([this] { return home_->pending().starts_with("StartTransientUnit"); }));
  EXPECT_THAT(home_->pending(), HasSubstr("no (org.freedesktop.DBus.Error.Failed)"));

  job_result_ = "done";

  ASSERT_TRUE(RunUntil([this] { return home_->there(); }));
  ASSERT_EQ(holders_.size(), 2);
  EXPECT_NE(::kill(static_cast<pid_t>(holders_.front()), 0), 0) << "still there, or never reaped";
}

TEST_F(HomeTest, ASystemdWithoutOomPolicyForScopesIsNotAskedForItAgain) {
  knows_no_oom_policy_ = true;
  Make();

  ASSERT_TRUE(RunUntil([this] { return home_->there(); }));
  EXPECT_THAT(holders_, ElementsAre(holders_.front(), holders_.front()));
}

TEST_F(HomeTest, AJobThatFailsIsSaid) {
  job_result_ = "failed";
  Make();

  EXPECT_TRUE(RunUntil(
      [this] { return home_->pending() == "systemd could not make reeve-tree.scope: failed"; }));
}

TEST_F(HomeTest, F64OneThatWentIsMadeAgain) {
  Make();
  ASSERT_TRUE(RunUntil([this] { return home_->there(); }));
  std::vector<std::string> told;
  home_->OnChange([&] { told.push_back(home_->there() ? "there" : "gone"); });

  fs::remove_all(paths_.scope);
  fake_.Emit({std::string(systemd::kSystemdPath),
              std::string(systemd::kSystemdManager),
              "UnitRemoved",
              {"reeve-tree.scope", "/u"}},
             "so");

  ASSERT_TRUE(RunUntil([&] { return !told.empty() && told.back() == "there"; }));
  EXPECT_EQ(told.front(), "gone");
  EXPECT_EQ(home_->root(), paths_.scope);
}

TEST_F(HomeTest, AnEmptyOneIsClearedAwayFirst) {
  fs::create_directories(paths_.scope + "/web/api");
  Make();

  ASSERT_TRUE(RunUntil([this] { return home_->there(); }));

  EXPECT_FALSE(fs::exists(paths_.scope + "/web"));
}

TEST_F(HomeTest, TheTreeOfAnOlderReeveIsKeptWhileSomebodyIsInIt) {
  dir_.Write("cgroup/reeve.slice/reeve-tree.service/_holder/cgroup.procs", "78\n");
  dir_.Write("cgroup/reeve.slice/reeve-tree.service/_holder/cgroup.events", "populated 1\n");
  dir_.Write("cgroup/reeve.slice/reeve-tree.service/web/cgroup.events", "populated 1\n");
  Make();
  EXPECT_EQ(home_->root(), paths_.old_service);

  fs::remove_all(paths_.old_service);
  home_->Look();

  EXPECT_TRUE(RunUntil([this] { return home_->root() == paths_.scope; }));
}

TEST_F(HomeTest, ControllersThatSystemdDoesNotKnowAreHandedDown) {
  HomeOptions options;
  options.delegate = {Controller::kHugetlb};
  Make(options);
  ASSERT_TRUE(RunUntil([this] { return home_->there(); }));

  EXPECT_EQ(Read("cgroup/cgroup.subtree_control"), "+hugetlb");
  EXPECT_EQ(Read("cgroup/reeve.slice/cgroup.subtree_control"), "+hugetlb");
}

TEST_F(HomeTest, TheSliceGetsTheValuesThatAreAskedForAndLosesThemAgain) {
  HomeOptions options;
  options.values = {{"cpu.weight", 300}};
  Make(options);
  ASSERT_TRUE(RunUntil([this] { return !properties_.empty(); }));
  EXPECT_EQ(properties_.at(0),
            BusValue(BusValue::List{"CPUWeight", BusValue::Variant("t", std::uint64_t{300})}));

  const auto later = TakeSliceValues({{"io.weight", 50}}, dir_ / "run");
  ASSERT_EQ(later.size(), 2);
  EXPECT_EQ(later[0].first, "CPUWeight");
  EXPECT_EQ(later[0].second.number(), systemd::kUnset);
  EXPECT_EQ(later[1].first, "IOWeight");
  EXPECT_EQ(TakeSliceValues({}, dir_ / "run").size(), 1);
  EXPECT_TRUE(TakeSliceValues({}, dir_ / "run").empty()) << "nothing of it is ours any more";
}

}  // namespace
}  // namespace reeve::daemon
