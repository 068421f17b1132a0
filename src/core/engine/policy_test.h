// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/generation.h"
#include "core/model/plan.h"
#include "core/model/policy_test.h"

namespace reeve::engine {

// One expectation that does not hold. Amounts are in the kernel's units.
struct TestFailure {
  SourceMark mark;       // of the expectation
  std::string what;      // "web memory.max", "care"
  std::string file;      // the interface file that it is about, if it is about one
  bool values = false;   // `expected` and `got` are texts of that file; false: words about it
  std::string expected;  // "" = nothing of that
  std::string got;       // "" = nothing of that
  SourceMark got_mark;   // where the policy says so, if it does
  std::string next;      // what to look at or change
};

struct TestVerdict {
  std::size_t checks = 0;  // expectations that were looked at
  std::vector<TestFailure> failures;
  std::optional<Plan> plan;  // when the test says what is there before

  bool passed() const { return failures.empty(); }
};

// What the plan for a recorded tree would be; verdicts that lack their evidence hold back.
Plan PlanOnRecord(const Desired& desired, const HostFacts& facts, const Observed& tree);

// Holds what the policies mean on the test's host against what the test expects. Expected values are
// resolved like those of a policy in the same place, so that units, rounding and `90% of memory.max` mean
// the same.
//   generation   of the test's policies, judged for its facts and moment
TestVerdict JudgeTest(const PolicyTest& test, const Generation& generation);

}  // namespace reeve::engine
