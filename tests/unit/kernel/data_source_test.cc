// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/data_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Every case holds for reading in this process and in one of its own.
enum class Where { kHere, kApart };

class HostDataTest : public testing::TestWithParam<Where> {
 protected:
  HostData Data() const {
    return HostData({dir_ / "run", dir_ / "etc"},
                    Ownership::kTrusted,
                    GetParam() == Where::kApart ? &apart_ : nullptr);
  }

  std::string Text(const std::string& name) const {
    const auto file = Data().ReadData(name);
    return file.has_value() ? (*file)->text : file.error().ToString();
  }

  TempDir dir_;
  mutable io::Apart apart_{std::chrono::minutes(2)};  // no case hangs
};

INSTANTIATE_TEST_SUITE_P(Both,
                         HostDataTest,
                         testing::Values(Where::kHere, Where::kApart),
                         [](const testing::TestParamInfo<Where>& tested) {
                           return tested.param == Where::kHere ? "Here" : "Apart";
                         });

TEST_P(HostDataTest, ARelativeNameIsFoundInTheStrongestDirectory) {
  dir_.Write("etc/customers.yaml", "etc");
  EXPECT_EQ(Text("customers.yaml"), "etc");

  dir_.Write("run/customers.yaml", "run");
  EXPECT_EQ(Text("customers.yaml"), "run");
  EXPECT_EQ((*Data().ReadData("customers.yaml"))->name, "customers.yaml");
}

TEST_P(HostDataTest, SubdirectoriesAreFine) {
  dir_.Write("etc/tenants/acme.csv", "a,b");

  EXPECT_EQ(Text("tenants/acme.csv"), "a,b");
}

TEST_P(HostDataTest, AWholePathIsReadWhereItIs) {
  const std::string path = dir_.Write("srv/list.json", "[]");

  EXPECT_EQ(Text(path), "[]");
}

TEST_P(HostDataTest, NothingLeadsOutOfTheDirectory) {
  dir_.Write("secret", "secret");
  dir_.Write("etc/x", "");
  ASSERT_EQ(::symlink("../secret", (dir_ / "etc/link").c_str()), 0);
  ASSERT_EQ(::symlink("..", (dir_ / "etc/up").c_str()), 0);

  EXPECT_EQ(Text("../secret"),
            "../secret: a data file lies in data.d or is named by its whole path");
  EXPECT_EQ(Data().ReadData("link").error().kind, ErrorKind::kDenied);
  EXPECT_EQ(Data().ReadData("up/secret").error().kind, ErrorKind::kConflict);
  EXPECT_EQ(Data().ReadData("").error().kind, ErrorKind::kInvalid);
}

TEST_P(HostDataTest, WhatIsNowhereSaysWhereItWasLookedFor) {
  EXPECT_EQ(Text("none.yaml"), "none.yaml: not in " + (dir_ / "run") + ", " + (dir_ / "etc"));
}

TEST_P(HostDataTest, FilesThatOthersMayWriteAreRefused) {
  dir_.Write("etc/a.yaml", "a");
  ::chmod((dir_ / "etc/a.yaml").c_str(), 0666);

  EXPECT_EQ(Text("a.yaml"), "a.yaml: mode 0666: everybody may write to it");
}

TEST_P(HostDataTest, SubdirectoriesThatOthersMayWriteAreRefused) {
  dir_.Write("etc/sub/a.yaml", "a");
  ::chmod((dir_ / "etc/sub").c_str(), 0777);

  EXPECT_EQ(Text("sub/a.yaml"), "sub/a.yaml: mode 0777: everybody may write to it");
}

TEST_P(HostDataTest, AKubernetesVolumeIsReadThroughItsData) {
  dir_.Write("etc/..1/a.yaml", "a");
  ASSERT_EQ(::symlink("..1", (dir_ / "etc/..data").c_str()), 0);
  ASSERT_EQ(::symlink("..data/a.yaml", (dir_ / "etc/a.yaml").c_str()), 0);

  EXPECT_EQ(Text("a.yaml"), "a");
}

TEST_P(HostDataTest, GlobsGiveSortedPaths) {
  dir_.Write("srv/b/x", "");
  dir_.Write("srv/a/x", "");
  dir_.Write("srv/file", "");

  EXPECT_THAT(*Data().MatchPaths(dir_ / "srv/*/x"),
              ElementsAre(dir_ / "srv/a/x", dir_ / "srv/b/x"));
  EXPECT_THAT(*Data().MatchPaths(dir_ / "none/*"), IsEmpty());
}

TEST_P(HostDataTest, GlobsMustBeWholePaths) {
  EXPECT_EQ(Data().MatchPaths("srv/*").error().message,
            "a path pattern starts with / and holds no ..");
  EXPECT_EQ(Data().MatchPaths("/srv/../etc/*").error().kind, ErrorKind::kInvalid);
}

TEST(DataDirectories, LieBesideThePolicyDirectories) {
  EXPECT_THAT(DataDirectoriesBeside({"/usr/lib/reeve/policy.d", "/etc/reeve/policy.d/"}),
              ElementsAre("/etc/reeve/data.d", "/usr/lib/reeve/data.d"));
}

TEST(DataDirectories, OfANamedFileAreThereOrBesideItsDirectory) {
  EXPECT_THAT(DataDirectoriesFor({"/p/policies/a.yaml", "/p/policies/b.yaml", "-", "/tmp"}),
              ElementsAre("/p/policies/data.d", "/p/data.d", "/data.d"));
}

}  // namespace
}  // namespace reeve::kernel
