// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/show/printing.h"
#include "core/model/plan.h"

namespace reeve::show {

// What is said of documents in `mode: observe`, the same by every verb.

// "Only watched (mode: observe), never written: agents-cap 15-agents.yaml:18, ..."; "" for none.
std::string NameWatched(const std::vector<WatchedDocument>& documents);

// "1 document is only watched: written, it would change 3 values and create 1 cgroup"; "" for none.
std::string SumUpWatched(const Plan& plan);

// [{"name", "file", "line", "column"}]
Json WatchedJson(const std::vector<WatchedDocument>& documents);

}  // namespace reeve::show
