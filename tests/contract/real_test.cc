// SPDX-License-Identifier: Apache-2.0
// Every case of the contract on the kernel this runs on, below the cgroup REEVE_CONTRACT_ROOT,
// which must hold no processes and belongs to this program while it runs.
#include <cstdlib>

#include <gtest/gtest.h>

#include "contract/real_world.h"
#include "contract/script.h"

namespace reeve::contract {
namespace {

class Contract : public testing::TestWithParam<Case> {};

TEST_P(Contract, TheKernelSaysWhatTheTranscriptSays) {
  const Case& test = GetParam();
  const char* root = std::getenv("REEVE_CONTRACT_ROOT");
  if (root == nullptr || *root == '\0') GTEST_SKIP() << "REEVE_CONTRACT_ROOT is not set";
  RealWorld world(root);
  ASSERT_EQ(world.problem(), "");
  std::string why = WhySkipped(test, world);
  if (!why.empty()) GTEST_SKIP() << why;
  Script script(world);

  test.run(script);

  CheckTranscript(test, script, true);
}

std::string TestName(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Real, Contract, testing::ValuesIn(AllCases()), TestName);

}  // namespace
}  // namespace reeve::contract
