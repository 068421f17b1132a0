// SPDX-License-Identifier: Apache-2.0
#include "core/engine/fights.h"

#include <algorithm>
#include <utility>

namespace reeve::engine {

void Fights::Drifted(const plan::Key& key, Instant now) {
  const auto found = keys_.find(key);
  if (found != keys_.end()) found->second.last_drift = now;
}

bool Fights::Repaired(const plan::Key& key, const std::string& side, Instant now) {
  if (!keys_.contains(key) && keys_.size() >= kLimit) MakeRoom();
  State& state = keys_[key];
  state.last_drift = now;
  if (state.fight) {
    state.fight->next = now + kBetween;
    return false;
  }
  for (auto it = state.repairs.begin(); it != state.repairs.end();) {
    std::erase_if(it->second, [now](Instant at) { return at + kWindow <= now; });
    it = it->second.empty() && it->first != side ? state.repairs.erase(it) : std::next(it);
  }
  std::vector<Instant>& rounds = state.repairs[side];
  rounds.push_back(now);
  if (rounds.size() < kRounds) return false;
  state.fight = Fight{side, now, now + kBetween};
  state.repairs.clear();
  return true;
}

const Fights::Fight* Fights::Of(const plan::Key& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() || !found->second.fight ? nullptr : &*found->second.fight;
}

std::vector<plan::Key> Fights::EndQuiet(Instant now) {
  std::vector<plan::Key> ended;
  for (auto it = keys_.begin(); it != keys_.end();) {
    if (it->second.last_drift + kWindow > now) {
      ++it;
      continue;
    }
    if (it->second.fight) ended.push_back(it->first);
    it = keys_.erase(it);
  }
  return ended;
}

std::optional<Instant> Fights::NextEnd() const {
  std::optional<Instant> next;
  for (const auto& entry : keys_) {
    if (!entry.second.fight) continue;
    const Instant end = entry.second.last_drift + kWindow;
    next = next ? std::min(*next, end) : end;
  }
  return next;
}

std::size_t Fights::size() const {
  return static_cast<std::size_t>(std::count_if(keys_.begin(), keys_.end(), [](const auto& entry) {
    return entry.second.fight.has_value();
  }));
}

std::map<CgroupPath, std::size_t> Fights::ByCgroup() const {
  std::map<CgroupPath, std::size_t> counts;
  for (const auto& [key, state] : keys_) {
    if (state.fight) ++counts[key.first];
  }
  return counts;
}

void Fights::MakeRoom() {
  const auto oldest =
      std::min_element(keys_.begin(), keys_.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second.fight.has_value(), a.second.last_drift) <
               std::pair(b.second.fight.has_value(), b.second.last_drift);
      });
  if (oldest != keys_.end()) keys_.erase(oldest);
}

}  // namespace reeve::engine
