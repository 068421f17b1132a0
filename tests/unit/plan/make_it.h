// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plan/diff.h"

namespace reeve::plan {

// The plan for an observation that lacks no evidence.
inline Plan MakeIt(const Desired& desired, const Observed& observed) {
  PlanDraft draft = MakePlan(desired, observed, {});
  EXPECT_THAT(draft.missing, ::testing::IsEmpty());
  return std::move(draft.plan);
}

}  // namespace reeve::plan
