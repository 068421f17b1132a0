// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/policy_dir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "name=text" for each file.
std::vector<std::string> Files(const port::FileSet& set) {
  std::vector<std::string> files;
  for (const auto& file : set.files) files.push_back(file->name + "=" + file->text);
  return files;
}

// Every case holds for reading in this process and in one of its own.
enum class Where { kHere, kApart };

class PolicyDirsTest : public testing::TestWithParam<Where> {
 protected:
  PolicyDirsTest() {
    for (const char* name : {"usr", "etc", "run"}) {
      std::filesystem::create_directory(dir_ / name);
      ::chmod((dir_ / name).c_str(), 0755);
    }
  }

  PolicyDirs Layers(Ownership ownership = Ownership::kTrusted) const {
    return PolicyDirs(
        {{dir_ / "usr", 0}, {dir_ / "etc", 1}, {dir_ / "run", 2}}, ownership, apart());
  }

  // "name: reason", with '!' before errors and the temporary directory left out.
  std::vector<std::string> Ignored(const port::FileSet& set) const {
    std::vector<std::string> ignored;
    for (const auto& name : set.ignored) {
      std::string line = fmt::format("{}{}: {}", name.error ? "!" : "", name.name, name.reason);
      for (std::size_t at; (at = line.find(dir_.path() + "/")) != std::string::npos;) {
        line.erase(at, dir_.path().size() + 1);
      }
      ignored.push_back(line);
    }
    return ignored;
  }

  void Link(const std::string& name, const std::string& target) {
    ASSERT_EQ(::symlink(target.c_str(), (dir_ / name).c_str()), 0);
  }

  io::Apart* apart() const { return GetParam() == Where::kApart ? &apart_ : nullptr; }

  TempDir dir_;
  mutable io::Apart apart_{std::chrono::minutes(2)};  // no case hangs
};

INSTANTIATE_TEST_SUITE_P(Both,
                         PolicyDirsTest,
                         testing::Values(Where::kHere, Where::kApart),
                         [](const testing::TestParamInfo<Where>& tested) {
                           return tested.param == Where::kHere ? "Here" : "Apart";
                         });

TEST_P(PolicyDirsTest, FilesComeByLayerThenName) {
  dir_.Write("run/10-a.yaml", "a");
  dir_.Write("etc/30-b.yaml", "b");
  dir_.Write("etc/20-c.yaml", "c");
  dir_.Write("usr/90-d.yaml", "d");

  const auto set = Layers().Read();

  EXPECT_THAT(Files(*set), ElementsAre("90-d.yaml=d", "20-c.yaml=c", "30-b.yaml=b", "10-a.yaml=a"));
  EXPECT_EQ(set->files[0]->layer, 0);
  EXPECT_EQ(set->files[3]->layer, 2);
  EXPECT_EQ(set->files[1]->directory, dir_.path());
  EXPECT_THAT(set->ignored, IsEmpty());
}

TEST_P(PolicyDirsTest, TheSameNameInAStrongerLayerMasks) {
  dir_.Write("usr/web.yaml", "vendor");
  dir_.Write("etc/web.yaml", "ours");

  const auto set = Layers().Read();

  EXPECT_THAT(Files(*set), ElementsAre("web.yaml=ours"));
  EXPECT_THAT(Ignored(*set), ElementsAre("usr/web.yaml: masked by etc/web.yaml"));
}

TEST_P(PolicyDirsTest, ALinkToDevNullMasksAndIsNoFile) {
  dir_.Write("usr/web.yaml", "vendor");
  Link("etc/web.yaml", "/dev/null");

  const auto set = Layers().Read();

  EXPECT_THAT(set->files, IsEmpty());
  EXPECT_THAT(Ignored(*set), ElementsAre("usr/web.yaml: masked by etc/web.yaml"));
}

