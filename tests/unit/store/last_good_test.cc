// SPDX-License-Identifier: Apache-2.0
#include "edge/store/last_good.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.h"

namespace reeve::store {
namespace {

std::shared_ptr<const SourceFile> File(const std::string& name,
                                       const std::string& text,
                                       int layer = 1) {
  auto file = std::make_shared<SourceFile>();
  file->name = name;
  file->text = text;
  file->layer = layer;
  file->directory = "/etc/reeve";
  return file;
}

KeptSet Example() {
  return {
      {File("10-a.yaml", "kind: Policy\n", 0), File("20 b\n.yaml", std::string("x\0y\n", 4), 2)},
      {File("rows.csv", "a,b\n1,2\n")}};
}

void ExpectSame(const KeptSet& a, const KeptSet& b) {
  ASSERT_EQ(a.policies.size(), b.policies.size());
  ASSERT_EQ(a.data.size(), b.data.size());
  for (std::size_t i = 0; i < a.policies.size(); ++i) {
    EXPECT_EQ(a.policies[i]->name, b.policies[i]->name);
    EXPECT_EQ(a.policies[i]->text, b.policies[i]->text);
    EXPECT_EQ(a.policies[i]->layer, b.policies[i]->layer);
    EXPECT_EQ(a.policies[i]->directory, b.policies[i]->directory);
  }
  for (std::size_t i = 0; i < a.data.size(); ++i) EXPECT_EQ(a.data[i]->text, b.data[i]->text);
}

TEST(LastGood, WhatIsSavedIsLoaded) {
  support::TempDir temp;
  auto store = LastGood::Open(temp / "state/reeve");
  ASSERT_TRUE(store.has_value());
  auto nothing = store->Load();
  ASSERT_TRUE(nothing.has_value());
  EXPECT_FALSE(nothing->has_value());

  ASSERT_TRUE(store->Save(Example()).has_value());

  auto loaded = store->Load();
  ASSERT_TRUE(loaded.has_value());
  ASSERT_TRUE(loaded->has_value());
  ExpectSame(**loaded, Example());
}

TEST(LastGood, AnyChangedOrMissingByteIsDamage) {
  const std::string good = FormatKeptSet(Example());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(ParseKeptSet(changed).has_value()) << "byte " << i;
    EXPECT_FALSE(ParseKeptSet(good.substr(0, i)).has_value()) << "cut at " << i;
  }
}

TEST(LastGood, ADamagedFileIsSaidAndNotUsed) {
  support::TempDir temp;
  auto store = LastGood::Open(temp.path());
  ASSERT_TRUE(store.has_value());
  std::ofstream(temp / "last-good") << "reeve-set/1 0000\npolicy";

  const auto loaded = store->Load();

  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().ToString(),
            "last-good: the kept set is damaged: its checksum does not fit");
}

}  // namespace
}  // namespace reeve::store
