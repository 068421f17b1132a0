// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace reeve::http {

// Lines for one client that reads them as they come (`events --follow`). Whoever writes and the
// server share it. Belongs to the thread of the loop.
class Stream {
 public:
  // Bytes that may wait for the client. Enough for a burst of some thousand events while its
  // program is busy; 64 clients that never read cost 16 MiB.
  static constexpr std::size_t kBufferBytes = 256U << 10;

  // The last line of a client that is cut off because it reads too slowly.
  static constexpr std::string_view kCutOffLine =
      R"({"type":"cut-off","detail":"this client reads too slowly; lines after this were not sent"})";

  explicit Stream(std::string cut_off_line = std::string(kCutOffLine),
                  std::size_t buffer_bytes = kBufferBytes);

  // Sends a line; the newline is added. False when nobody will read it: the client has gone, was
  // just cut off, or the stream was finished. Its place among the subscribers can then be given up.
  bool Push(std::string_view line);

  // Ends the stream when everything pushed was sent.
  void Finish();

  bool open() const { return !finished_ && !gone_; }

  // For the server only.

  // Called when there is more to send, or the end.
  void OnChange(std::function<void()> callback);

  // Takes up to `room` bytes to send.
  std::size_t Take(char* buffer, std::size_t room);

  // Nothing more will come after what Take gives.
  bool finished() const { return finished_; }

  // The client has left.
  void Abandon();

 private:
  void Changed();

  std::size_t waiting() const { return queue_.size() - taken_; }

  std::string queue_;
  std::size_t taken_ = 0;  // of queue_, from its front
  std::string cut_off_line_;
  std::size_t buffer_bytes_;
  bool finished_ = false;
  bool gone_ = false;
  std::function<void()> on_change_;
};

}  // namespace reeve::http
