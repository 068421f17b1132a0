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
class DirWatchTest : public ::testing::Test {
 protected:
  DirWatchTest() : dir_(temp_.path() + "/policy.d") {}

  DirWatch Watch() {
    auto watch = DirWatch::Make({dir_.string()});
    EXPECT_TRUE(watch.has_value());
    return *std::move(watch);
  }

  static bool Heard(DirWatch& watch) {
    const auto heard = watch.Read();
    return heard.has_value() && *heard;
  }

  support::TempDir temp_;
  fs::path dir_;
};

TEST_F(DirWatchTest, SavesRenamesAndRemovalsAreHeard) {
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

TEST_F(DirWatchTest, ASwappedDataLinkIsHeard) {
  fs::create_directories(dir_ / "..one");
  fs::create_directories(dir_ / "..two");
  fs::create_directory_symlink("..one", dir_ / "..data");
  DirWatch watch = Watch();

  fs::create_directory_symlink("..two", dir_ / "..data_tmp");
  Heard(watch);
  fs::rename(dir_ / "..data_tmp", dir_ / "..data");

  EXPECT_TRUE(Heard(watch));
}

TEST_F(DirWatchTest, ADirectoryThatComesLaterIsHeardAndThenWatched) {
  DirWatch watch = Watch();

  fs::create_directory(dir_);
  EXPECT_TRUE(Heard(watch));
  ASSERT_TRUE(watch.Arm().has_value());
  Write(dir_ / "a.yaml", "1");
  EXPECT_TRUE(Heard(watch));
}

TEST_F(DirWatchTest, F34_AReplacedDirectoryIsHeardAndTheNewOneWatched) {
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

TEST_F(DirWatchTest, OtherNamesInTheParentAreNoNews) {
  fs::create_directory(dir_);
  DirWatch watch = Watch();

  Write(temp_.path() + "/other", "1");
  fs::create_directory(temp_.path() + "/elsewhere");

  EXPECT_FALSE(Heard(watch));
}

}  // namespace
}  // namespace reeve::kernel
