// SPDX-License-Identifier: Apache-2.0
#include "core/plan/order.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace reeve::plan {
namespace {

constexpr std::array<std::string_view, 20> kGrowingOrder = {
    "cgroup.type",
    "cpuset.mems",
    "cpuset.cpus",
    "cpuset.cpus.exclusive",
    "cpuset.cpus.partition",
    "cpu.idle",
    "cpu.weight",
    "cpu.weight.nice",
    "cpu.max",
    "cpu.max.burst",
    "memory.max",
    "memory.swap.max",
    "memory.swap.high",
    "memory.high",
    "memory.low",
    "memory.min",
    "cpu.uclamp.max",
    "cpu.uclamp.min",
    "pids.max",
    "io.max",
};

constexpr int kOrdinaryRank = 50;
constexpr int kFreezeRank = 90;

bool GoesUpward(Phase phase) {
  return phase == Phase::kRestrict || phase == Phase::kTighten || phase == Phase::kDisable ||
         phase == Phase::kRemove;
}

}  // namespace

int FileRank(std::string_view file) {
  if (file == "cgroup.freeze") return kFreezeRank;
  const auto* found = std::find(kGrowingOrder.begin(), kGrowingOrder.end(), file);
  if (found == kGrowingOrder.end()) return kOrdinaryRank;
  return static_cast<int>(found - kGrowingOrder.begin());
}

PlanBuilder::Handle PlanBuilder::Add(
    Phase phase, const CgroupPath& station, int rank, Action action, std::vector<Handle> needs) {
  steps_.push_back({phase, station, rank, std::move(action), std::move(needs)});
  return steps_.size() - 1;
}

std::vector<Action> PlanBuilder::Finish() && {
  std::vector<Handle> order(steps_.size());
  std::iota(order.begin(), order.end(), Handle{0});
  // A path sorts before everything below it, so ascending is downward and descending upward.
  std::stable_sort(order.begin(), order.end(), [this](Handle left, Handle right) {
    const Step& a = steps_[left];
    const Step& b = steps_[right];
    if (a.phase != b.phase) return a.phase < b.phase;
    if (a.station != b.station)
      return GoesUpward(a.phase) ? b.station < a.station : a.station < b.station;
    return a.rank < b.rank;
  });
  std::vector<std::size_t> place(steps_.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<Action> actions;
  actions.reserve(steps_.size());
  for (Handle handle : order) {
    Step& step = steps_[handle];
    for (Handle need : step.needs) step.action.needs.push_back(place[need]);
    actions.push_back(std::move(step.action));
  }
  return actions;
}

}  // namespace reeve::plan