TEST_P(PolicyDirsTest, WhatIsNotReadIsNamedAndMeantPoliciesAreErrors) {
  dir_.Write("etc/a.yaml", "a");
  dir_.Write("etc/a.yaml~", "old");
  dir_.Write("etc/b.yml", "b");
  dir_.Write("etc/sub.yaml/x", "x");
  dir_.Write("elsewhere", "secret");
  Link("etc/link.yaml", "../elsewhere");
  ASSERT_EQ(::mkfifo((dir_ / "etc/pipe.yaml").c_str(), 0600), 0);

  const auto set = Layers().Read();

  EXPECT_THAT(Files(*set), ElementsAre("a.yaml=a"));
  EXPECT_THAT(
      Ignored(*set),
      ElementsAre("etc/a.yaml~: backup of an editor",
                  "etc/b.yml: ends in .yml; only .yaml is read",
                  "!etc/link.yaml: a symlink: files are not followed elsewhere, only /dev/null is "
                  "known",
                  "!etc/pipe.yaml: not a regular file",
                  "!etc/sub.yaml: a directory, not a file"));
}

TEST_P(PolicyDirsTest, ARefusedFileStillMasks) {
  dir_.Write("usr/web.yaml", "vendor");
  dir_.Write("etc/web.yaml", "ours");
  ::chmod((dir_ / "etc/web.yaml").c_str(), 0666);

  const auto set = Layers().Read();

  EXPECT_THAT(set->files, IsEmpty()) << "the vendor's file is not what was meant";
  EXPECT_THAT(Ignored(*set),
              ElementsAre("usr/web.yaml: masked by etc/web.yaml",
                          "!etc/web.yaml: mode 0666: everybody may write to it"));
}

TEST_P(PolicyDirsTest, FilesThatOthersMayWriteAreRefused) {
  dir_.Write("etc/a.yaml", "a");
  ::chmod((dir_ / "etc/a.yaml").c_str(), 0664);

  EXPECT_THAT(Ignored(*Layers().Read()),
              ElementsAre("!etc/a.yaml: mode 0664: its group may write to it"));
  EXPECT_THAT(Files(*Layers(Ownership::kAny).Read()), ElementsAre("a.yaml=a"));
}

TEST_P(PolicyDirsTest, FilesOfOthersAreRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  dir_.Write("etc/a.yaml", "a");
  ASSERT_EQ(::chown((dir_ / "etc/a.yaml").c_str(), 1234, 0), 0);

  EXPECT_THAT(Ignored(*Layers().Read()),
              ElementsAre("!etc/a.yaml: belongs to uid 1234, not to root or to us"));
}

TEST_P(PolicyDirsTest, ADirectoryThatOthersMayWriteIsRefusedAsAWhole) {
  dir_.Write("etc/a.yaml", "a");
  ::chmod((dir_ / "etc").c_str(), 0777);

  const auto set = Layers().Read();

  EXPECT_EQ(set.error(),
            (Error{ErrorKind::kDenied, 0, dir_ / "etc", "mode 0777: everybody may write to it"}));
  EXPECT_TRUE(Layers(Ownership::kAny).Read().has_value());
}

TEST_P(PolicyDirsTest, SoIsOneBelowADirectoryThatOthersMayWrite) {
  dir_.Write("etc/a.yaml", "a");
  ::chmod(dir_.path().c_str(), 0775);

  const auto set = Layers().Read();

  EXPECT_EQ(
      set.error().ToString(),
      fmt::format(
          "{}/usr: {} above it mode 0775: its group may write to it", dir_.path(), dir_.path()));
}

TEST_P(PolicyDirsTest, MissingLayersAreEmptyUnlessAllAre) {
  std::filesystem::remove(dir_ / "usr");
  std::filesystem::remove(dir_ / "run");
  dir_.Write("etc/a.yaml", "a");

  EXPECT_THAT(Files(*Layers().Read()), ElementsAre("a.yaml=a"));

  EXPECT_EQ(PolicyDirs({{dir_ / "none", 1}}, Ownership::kTrusted).Read().error().kind,
            ErrorKind::kNotFound);
}

