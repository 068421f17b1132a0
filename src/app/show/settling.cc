// SPDX-License-Identifier: Apache-2.0
#include "app/show/settling.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/screen.h"

namespace reeve::show {
namespace {

using State = engine::ShrinkCourse::State;

constexpr std::uint64_t kMiB = 1U << 20;

// What is in use moves: more digits than these say nothing.
std::string InUse(std::uint64_t bytes) {
  return HumanBytes(bytes < 10 * kMiB ? bytes : bytes / kMiB * kMiB);
}

std::string_view NameOf(State state) {
  switch (state) {
    case State::kReclaiming:
      return "reclaiming";
    case State::kWaiting:
      return "waiting";
    case State::kFits:
      return "fits";
  }
  return "";
}

std::string InWords(const engine::ShrinkProgress& shrink) {
  const std::string target = HumanBytes(shrink.target);
  if (shrink.state == State::kWaiting) {
    return fmt::format("waits for {}: {} in use, {}; tried again by and by",
                       target,
                       InUse(shrink.now),
                       Shown(shrink.reason));
  }
  std::string text = fmt::format("goes down to {} in stages", target);
  if (shrink.from == 0) return text;
  text += fmt::format(": {} in use", InUse(shrink.now));
  if (shrink.now > shrink.target)
    text += fmt::format(", {} to go", InUse(shrink.now - shrink.target));
  return text;
}

}  // namespace

std::string DescribeShrink(const engine::ShrinkProgress& shrink) {
  return fmt::format("{} {} {}", ShownPath(shrink.path), Shown(shrink.file), InWords(shrink));
}

std::string DescribeShrinkOf(const engine::ShrinkProgress& shrink, std::string_view file) {
  if (file == shrink.file) return InWords(shrink);
  if (file != "memory.high" || !shrink.brake) return "";
  return fmt::format("kept at {} while {} {}",
                     shrink.brake->is_max() ? "max" : HumanBytes(shrink.brake->value()),
                     Shown(shrink.file),
                     InWords(shrink));
}

Json ShrinksJson(const std::vector<engine::ShrinkProgress>& shrinks) {
  Json all = Json::array();
  for (const engine::ShrinkProgress& shrink : shrinks) {
    Json one = Json::object();
    one["cgroup"] = JsonString(shrink.path.text());
    one["key"] = JsonString(shrink.file);
    one["state"] = NameOf(shrink.state);
    one["from"] = shrink.from;
    one["now"] = shrink.now;
    one["target"] = shrink.target;
    one["memory_high"] = !shrink.brake            ? Json()
                         : shrink.brake->is_max() ? Json("max")
                                                  : Json(shrink.brake->value());
    one["reason"] = JsonString(shrink.reason);
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace reeve::show
