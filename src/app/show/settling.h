// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/show/printing.h"
#include "core/engine/shrinker.h"

namespace reeve::show {

// Limits on their way down in stages, and those that wait: the same words in every output.

// "web memory.max goes down to 1GiB in stages: 3.2GiB in use, 2.2GiB to go"
// "web memory.max waits for 1GiB: 3.2GiB in use, nothing more can be reclaimed; tried again by and by"
std::string DescribeShrink(const engine::ShrinkProgress& shrink);

// The same about one file of its cgroup, which is not named: of memory.high, that it is kept low meanwhile. "" when the
// file is no part of it.
std::string DescribeShrinkOf(const engine::ShrinkProgress& shrink, std::string_view file);

// [{"cgroup", "key", "state": "reclaiming" | "waiting" | "fits", "from", "now", "target", "memory_high", "reason"}],
// amounts in bytes, memory_high null when it is not kept low.
Json ShrinksJson(const std::vector<engine::ShrinkProgress>& shrinks);

}  // namespace reeve::show
