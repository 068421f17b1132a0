// SPDX-License-Identifier: Apache-2.0
#include "edge/store/generation_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "edge/store/kept_text.h"
#include "support/temp_dir.h"

namespace reeve::store {
namespace {

using support::InheritableDescriptors;
using support::Slurp;
using support::TempDir;

KeptGeneration Kept(std::uint64_t number) {
  KeptGeneration kept;
  kept.generation = number;
  kept.policies = {std::make_shared<const SourceFile>(SourceFile{"10-a.yaml", "x: 1\n", 1, ""})};
  return kept;
}

GenerationStore Open(const std::string& path) {
  return GenerationStore(*StateDirectory::Open(path));
}

TEST(GenerationStore, KeepsTheLastOneAcrossInstances) {
  const TempDir dir;
  const std::string state = dir / "lib/reeve";
  ASSERT_TRUE(Open(state).Save(Kept(1), {}).has_value());
  ASSERT_TRUE(Open(state).Save(Kept(2), {}).has_value());

  EXPECT_EQ(Open(state).Load(Books())->generation, 2U);
  EXPECT_EQ(Open(state).Load(1)->generation, 1U);
  EXPECT_EQ(Open(state).Load(3).error().kind, ErrorKind::kNotFound);
}

TEST(GenerationStore, KeepsFiftyToGoBackTo) {
  const TempDir dir;
  GenerationStore store = Open(dir.path());
  for (std::uint64_t number = 1; number <= 53; ++number) {
    ASSERT_TRUE(store.Save(Kept(number), {}).has_value());
  }

  EXPECT_EQ(store.Load(3).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(store.Load(4).has_value());
  EXPECT_EQ(store.Load(Books())->generation, 53U);
}

Books BooksUpTo(const KeptGeneration& newest) {
  Books books;
  books.history.push_back({newest.generation, 0, {}, "", "done", newest.policy_hash});
  return books;
}

TEST(GenerationStore, F1TheBooksDecideWhatACrashLeftHalfDone) {
  const TempDir dir;
  GenerationStore store = Open(dir.path());
  KeptGeneration first = Kept(1);
  first.policy_hash = "sha256:a";
  KeptGeneration second = Kept(2);
  second.policy_hash = "sha256:b";
  ASSERT_TRUE(store.Save(first, BooksUpTo(first)).has_value());
  const std::string before = Slurp(dir / "last-good");
  ASSERT_TRUE(store.Save(second, BooksUpTo(second)).has_value());
  dir.Write("last-good", before);
  ::chmod((dir / "last-good").c_str(), 0600);

  EXPECT_EQ(store.Load(BooksUpTo(first))->generation, 1U) << "killed before the books";
  EXPECT_EQ(store.Load(*store.LoadBooks())->generation, 2U) << "killed after them";
  second.policy_hash = "sha256:c";
  EXPECT_EQ(store.Load(BooksUpTo(second))->generation, 1U) << "a copy of something else";
}

TEST(GenerationStore, BooksThatCouldNotBeWrittenMakeNothingOlder) {
  const TempDir dir;
  GenerationStore store = Open(dir.path());
  ASSERT_TRUE(store.Save(Kept(1), BooksUpTo(Kept(1))).has_value());
  ASSERT_TRUE(store.Save(Kept(2), BooksUpTo(Kept(1))).has_value());

  EXPECT_EQ(store.Load(*store.LoadBooks())->generation, 2U);
}

TEST(GenerationStore, NothingKeptIsNotFound) {
  const TempDir dir;
  EXPECT_EQ(Open(dir.path()).Load(Books()).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(Open(dir.path()).LoadBooks()->history.empty());
}

TEST(GenerationStore, ADamagedFileIsTold) {
  const TempDir dir;
  ASSERT_TRUE(Open(dir.path()).Save(Kept(1), {}).has_value());
  std::string text = Slurp(dir / "last-good");
  dir.Write("last-good", text.replace(text.size() / 2, 1, "?"));

  EXPECT_EQ(Open(dir.path()).Load(Books()).error().ToString(),
            "last-good: damaged: the checksum differs");
}

TEST(GenerationStore, ADamagedFileIsKeptAsideAndTheNewestCopyUsed) {
  const TempDir dir;
  GenerationStore store = Open(dir.path());
  ASSERT_TRUE(store.Save(Kept(9), {}).has_value());
  ASSERT_TRUE(store.Save(Kept(10), {}).has_value());
  dir.Write("last-good", "damaged");

  EXPECT_EQ(*store.SetAside(GenerationStore::kInForce), "last-good.unreadable");

  EXPECT_EQ(Slurp(dir / "last-good.unreadable"), "damaged");
  EXPECT_EQ(store.Load(Books()).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(store.LoadNewest()->generation, 10U);
}

TEST(StateDirectory, OneAtATimeKeepsItsStateThere) {
  const TempDir dir;
  auto first = StateDirectory::Open(dir.path());
  ASSERT_TRUE(first->Lock().has_value());

  auto second = StateDirectory::Open(dir.path());
  EXPECT_EQ(second->Lock().error().ToString(),
            dir.path() + ": another reeved keeps its generations here");
}

TEST(StateDirectory, WhatAKilledOneLeftHalfWrittenIsGone) {
  const TempDir dir;
  dir.Write(".books.new", "{");
  dir.Write("books", "kept");
  auto state = StateDirectory::Open(dir.path());
  ASSERT_TRUE(state->Lock().has_value());

  EXPECT_EQ(*state->List(), std::vector<std::string>{"books"});
}

TEST(GenerationStore, WhatOthersMayWriteIsNotBelieved) {
  const TempDir dir;
  ASSERT_TRUE(Open(dir.path()).Save(Kept(1), {}).has_value());
  ::chmod((dir / "last-good").c_str(), 0666);
  EXPECT_EQ(Open(dir.path()).Load(Books()).error().ToString(),
            "last-good: mode 0666: others may write to it");

  ::chmod(dir.path().c_str(), 0777);
  EXPECT_EQ(StateDirectory::Open(dir.path()).error().message, "mode 0777: others may write to it");
}

TEST(GenerationStore, ALinkIsNotFollowed) {
  const TempDir dir;
  const TempDir other;
  other.Write("last-good", FormatKept(Kept(1)));
  ASSERT_EQ(::symlink((other / "last-good").c_str(), (dir / "last-good").c_str()), 0);

  EXPECT_EQ(Open(dir.path()).Load(Books()).error().kind, ErrorKind::kConflict);
}

TEST(GenerationStore, NoDescriptorSurvivesAnExec) {
  const std::vector<std::string> before = InheritableDescriptors();
  const TempDir dir;
  GenerationStore store = Open(dir.path());
  ASSERT_TRUE(store.Save(Kept(1), {}).has_value());

  EXPECT_EQ(InheritableDescriptors(), before);
}

Books Sample() {
  Books books;
  books.history = {
      {41, 1'795'000'000, {"ansible (uid 0)", "CHG-1"}, "1 file changed", "done", "sha256:a"},
      {42, 1'795'000'100, {"al\"ice\n", ""}, "undo to 40", "undone", "sha256:b"}};
  books.hold = Hold{{"alice", "db slow"}, 5, std::nullopt};
  books.confirmation = Confirmation{42, 41, 700, {"bob", "try"}};
  books.next_moment = 1'795'000'200;
  books.engine.in_force = "sha256:b";
  books.engine.tree = "boot 7";
  books.engine.adopted = {{*CgroupPath::Parse("web"), "cpu.max", "max 100000", "5 10", "x"}};
  return books;
}

TEST(BooksText, WhatIsWrittenIsReadAgain) {
  Books wanted = Sample();
  const auto found = ParseBooks(FormatBooks(wanted));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, wanted);

  wanted.hold->until = 900;
  wanted.confirmation.reset();
  const auto second = ParseBooks(FormatBooks(wanted));
  EXPECT_EQ(second->hold, wanted.hold);
  EXPECT_EQ(second->confirmation, std::nullopt);
}

TEST(BooksText, EveryCutIsDamage) {
  const std::string text = FormatBooks(Sample());
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_FALSE(ParseBooks(text.substr(0, size)).has_value()) << size;
  }
}

TEST(BooksText, OtherFormsAreRefused) {
  for (const char* text : {"",
                           "[]",
                           "null",
                           "{}",
                           R"({"form":"reeve books 2","history":[]})",
                           R"({"form":"reeve books 1"})",
                           R"({"form":"reeve books 1","history":[{}]})",
                           R"({"form":"reeve books 1","history":[],"hold":{"by":7}})"}) {
    EXPECT_EQ(ParseBooks(text).error().kind, ErrorKind::kInvalid) << text;
  }
}

TEST(BooksText, WordsThatAreNoUtf8AreNoException) {
  Books books;
  books.hold = Hold{{"\xff\xfe", "x"}, 5, std::nullopt};
  EXPECT_TRUE(ParseBooks(FormatBooks(books)).has_value());
}

}  // namespace
}  // namespace reeve::store
