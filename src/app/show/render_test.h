// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/engine/policy_test.h"
#include "core/model/policy_test.h"

namespace reeve::show {

// One test that was run.
struct RanTest {
  PolicyTest test;
  engine::TestVerdict verdict;
  double seconds = 0;
};

// A line a test; below one that failed, what was expected and what came instead. The last line counts.
std::string RenderTests(const std::vector<RanTest>& tests, const Paint& paint);

// {"passed", "failed", "tests": [{name, why, file, line, passed, checks, seconds, failures}]}.
Json TestsJson(const std::vector<RanTest>& tests);

// The same in the XML that CI systems read as JUnit's: a suite for each file.
std::string TestsJunit(const std::vector<RanTest>& tests);

}  // namespace reeve::show
