// SPDX-License-Identifier: Apache-2.0
#include "core/engine/policy_hash.h"

#include <gtest/gtest.h>

namespace reeve::engine {
namespace {

std::shared_ptr<const SourceFile> File(std::string name, std::string text, int layer = 1) {
  return std::make_shared<const SourceFile>(
      SourceFile{std::move(name), std::move(text), layer, ""});
}

// printf 'a: 1\n' >10-a.yaml; printf 'b: 2\n' >20-b.yaml; LC_ALL=C sha256sum *.yaml | sha256sum
TEST(PolicyHash, IsWhatSha256sumOfTheFilesSays) {
  EXPECT_EQ(PolicyHash({File("10-a.yaml", "a: 1\n"), File("20-b.yaml", "b: 2\n")}),
            "sha256:588310bda98e26c1f6eda497391418285dc20a6adba9592f932fbddde8467e55");
}

TEST(PolicyHash, DoesNotDependOnTheOrderOfReading) {
  EXPECT_EQ(PolicyHash({File("20-b.yaml", "b: 2\n"), File("10-a.yaml", "a: 1\n")}),
            PolicyHash({File("10-a.yaml", "a: 1\n"), File("20-b.yaml", "b: 2\n")}));
}

TEST(PolicyHash, DoesNotDependOnWhereTheFilesLie) {
  EXPECT_EQ(PolicyHash({File("/etc/reeve/policy.d/10-a.yaml", "a: 1\n")}),
            PolicyHash({File("10-a.yaml", "a: 1\n")}));
}

TEST(PolicyHash, ChangesWithATextAndWithAName) {
  const std::string one = PolicyHash({File("a.yaml", "a: 1\n")});

  EXPECT_NE(PolicyHash({File("a.yaml", "a: 2\n")}), one);
  EXPECT_NE(PolicyHash({File("b.yaml", "a: 1\n")}), one);
  EXPECT_NE(PolicyHash({}), one);
}

}  // namespace
}  // namespace reeve::engine
