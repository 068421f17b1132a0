// SPDX-License-Identifier: Apache-2.0
#include "edge/http/answer_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::http {
namespace {

Error BadAnswer(std::string_view what, std::string_view text) {
  return Error{ErrorKind::kInvalid,
               0,
               "answer",
               fmt::format("{}: {}", what, EscapeForTerminal(text.substr(0, 80)))};
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

Result<> AnswerParser::Feed(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::kDone) {
    switch (state_) {
      case State::kSized:
      case State::kChunk: {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
        body_ += bytes.substr(0, count);
        bytes.remove_prefix(count);
        left_ -= count;
        if (left_ == 0) state_ = state_ == State::kSized ? State::kDone : State::kChunkEnd;
        break;
      }
      case State::kUntilClosed:
        body_ += bytes;
        return {};
      default: {
        REEVE_TRY(const bool whole, TakeLine(bytes));
        if (!whole) return {};
        REEVE_TRY_VOID(OnLine());
        line_.clear();
      }
    }
  }
  return {};
}

Result<> AnswerParser::FeedEnd() {
  if (state_ == State::kUntilClosed) state_ = State::kDone;
  if (state_ == State::kDone) return {};
  return Error{ErrorKind::kIo, 0, "answer", "the connection ended in the middle of it"};
}

std::string_view AnswerParser::Header(std::string_view name) const {
  const auto found = headers_.find(name);
  return found == headers_.end() ? std::string_view() : std::string_view(found->second);
}

std::string AnswerParser::TakeBody() {
  return std::exchange(body_, {});
}

// True when line_ holds a line, without its CR LF.
Result<bool> AnswerParser::TakeLine(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
  head_bytes_ += count;
  if (head_bytes_ > kHeadBytes) return BadAnswer("its head is too long", line_);
  line_ += bytes.substr(0, count);
  bytes.remove_prefix(count);
  if (!line_.ends_with('\n')) return false;
  if (!line_.ends_with("\r\n")) return BadAnswer("a line without CR", line_);
  line_.resize(line_.size() - 2);
  return true;
}

Result<> AnswerParser::OnLine() {
  switch (state_) {
    case State::kStatusLine:
      return OnStatusLine();
    case State::kHeaders:
      return line_.empty() ? OnHeadDone() : OnHeader();
    case State::kChunkSize:
      return OnChunkSize();
    case State::kChunkEnd:
      if (!line_.empty()) return BadAnswer("bytes after a chunk", line_);
      state_ = State::kChunkSize;
      return {};
    default:  // kTrailers: of no use to us
      if (line_.empty()) state_ = State::kDone;
      return {};
  }
}

Result<> AnswerParser::OnStatusLine() {
  const std::string_view line = line_;
  const bool is_http = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  const auto status = is_http ? ParseDecimal(line.substr(9, 3)) : std::nullopt;
  if (!status || *status < 100 || (line.size() > 12 && line[12] != ' '))
    return BadAnswer("not HTTP", line);
  status_ = static_cast<int>(*status);
  state_ = State::kHeaders;
  return {};
}

Result<> AnswerParser::OnHeader() {
  const std::size_t colon = line_.find(':');
  if (colon == std::string::npos || colon == 0) return BadAnswer("not a header", line_);
  std::string name = LowerCase(std::string_view(line_).substr(0, colon));
  const bool decides_length = name == "content-length" || name == "transfer-encoding";
  const bool added =
      headers_
          .emplace(std::move(name), std::string(Trim(std::string_view(line_).substr(colon + 1))))
          .second;
  if (!added && decides_length) return BadAnswer("a length given twice", line_);
  return {};
}

Result<> AnswerParser::OnHeadDone() {
  if (status_ < 200) {  // "100 Continue": the answer itself follows
    headers_.clear();
    state_ = State::kStatusLine;
    return {};
  }
  const std::string_view coding = Header("transfer-encoding");
  const std::string_view length = Header("content-length");
  head_bytes_ = 0;
  if (status_ == 204 || status_ == 304) {
    state_ = State::kDone;
  } else if (!coding.empty()) {
    if (LowerCase(coding) != "chunked" || !length.empty())
      return BadAnswer("a transfer encoding that is not ours", coding);
    state_ = State::kChunkSize;
  } else if (!length.empty()) {
    const auto count = ParseDecimal(length);
    if (!count) return BadAnswer("not a length", length);
    left_ = *count;
    state_ = left_ == 0 ? State::kDone : State::kSized;
  } else {
    state_ = State::kUntilClosed;
  }
  return {};
}

Result<> AnswerParser::OnChunkSize() {
  head_bytes_ = 0;  // counts lines of the head and of the end only
  const std::string_view digits =
      Trim(std::string_view(line_).substr(0, std::min(line_.find(';'), line_.size())));
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
  if (error != std::errc() || end != digits.data() + digits.size())
    return BadAnswer("not the size of a chunk", line_);
  state_ = left_ == 0 ? State::kTrailers : State::kChunk;
  return {};
}

}  // namespace reeve::http
