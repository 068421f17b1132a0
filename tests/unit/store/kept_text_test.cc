// SPDX-License-Identifier: Apache-2.0
#include "edge/store/kept_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/sha256.h"

namespace reeve::store {
namespace {

std::shared_ptr<const SourceFile> File(std::string name, std::string text, int layer = 1) {
  return std::make_shared<const SourceFile>(
      SourceFile{std::move(name), std::move(text), layer, "/etc/reeve"});
}

KeptGeneration Sample() {
  KeptGeneration kept;
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

void ExpectSample(const KeptGeneration& kept) {
  const KeptGeneration wanted = Sample();
  EXPECT_EQ(kept.generation, wanted.generation);
  EXPECT_EQ(kept.accepted_at, wanted.accepted_at);
  EXPECT_EQ(kept.policy_hash, wanted.policy_hash);
  ExpectSameFiles(kept.policies, wanted.policies);
  ExpectSameFiles(kept.data, wanted.data);
  ExpectSameFiles(kept.facts, wanted.facts);
}

TEST(KeptText, WhatIsWrittenIsReadAgain) {
  ExpectSample(*ParseKept(FormatKept(Sample())));
  EXPECT_EQ(ParseKept(FormatKept(KeptGeneration()))->policy_hash, "");
}

TEST(KeptText, EveryCutIsDamage) {
  const std::string text = FormatKept(Sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(ParseKept(text.substr(0, size)).error().kind, ErrorKind::kInvalid) << size;
  }
}

TEST(KeptText, EveryChangedByteIsDamage) {
  const std::string text = FormatKept(Sample());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string other = text;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_EQ(ParseKept(other).error().kind, ErrorKind::kInvalid) << at;
  }
}

TEST(KeptText, DamageIsNamed) {
  const auto with_body = [](const std::string& body) {
    return ParseKept(fmt::format("reeve last-good 1\nsha256 {}\n{}", Sha256Hex(body), body))
        .error()
        .ToString();
  };

  EXPECT_EQ(ParseKept("reeve last-good 2\n").error().ToString(),
            "damaged: it is none, or of a later reeve");
  EXPECT_EQ(with_body("generation 1\n"), "damaged: it ends early");
  EXPECT_EQ(with_body("generation x\nend\n"), "damaged: generation x");
  EXPECT_EQ(with_body("policy 1 99999999999999999999 0 0\nend\n"),
            "damaged: policy 1 99999999999999999999 0 0");
  EXPECT_EQ(with_body("policy 1 1 0 18446744073709551615\nend\n"),
            "damaged: policy 1 1 0 18446744073709551615");
  EXPECT_EQ(with_body("policy 9 0 0 0\n\nend\n"), "damaged: policy 9 0 0 0");
  EXPECT_EQ(with_body("end\nmore\n"), "damaged: something follows its end");
  EXPECT_EQ(with_body("\x1b[2J\n"), "damaged: \\x1b[2J");
}

}  // namespace
}  // namespace reeve::store
