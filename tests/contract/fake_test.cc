// SPDX-License-Identifier: Apache-2.0
// Every case of the contract on the fake kernel, as each of the kernels it can be.
#include <tuple>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "contract/fake_world.h"
#include "contract/script.h"

namespace reeve::contract {
namespace {

class Contract : public testing::TestWithParam<std::tuple<Case, int>> {};

TEST_P(Contract, TheFakeSaysWhatTheKernelSays) {
  const auto& [test, version] = GetParam();
  FakeWorld world(version);
  Script script(world);

  test.run(script);

  CheckTranscript(test, script, false);
}

std::string TestName(const testing::TestParamInfo<std::tuple<Case, int>>& info) {
  const auto& [test, version] = info.param;
  return fmt::format("{}_on_{}_{}", test.name, version / 100, version % 100);
}

INSTANTIATE_TEST_SUITE_P(Fake,
                         Contract,
                         testing::Combine(testing::ValuesIn(AllCases()),
                                          testing::Values(601, 612, 618, 702)),
                         TestName);

}  // namespace
}  // namespace reeve::contract
