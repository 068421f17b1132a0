// SPDX-License-Identifier: Apache-2.0
#include "edge/io/files.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace reeve::io {
namespace {

using support::InheritableDescriptors;
using support::Slurp;
using support::TempDir;
using testing::UnorderedElementsAre;

std::vector<std::string> Names(const TempDir& dir) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

TEST(ReadWholeFile, ReadsUpToItsLimitAndNotBeyond) {
  const TempDir dir;
  const std::string path = dir.Write("a", std::string(40'000, 'x'));

  EXPECT_EQ(ReadWholeFile(path, 40'000)->size(), 40'000U);
  EXPECT_EQ(ReadWholeFile(path, 39'999).error(),
            (Error{ErrorKind::kOutOfRange, 0, path, "larger than 39999 bytes"}));
}

TEST(ReadWholeFile, ReadsFilesWithoutASize) {
  EXPECT_FALSE(ReadWholeFile("/proc/self/status")->empty());
}

TEST(ReadWholeFile, WhatIsNoFileIsRefusedWithoutWaiting) {
  const TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);

  EXPECT_EQ(ReadWholeFile(dir / "pipe").error().message, "not a regular file");
  EXPECT_EQ(ReadWholeFile(dir.path()).error().message, "not a regular file");
  EXPECT_EQ(ReadWholeFile(dir / "none").error().kind, ErrorKind::kNotFound);
}

TEST(PathOf, IsWhereADescriptorLies) {
  const TempDir dir;
  dir.Write("file", "x");
  ASSERT_EQ(::symlink((dir / "file").c_str(), (dir / "link").c_str()), 0);

  EXPECT_EQ(PathOf(OpenDirectory(dir.path())->get()), dir.path());
  EXPECT_EQ(PathOf(-1), "");
  EXPECT_EQ(TargetOf(dir / "link"), dir / "file");
  EXPECT_EQ(TargetOf(dir / "file"), "");
}

TEST(WriteFileAtomically, ReplacesTheFileAndLeavesNothingBesideIt) {
  const TempDir dir;
  dir.Write("state", "old");
  const auto directory = OpenDirectory(dir.path());

  ASSERT_TRUE(WriteFileAtomically(directory->get(), "state", "new", 0640).has_value());

  EXPECT_EQ(Slurp(dir / "state"), "new");
  EXPECT_THAT(Names(dir), UnorderedElementsAre("state"));
  struct stat found = {};
  ASSERT_EQ(::stat((dir / "state").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0640U);
}

TEST(WriteFileAtomically, AFailureLeavesTheOldFileAsItWas) {
  const TempDir dir;
  dir.Write("state", "old");
  const auto directory = OpenDirectory(dir.path());

  // As if the disk were full: the write itself fails.
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {4, before.rlim_max};
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = WriteFileAtomically(directory->get(), "state", "longer than four", 0600);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);

  EXPECT_EQ(written.error().ToString(), "state: writing: File too large (errno 27)");
  EXPECT_EQ(Slurp(dir / "state"), "old");
  EXPECT_THAT(Names(dir), UnorderedElementsAre("state"));
}

TEST(WriteFileAtomically, ASymlinkIsReplacedAndNotWrittenThrough) {
  const TempDir dir;
  dir.Write("precious", "mine");
  ASSERT_EQ(::symlink("precious", (dir / "state").c_str()), 0);
  const auto directory = OpenDirectory(dir.path());

  ASSERT_TRUE(WriteFileAtomically(directory->get(), "state", "new", 0600).has_value());

  EXPECT_EQ(Slurp(dir / "precious"), "mine");
  EXPECT_EQ(Slurp(dir / "state"), "new");
  EXPECT_FALSE(std::filesystem::is_symlink(dir / "state"));
}

TEST(MakeDirectory, MakesWhatIsMissing) {
  const TempDir dir;

  EXPECT_TRUE(MakeDirectory(dir / "a/b/c", 0700)->valid());
  EXPECT_TRUE(MakeDirectory(dir / "a/b/c", 0700)->valid());
  dir.Write("file", "");
  EXPECT_FALSE(MakeDirectory(dir / "file/below", 0700).has_value());
}

TEST(Files, NoDescriptorSurvivesAnExec) {
  const std::vector<std::string> before = InheritableDescriptors();
  const TempDir dir;

  const auto directory = MakeDirectory(dir / "a", 0700);
  ASSERT_TRUE(directory.has_value());

  EXPECT_EQ(InheritableDescriptors(), before);
}

}  // namespace
}  // namespace reeve::io
