// SPDX-License-Identifier: Apache-2.0
#include "edge/http/stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace reeve::http {

Stream::Stream(std::string cut_off_line, std::size_t buffer_bytes)
    : cut_off_line_(std::move(cut_off_line)), buffer_bytes_(buffer_bytes) {}

bool Stream::Push(std::string_view line) {
  if (!open()) return false;
  const bool fits = waiting() + line.size() + 1 <= buffer_bytes_;
  queue_ += fits ? line : std::string_view(cut_off_line_);
  queue_ += '\n';
  finished_ = !fits;
  Changed();
  return fits;
}

void Stream::Finish() {
  if (!open()) return;
  finished_ = true;
  Changed();
}

void Stream::OnChange(std::function<void()> callback) {
  on_change_ = std::move(callback);
}

std::size_t Stream::Take(char* buffer, std::size_t room) {
  const std::size_t count = std::min(room, waiting());
  if (count == 0) return 0;
  std::memcpy(buffer, queue_.data() + taken_, count);
  taken_ += count;
  if (waiting() == 0) {
    queue_.clear();
    taken_ = 0;
  } else if (taken_ > queue_.size() / 2) {
    queue_.erase(0, taken_);
    taken_ = 0;
  }
  return count;
}

void Stream::Abandon() {
  gone_ = true;
  on_change_ = nullptr;
  queue_ = std::string();
  taken_ = 0;
}

void Stream::Changed() {
  if (on_change_) on_change_();
}

}  // namespace reeve::http
