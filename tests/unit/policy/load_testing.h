// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/policy/load.h"
#include "support/findings_text.h"

namespace reeve::policy {

inline constexpr std::string_view kTestHead =
    "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\n";  // three lines

// What is wrong with a document of this head and body; lines count from the body's first.
inline std::string Wrong(std::string_view body) {
  Findings findings;
  LoadPolicy({testing::TextFile("t.yaml", std::string(kTestHead) + std::string(body))}, findings);
  Findings shifted;
  for (Diagnostic finding : findings.all()) {
    if (finding.mark.line > 3) finding.mark.line -= 3;
    if (finding.related && finding.related->mark.line > 3) finding.related->mark.line -= 3;
    shifted.Add(std::move(finding));
  }
  return testing::FindingsText(shifted);
}

// The same for a whole text.
inline std::string WrongText(std::string_view text) {
  Findings findings;
  LoadPolicy({testing::TextFile("t.yaml", text)}, findings);
  return testing::FindingsText(findings);
}

// The policy of a document of this head and body, about which nothing may be wrong.
inline Policy Loaded(std::string_view body) {
  Findings findings;
  Policy policy = LoadPolicy(
      {testing::TextFile("t.yaml", std::string(kTestHead) + std::string(body))}, findings);
  EXPECT_EQ(testing::FindingsText(findings), "");
  return policy;
}

}  // namespace reeve::policy
