// SPDX-License-Identifier: Apache-2.0
#include "edge/http/gzip.h"

#include <zlib.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace reeve::http {
namespace {

// Below it the packets are as many as without, or nearly so.
constexpr std::size_t kWorthBytes = 4096;

// Figures of cgroups repeat the line before: more work, or more than 2 KiB to look back at, gains nothing (note 0012),
// and each client that reads slowly keeps the state.
constexpr int kLevel = 1;
constexpr int kWindowBits = 11;
constexpr int kGzipHeader = 16;  // added to the window's bits it means gzip rather than zlib
constexpr int kMemoryLevel = 4;

// What has been taken from an answer to see how long it is, and the rest of it.
class GzipPieces final : public Pieces {
 public:
  GzipPieces(std::string begin, std::shared_ptr<Pieces> rest)
      : begin_(std::move(begin)), rest_(std::move(rest)) {
    good_ = ::deflateInit2(&stream_,
                           kLevel,
                           Z_DEFLATED,
                           kWindowBits + kGzipHeader,
                           kMemoryLevel,
                           Z_DEFAULT_STRATEGY) == Z_OK;
  }

  GzipPieces(const GzipPieces&) = delete;

  ~GzipPieces() override { ::deflateEnd(&stream_); }

  std::optional<std::string_view> Next() override {
    out_.clear();
    while (good_ && out_.empty() && !finished_) {
      if (!begin_.empty()) {
        Compress(std::exchange(begin_, {}));
        continue;
      }
      const auto piece = rest_->Next();
      if (!piece) return std::nullopt;
      Compress(*piece);
      finished_ = piece->empty();
    }
    if (!good_) return std::nullopt;
    return out_;
  }

 private:
  // "" is the end.
  void Compress(std::string_view piece) {
    // The library takes a pointer to non-const and only reads.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    std::array<char, 16384> room;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = static_cast<uInt>(room.size());
      const int result = ::deflate(&stream_, piece.empty() ? Z_FINISH : Z_NO_FLUSH);
      good_ = good_ && result != Z_STREAM_ERROR;
      out_.append(room.data(), room.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  std::string begin_;
  std::shared_ptr<Pieces> rest_;
  z_stream stream_ = {};
  bool good_ = false;
  bool finished_ = false;
  std::string out_;
};

}  // namespace

void Gzip(Response& response) {
  std::string begin;
  while (begin.size() < kWorthBytes) {
    const auto piece = response.pieces->Next();
    if (!piece) return;  // given up, and again so for the server
    if (piece->empty()) {
      response.pieces.reset();
      response.body = std::make_shared<const std::string>(std::move(begin));
      return;
    }
    begin += *piece;
  }
  response.pieces = std::make_shared<GzipPieces>(std::move(begin), std::move(response.pieces));
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace reeve::http
