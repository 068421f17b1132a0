// SPDX-License-Identifier: Apache-2.0
#include "core/engine/writers.h"

#include <iterator>

namespace reeve::engine {

void Writers::Note(const Touch& touch) {
  if (limit_ == 0) return;
  const plan::Key key(touch.path, touch.file);
  const auto known = by_key_.find(key);
  Instant heard = touch.heard;
  if (known != by_key_.end()) {
    // What is put right later was wrong since the first of them.
    heard = known->second->heard;
    touches_.erase(known->second);
    by_key_.erase(known);
  } else if (touches_.size() == limit_) {
    by_key_.erase({touches_.front().path, touches_.front().file});
    touches_.pop_front();
  }
  touches_.push_back(touch);
  touches_.back().heard = heard;
  by_key_[key] = std::prev(touches_.end());
}

const Touch* Writers::Find(const CgroupPath& path, const std::string& file) const {
  const auto found = by_key_.find({path, file});
  return found == by_key_.end() ? nullptr : &*found->second;
}

const Touch* Writers::FindLast(const CgroupPath& path) const {
  const Touch* last = nullptr;
  for (auto it = by_key_.lower_bound({path, ""}); it != by_key_.end() && it->first.first == path;
       ++it) {
    if (last == nullptr || it->second->heard >= last->heard) last = &*it->second;
  }
  return last;
}

void Writers::KeepOnly(const std::set<plan::Key>& keys) {
  for (auto it = by_key_.begin(); it != by_key_.end();) {
    if (keys.contains(it->first)) {
      ++it;
      continue;
    }
    touches_.erase(it->second);
    it = by_key_.erase(it);
  }
}

void Writers::Clear() {
  touches_.clear();
  by_key_.clear();
}

}  // namespace reeve::engine