TEST_P(PolicyDirsTest, ALayerThatVanishesIsNotTakenForEmpty) {
  dir_.Write("usr/a.yaml", "a");
  dir_.Write("etc/b.yaml", "b");
  PolicyDirs layers = Layers();
  ASSERT_TRUE(layers.Read().has_value());

  std::filesystem::rename(dir_ / "etc", dir_ / "etc.old");
  EXPECT_EQ(layers.Read().error(),
            (Error{ErrorKind::kNotFound,
                   ENOENT,
                   dir_ / "etc",
                   "the directory was here and is gone; make it anew if it is to be empty"}));

  std::filesystem::rename(dir_ / "etc.old", dir_ / "etc");
  EXPECT_THAT(Files(*layers.Read()), ElementsAre("a.yaml=a", "b.yaml=b"));
}

TEST_P(PolicyDirsTest, ALayerThatIsGoneAfterARestartIsNotTakenForEmptyEither) {
  dir_.Write("usr/a.yaml", "a");
  dir_.Write("etc/b.yaml", "b");
  const auto before = Layers().Read();
  ASSERT_TRUE(before.has_value());
  std::filesystem::remove_all(dir_ / "etc");

  PolicyDirs layers = Layers();
  layers.WasThere(before->files);

  EXPECT_EQ(layers.Read().error().kind, ErrorKind::kNotFound);
}

TEST_P(PolicyDirsTest, WhatLayBelowRunMayBeGoneAfterARestart) {
  dir_.Write("usr/a.yaml", "a");
  dir_.Write("run/b.yaml", "b");
  const auto before = Layers().Read();
  ASSERT_TRUE(before.has_value());
  std::filesystem::remove_all(dir_ / "run");

  PolicyDirs layers = Layers();
  layers.WasThere(before->files);

  EXPECT_THAT(Files(*layers.Read()), ElementsAre("a.yaml=a"));
}

TEST_P(PolicyDirsTest, AFileOverTheLimitIsAnError) {
  dir_.Write("etc/big.yaml", std::string(kMaxPolicyFileBytes + 1, '#'));
  dir_.Write("etc/full.yaml", std::string(kMaxPolicyFileBytes, '#'));

  const auto set = Layers().Read();

  EXPECT_EQ(set->files.size(), 1U);
  EXPECT_THAT(Ignored(*set), ElementsAre("!etc/big.yaml: larger than 8388608 bytes"));
}

TEST_P(PolicyDirsTest, ASetOverTheLimitIsAnError) {
  for (int i = 0; i < 9; ++i) {
    dir_.Write(fmt::format("etc/{}.yaml", i), std::string(kMaxPolicyFileBytes, '#'));
  }

  const auto set = Layers().Read();

  EXPECT_EQ(set->files.size(), 8U);
  EXPECT_THAT(Ignored(*set), ElementsAre("!8.yaml: with it the policies are larger than 64 MiB"));
}

TEST_P(PolicyDirsTest, OfAKubernetesVolumeTheSetBehindDataIsRead) {
  dir_.Write("etc/..2026_1/a.yaml", "a1");
  Link("etc/..data", "..2026_1");
  Link("etc/a.yaml", "..data/a.yaml");
  dir_.Write("etc/own.yaml", "put there by hand");

  const auto set = Layers().Read();

  EXPECT_THAT(Files(*set), ElementsAre("a.yaml=a1"));
  EXPECT_THAT(Ignored(*set), ElementsAre("!etc/own.yaml: lies beside ..data, not in it"));
}

TEST_P(PolicyDirsTest, DataThatLeadsElsewhereIsRefused) {
  Link("etc/..data", "../usr");

  EXPECT_EQ(Layers().Read().error().ToString(), "..data: leads to ../usr, out of its directory");
}

