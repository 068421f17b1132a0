// SPDX-License-Identifier: Apache-2.0
#include "edge/store/last_good.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/sha256.h"
#include "support/temp_dir.h"

namespace reeve::store {
namespace {

using support::InheritableDescriptors;
using support::Slurp;
using support::TempDir;

std::shared_ptr<const SourceFile> File(std::string name, std::string text, int layer = 1) {
  return std::make_shared<const SourceFile>(
      SourceFile{std::move(name), std::move(text), layer, "/etc/reeve"});
}

LastGood Sample() {
  LastGood kept;
  kept.generation = 42;
  kept.accepted_at = 1'795'296'184;
  kept.policy_hash = "abc123";
  kept.policies = {File("10-a.yaml", "kind: Policy\nend\n", 0), File("20 b\n.yaml", "", 2)};
  kept.data = {File("customers.csv", std::string("a\0b", 3))};
  kept.facts = {File("role.yaml", "role: web\n")};
  return kept;
}

void ExpectSameFiles(const std::vector<std::shared_ptr<const SourceFile>>& found,
                     const std::vector<std::shared_ptr<const SourceFile>>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i]->name, wanted[i]->name);
    EXPECT_EQ(found[i]->text, wanted[i]->text);
    EXPECT_EQ(found[i]->layer, wanted[i]->layer);
    EXPECT_EQ(found[i]->directory, wanted[i]->directory);
  }
}

void ExpectSample(const LastGood& kept) {
  const LastGood wanted = Sample();
  EXPECT_EQ(kept.generation, wanted.generation);
  EXPECT_EQ(kept.accepted_at, wanted.accepted_at);
  EXPECT_EQ(kept.policy_hash, wanted.policy_hash);
  ExpectSameFiles(kept.policies, wanted.policies);
  ExpectSameFiles(kept.data, wanted.data);
  ExpectSameFiles(kept.facts, wanted.facts);
}

TEST(LastGoodText, WhatIsWrittenIsReadAgain) {
  ExpectSample(*ParseLastGood(FormatLastGood(Sample())));
  EXPECT_EQ(ParseLastGood(FormatLastGood(LastGood()))->policy_hash, "");
}

TEST(LastGoodText, EveryCutIsDamage) {
  const std::string text = FormatLastGood(Sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(ParseLastGood(text.substr(0, size)).error().kind, ErrorKind::kInvalid) << size;
  }
}

TEST(LastGoodText, EveryChangedByteIsDamage) {
  const std::string text = FormatLastGood(Sample());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string other = text;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_EQ(ParseLastGood(other).error().kind, ErrorKind::kInvalid) << at;
  }
}

TEST(LastGoodText, DamageIsNamed) {
  const auto with_body = [](const std::string& body) {
    return ParseLastGood(fmt::format("reeve last-good 1\nsha256 {}\n{}", Sha256Hex(body), body))
        .error()
        .ToString();
  };

  EXPECT_EQ(ParseLastGood("reeve last-good 2\n").error().ToString(),
            "last-good: damaged: it is none, or of a later reeve");
  EXPECT_EQ(with_body("generation 1\n"), "last-good: damaged: it ends early");
  EXPECT_EQ(with_body("generation x\nend\n"), "last-good: damaged: generation x");
  EXPECT_EQ(with_body("policy 1 99999999999999999999 0 0\nend\n"),
            "last-good: damaged: policy 1 99999999999999999999 0 0");
  EXPECT_EQ(with_body("policy 1 1 0 18446744073709551615\nend\n"),
            "last-good: damaged: policy 1 1 0 18446744073709551615");
  EXPECT_EQ(with_body("policy 9 0 0 0\n\nend\n"), "last-good: damaged: policy 9 0 0 0");
  EXPECT_EQ(with_body("end\nmore\n"), "last-good: damaged: something follows its end");
  EXPECT_EQ(with_body("\x1b[2J\n"), "last-good: damaged: \\x1b[2J");
}

TEST(LastGoodStore, KeepsTheLastOneAcrossInstances) {
  const TempDir dir;
  const std::string state = dir / "lib/reeve";
  ASSERT_TRUE(LastGoodStore::Open(state)->Save(LastGood()).has_value());
  ASSERT_TRUE(LastGoodStore::Open(state)->Save(Sample()).has_value());

  ExpectSample(*LastGoodStore::Open(state)->Load());
}

TEST(LastGoodStore, NothingKeptIsNotFound) {
  const TempDir dir;

  EXPECT_EQ(LastGoodStore::Open(dir.path())->Load().error().kind, ErrorKind::kNotFound);
}

TEST(LastGoodStore, ADamagedFileIsTold) {
  const TempDir dir;
  ASSERT_TRUE(LastGoodStore::Open(dir.path())->Save(Sample()).has_value());
  std::string text = Slurp(dir / "last-good");
  dir.Write("last-good", text.replace(text.size() / 2, 1, "?"));

  EXPECT_EQ(LastGoodStore::Open(dir.path())->Load().error().ToString(),
            "last-good: damaged: the checksum differs");
}

TEST(LastGoodStore, WhatOthersMayWriteIsNotBelieved) {
  const TempDir dir;
  ASSERT_TRUE(LastGoodStore::Open(dir.path())->Save(Sample()).has_value());
  ::chmod((dir / "last-good").c_str(), 0666);
  EXPECT_EQ(LastGoodStore::Open(dir.path())->Load().error().ToString(),
            "last-good: mode 0666: others may write to it");

  ::chmod(dir.path().c_str(), 0777);
  EXPECT_EQ(LastGoodStore::Open(dir.path()).error().message, "mode 0777: others may write to it");
}

TEST(LastGoodStore, ALinkIsNotFollowed) {
  const TempDir dir;
  const TempDir other;
  other.Write("last-good", FormatLastGood(Sample()));
  ASSERT_EQ(::symlink((other / "last-good").c_str(), (dir / "last-good").c_str()), 0);

  EXPECT_EQ(LastGoodStore::Open(dir.path())->Load().error().kind, ErrorKind::kConflict);
}

TEST(LastGoodStore, NoDescriptorSurvivesAnExec) {
  const std::vector<std::string> before = InheritableDescriptors();
  const TempDir dir;

  const auto store = LastGoodStore::Open(dir.path());
  ASSERT_TRUE(store.has_value());

  EXPECT_EQ(InheritableDescriptors(), before);
}

}  // namespace
}  // namespace reeve::store
