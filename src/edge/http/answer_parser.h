// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace reeve::http {

// An HTTP/1.1 answer from bytes as they come. Takes what a server of ours sends, and refuses what
// could be read in two ways.
class AnswerParser {
 public:
  static constexpr std::size_t kHeadBytes = 64U << 10;

  // Takes the next bytes; what comes after the answer's end is left alone.
  //   errors   Invalid: not an answer
  Result<> Feed(std::string_view bytes);

  // The connection was closed.
  //   errors   Io: in the middle of the answer
  Result<> FeedEnd();

  bool head_done() const { return state_ >= State::kSized; }

  bool done() const { return state_ == State::kDone; }

  int status() const { return status_; }

  // A header field by its name in lower case; empty when absent.
  std::string_view Header(std::string_view name) const;

  // What of the body has come since the last call.
  std::string TakeBody();

  // Bytes of the body that wait for TakeBody.
  std::size_t body_size() const { return body_.size(); }

 private:
  enum class State {
    kStatusLine,
    kHeaders,
    kSized,      // `left_` bytes of a body with a length
    kChunkSize,  // body in chunks: the line with the next one's size
    kChunk,
    kChunkEnd,
    kTrailers,
    kUntilClosed,
    kDone,
  };

  Result<bool> TakeLine(std::string_view& bytes);
  Result<> OnLine();
  Result<> OnStatusLine();
  Result<> OnHeader();
  Result<> OnHeadDone();
  Result<> OnChunkSize();

  State state_ = State::kStatusLine;
  std::string line_;
  std::size_t head_bytes_ = 0;  // lines of the head so far
  int status_ = 0;
  std::map<std::string, std::string, std::less<>> headers_;
  std::uint64_t left_ = 0;
  std::string body_;
};

}  // namespace reeve::http
