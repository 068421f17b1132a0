// SPDX-License-Identifier: Apache-2.0
#include "core/engine/alarm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_cgroup_fs.h"
#include "support/trees.h"

namespace reeve::engine {
namespace {

using namespace std::chrono_literals;
using reeve::testing::DesiredTree;
using support::FakeCgroupFs;
using ::testing::HasSubstr;

// A kernel whose pressure is what the test says.
class Pressed final : public FakeCgroupFs {
 public:
  using FakeCgroupFs::FakeCgroupFs;

  Result<std::string> ReadFile(const CgroupPath& path, std::string_view file) override {
    if (file != "memory.pressure" || full.empty()) return FakeCgroupFs::ReadFile(path, file);
    return "some avg10=" + full + " avg60=0.00 avg300=0.00 total=0\nfull avg10=" + full +
           " avg60=0.00 avg300=0.00 total=0\n";
  }

  std::string full;
};

class AlarmTest : public ::testing::Test {
 protected:
  AlarmTest() {
    fs.ForeignWrite("", "cgroup.subtree_control", "+memory");
    for (const char* name : {"web", "db"}) {
      fs.ForeignMkdir(name);
      fs.ForeignWrite(name, "memory.max", "1048576");
    }
  }

  void OomIn(const std::string& path) {
    const std::int64_t pid = fs.Spawn(path);
    fs.kernel().Allocate(pid, 4 << 20);
  }

  Pressed fs;
  Desired before =
      DesiredTree({{"web", {{"memory.max", "2097152"}}}, {"db", {{"memory.max", "1048576"}}}});
  Desired after =
      DesiredTree({{"web", {{"memory.max", "1048576"}}}, {"db", {{"memory.max", "1048576"}}}});
};

TEST_F(AlarmTest, AnOomKillWhereSomethingChangedRingsIt) {
  Alarm alarm(fs, before, after);
  EXPECT_EQ(alarm.Look(1s), std::nullopt);
  OomIn("web");
  EXPECT_THAT(alarm.Look(2s).value_or(""), HasSubstr("an OOM kill in web"));
}

TEST_F(AlarmTest, KillsElsewhereAndEarlierOnesDoNot) {
  OomIn("web");
  Alarm alarm(fs, before, after);
  OomIn("db");
  EXPECT_EQ(alarm.Look(1s), std::nullopt);
}

TEST_F(AlarmTest, PressureRingsItWhenItStaysHeavy) {
  Alarm alarm(fs, before, after);
  fs.full = "41.00";
  EXPECT_EQ(alarm.Look(1s), std::nullopt);
  EXPECT_EQ(alarm.Look(30s), std::nullopt);
  fs.full = "39.00";
  EXPECT_EQ(alarm.Look(31s), std::nullopt) << "a pause begins it anew";
  fs.full = "99.00";
  EXPECT_EQ(alarm.Look(32s), std::nullopt);
  EXPECT_THAT(alarm.Look(62s).value_or(""), HasSubstr("above 40 %"));
}

TEST_F(AlarmTest, ACgroupThatIsGoneIsNoAlarm) {
  Alarm alarm(fs, before, after);
  fs.ForeignRmdir("web");
  EXPECT_EQ(alarm.Look(1s), std::nullopt);
}

}  // namespace
}  // namespace reeve::engine
