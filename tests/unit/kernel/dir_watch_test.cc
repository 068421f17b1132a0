// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/dir_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temp_dir.h"

namespace reeve::kernel {
namespace {

namespace fs = std::filesystem;

void Write(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

// The loop would call Read when the descriptor is readable; here the events are there already.
// Every case holds for directories looked for in this process and in one of its own.
enum class Where { kHere, kApart };

class DirWatchTest : public ::testing::TestWithParam<Where> {
 protected:
  DirWatchTest() : dir_(temp_.path() + "/policy.d") {}

  DirWatch Watch() {
    auto watch = DirWatch::Make({dir_.string()}, GetParam() == Where::kApart ? &apart_ : nullptr);
    EXPECT_TRUE(watch.has_value());
    EXPECT_TRUE(watch->Arm().has_value());
    return *std::move(watch);
  }

  static bool Heard(DirWatch& watch) {
    const auto heard = watch.Read();
    return heard.has_value() && heard->changed;
  }

  support::TempDir temp_;
  fs::path dir_;
  io::Apart apart_{std::chrono::minutes(2)};  // no case hangs
};

INSTANTIATE_TEST_SUITE_P(Both,
                         DirWatchTest,
                         ::testing::Values(Where::kHere, Where::kApart),
                         [](const ::testing::TestParamInfo<Where>& tested) {
                           return tested.param == Where::kHere ? "Here" : "Apart";
                         });

TEST_P(DirWatchTest, SavesRenamesAndRemovalsAreHeard) {
  fs::create_directory(dir_);
  DirWatch watch = Watch();
  EXPECT_FALSE(Heard(watch));

  Write(dir_ / "a.yaml", "1");
  EXPECT_TRUE(Heard(watch));
  fs::rename(dir_ / "a.yaml", dir_ / "b.yaml");
  EXPECT_TRUE(Heard(watch));
  fs::remove(dir_ / "b.yaml");
  EXPECT_TRUE(Heard(watch));
  EXPECT_FALSE(Heard(watch));
}

TEST_P(DirWatchTest, ASwappedDataLinkIsHeard) {
  fs::create_directories(dir_ / "..one");
  fs::create_directories(dir_ / "..two");
  fs::create_directory_symlink("..one", dir_ / "..data");
  DirWatch watch = Watch();

  fs::create_directory_symlink("..two", dir_ / "..data_tmp");
  Heard(watch);
  fs::rename(dir_ / "..data_tmp", dir_ / "..data");

  EXPECT_TRUE(Heard(watch));
}

TEST_P(DirWatchTest, WhereASymlinkLeadsIsHeard) {
  fs::create_directory(temp_.path() + "/real");
  fs::create_directory_symlink("real", dir_);
  DirWatch watch = Watch();

  Write(temp_.path() + "/real/a.yaml", "1");

  EXPECT_TRUE(Heard(watch));
}

TEST_P(DirWatchTest, ADirectoryThatComesLaterIsHeardAndThenWatched) {
  DirWatch watch = Watch();

  fs::create_directory(dir_);
  EXPECT_TRUE(Heard(watch));
  ASSERT_TRUE(watch.Arm().has_value());
  Write(dir_ / "a.yaml", "1");
  EXPECT_TRUE(Heard(watch));
}

TEST_P(DirWatchTest, F34_AReplacedDirectoryIsHeardAndTheNewOneWatched) {
  fs::create_directory(dir_);
  DirWatch watch = Watch();

  fs::rename(dir_, temp_.path() + "/old");
  fs::create_directory(dir_);
  EXPECT_TRUE(Heard(watch));
  ASSERT_TRUE(watch.Arm().has_value());
  Heard(watch);
  Write(dir_ / "a.yaml", "1");
  EXPECT_TRUE(Heard(watch));
}

TEST_P(DirWatchTest, OtherNamesInTheParentAreNoNews) {
  fs::create_directory(dir_);
  DirWatch watch = Watch();

  Write(temp_.path() + "/other", "1");
  fs::create_directory(temp_.path() + "/elsewhere");

  EXPECT_FALSE(Heard(watch));
}

}  // namespace
}  // namespace reeve::kernel
