// SPDX-License-Identifier: Apache-2.0
#include "core/engine/event_log.h"

#include <algorithm>
#include <utility>

namespace reeve::engine {

std::string_view NameOf(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::kDrift:
      return "drift";
    case Event::Kind::kRepair:
      return "repair";
    case Event::Kind::kReport:
      return "report";
    case Event::Kind::kAdopt:
      return "adopt";
    case Event::Kind::kFlapping:
      return "flapping";
    case Event::Kind::kQuiet:
      return "quiet";
    case Event::Kind::kMove:
      return "move";
    case Event::Kind::kApply:
      return "apply";
    case Event::Kind::kGeneration:
      return "generation";
    case Event::Kind::kHold:
      return "hold";
    case Event::Kind::kByHand:
      return "by-hand";
    case Event::Kind::kAudit:
      return "audit";
  }
  return "drift";
}

void EventLog::Add(Event event) {
  event.number = ++last_;
  events_.push_back(std::move(event));
  while (events_.size() > limit_) events_.pop_front();
}

std::vector<const Event*> EventLog::After(std::uint64_t number) const {
  std::vector<const Event*> found;
  // Numbers have no gaps, so the place is known.
  const std::uint64_t missing = last_ > number ? last_ - number : 0;
  const std::size_t count = std::min<std::uint64_t>(missing, events_.size());
  for (std::size_t i = events_.size() - count; i < events_.size(); ++i) {
    found.push_back(&events_[i]);
  }
  return found;
}

std::vector<const Event*> EventLog::Of(const CgroupPath& path, std::string_view file) const {
  std::vector<const Event*> found;
  for (const Event& event : events_) {
    if (event.path == path && (file.empty() || event.file == file)) found.push_back(&event);
  }
  return found;
}

}  // namespace reeve::engine
