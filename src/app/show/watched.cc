// SPDX-License-Identifier: Apache-2.0
#include "app/show/watched.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/plan_counts.h"
#include "app/show/render_plan.h"
#include "app/show/screen.h"

namespace reeve::show {

std::string NameWatched(const std::vector<WatchedDocument>& documents) {
  std::string names;
  for (const WatchedDocument& document : documents) {
    names += (names.empty() ? "" : ", ") + Shown(document.name);
    if (document.mark.known()) names += " " + Shown(document.mark.FileLine());
  }
  return names.empty() ? "" : Hanging("Only watched (mode: observe), never written: ", names);
}

std::string SumUpWatched(const Plan& plan) {
  if (plan.watched.empty()) return "";
  Plan would;
  would.actions = plan.observe_only;
  const PlanCounts counts = CountPlan(would);
  std::string changes;
  if (counts.change != 0) changes = "change " + Count(counts.change, "value");
  if (counts.create != 0) {
    changes += (changes.empty() ? "" : " and ") + ("create " + Count(counts.create, "cgroup"));
  }
  return fmt::format("{} only watched: written, {} would {}",
                     Count(plan.watched.size(), "document is", "documents are"),
                     plan.watched.size() == 1 ? "it" : "they",
                     changes.empty() ? "change nothing" : changes);
}

Json WatchedJson(const std::vector<WatchedDocument>& documents) {
  Json list = Json::array();
  for (const WatchedDocument& document : documents) {
    Json one = MarkJson(document.mark);
    if (!one.is_object()) one = Json::object();
    one["name"] = JsonString(document.name);
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace reeve::show