TEST_P(PolicyDirsTest, ASwapWhileReadingNeverMixesTwoSets) {
  const std::string etc = dir_ / "etc";
  const auto publish = [&](int number) {  // as kubelet's atomic writer does
    const std::string target = fmt::format("..set{}", number);
    for (const char* name : {"a", "b", "c"}) {
      dir_.Write(fmt::format("etc/{}/{}.yaml", target, name), std::to_string(number));
    }
    std::filesystem::remove(etc + "/..tmp");
    std::filesystem::create_symlink(target, etc + "/..tmp");
    std::filesystem::rename(etc + "/..tmp", etc + "/..data");
    if (number > 0) std::filesystem::remove_all(etc + fmt::format("/..set{}", number - 1));
  };
  publish(0);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 1; i < 400; ++i) publish(i);
    done = true;
  });

  int read = 0;
  PolicyDirs layers({{etc, 1}}, Ownership::kAny);
  while (!done) {
    const auto set = layers.Read();
    if (!set.has_value()) {
      EXPECT_EQ(set.error().kind, ErrorKind::kConflict) << set.error().ToString();
      continue;
    }
    ++read;
    ASSERT_EQ(set->files.size(), 3U);
    EXPECT_EQ(set->files[0]->text, set->files[1]->text);
    EXPECT_EQ(set->files[0]->text, set->files[2]->text);
  }
  writer.join();
  EXPECT_GT(read, 0);
}

TEST_P(PolicyDirsTest, LayersFollowFromWhereADirectoryLies) {
  const auto layers =
      LayersOf({"/usr/lib/reeve/policy.d", "/etc/reeve/policy.d", "/srv/p", "/run/p"});

  EXPECT_EQ(layers[0].layer, 0);
  EXPECT_EQ(layers[1].layer, 1);
  EXPECT_EQ(layers[2].layer, 1);
  EXPECT_EQ(layers[3].layer, 2);
}

class NamedFilesTest : public PolicyDirsTest {};

TEST_F(NamedFilesTest, FilesAreTakenWhateverTheirNameAndInTheOrderNamed) {
  const std::string second = dir_.Write("etc/b.tmp", "b");
  const std::string first = dir_.Write("etc/z.yaml", "z");

  const auto set = NamedFiles({first, second}, Ownership::kAny).Read();

  EXPECT_THAT(Files(*set), ElementsAre(first + "=z", second + "=b"));
  EXPECT_EQ(set->files[0]->layer, 1);
}

TEST_F(NamedFilesTest, ADirectoryGivesItsPolicies) {
  dir_.Write("etc/b.yaml", "b");
  dir_.Write("etc/b.yaml.rpmsave", "old");

  const auto set = NamedFiles({dir_ / "etc"}, Ownership::kAny).Read();

  EXPECT_THAT(Files(*set), ElementsAre(dir_ / "etc/b.yaml" + "=b"));
  EXPECT_THAT(Ignored(*set), ElementsAre("etc/b.yaml.rpmsave: left by rpm"));
}

TEST_F(NamedFilesTest, APipeIsReadToItsEnd) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ASSERT_EQ(::write(ends[1], "kind: Policy", 12), 12);
  ::close(ends[1]);
  const std::string name = fmt::format("/proc/self/fd/{}", ends[0]);

  const auto set = NamedFiles({name}, Ownership::kAny).Read();
  ::close(ends[0]);

  EXPECT_THAT(Files(*set), ElementsAre(name + "=kind: Policy"));
}

TEST_F(NamedFilesTest, WhatIsNotThereIsAnError) {
  EXPECT_EQ(NamedFiles({dir_ / "none.yaml"}, Ownership::kAny).Read().error().kind,
            ErrorKind::kNotFound);
}

TEST_F(NamedFilesTest, FactsMayBeMissing) {
  EXPECT_THAT(ReadOptionalDir(dir_ / "facts.d", Ownership::kTrusted)->files, IsEmpty());

  dir_.Write("etc/role.yaml", "role: web");
  EXPECT_THAT(Files(*ReadOptionalDir(dir_ / "etc", Ownership::kTrusted)),
              ElementsAre("role.yaml=role: web"));
}

}  // namespace
}  // namespace reeve::kernel
