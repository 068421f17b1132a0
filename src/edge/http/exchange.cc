// SPDX-License-Identifier: Apache-2.0
#include "edge/http/exchange.h"

#include <microhttpd.h>

#include <utility>

#include <fmt/format.h>

#include "edge/io/log.h"

namespace reeve::http {
namespace {

// Bytes that are asked of a stream, or of pieces, at a time.
constexpr std::size_t kBlockBytes = 16U << 10;

struct StreamReader {
  std::shared_ptr<Stream> stream;
  Connection* connection;  // has this reader's response, so that it lives longer
};

ssize_t ReadStream(void* data, std::uint64_t, char* buffer, std::size_t room) noexcept {
  const auto& reader = *static_cast<StreamReader*>(data);
  if (reader.connection->gone) return MHD_CONTENT_READER_END_WITH_ERROR;
  const std::size_t count = reader.stream->Take(buffer, room);
  if (count > 0) return static_cast<ssize_t>(count);
  if (reader.stream->finished()) return MHD_CONTENT_READER_END_OF_STREAM;
  // Without this the library would ask again at once, for ever.
  reader.connection->suspend();
  return 0;
}

struct PiecesReader {
  std::shared_ptr<Pieces> pieces;
  std::string_view left = {};  // of the last piece
};

ssize_t ReadPieces(void* data, std::uint64_t, char* buffer, std::size_t room) noexcept {
  auto& reader = *static_cast<PiecesReader*>(data);
  if (reader.left.empty()) {
    const auto piece = reader.pieces->Next();
    if (!piece) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (piece->empty()) return MHD_CONTENT_READER_END_OF_STREAM;
    reader.left = *piece;
  }
  const std::size_t count = reader.left.copy(buffer, room);
  reader.left.remove_prefix(count);
  return static_cast<ssize_t>(count);
}

template <typename Reader>
void Free(void* data) noexcept {
  delete static_cast<Reader*>(data);
}

template <typename Reader>
MHD_Response* MakeRead(MHD_ContentReaderCallback read, Reader from) {
  auto reader = std::make_unique<Reader>(std::move(from));
  MHD_Response* made = MHD_create_response_from_callback(
      MHD_SIZE_UNKNOWN, kBlockBytes, read, reader.get(), Free<Reader>);
  if (made != nullptr) static_cast<void>(reader.release());
  return made;
}

MHD_Response* MakeWhole(const std::shared_ptr<const std::string>& body) {
  if (body == nullptr || body->empty())
    return MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT);
  auto holder = std::make_unique<std::shared_ptr<const std::string>>(body);
  // The library takes a pointer to non-const and only reads.
  MHD_Response* made = MHD_create_response_from_buffer_with_free_callback_cls(
      body->size(),
      const_cast<char*>(body->data()),
      Free<std::shared_ptr<const std::string>>,
      holder.get());
  if (made != nullptr) static_cast<void>(holder.release());
  return made;
}

}  // namespace

MHD_Response* MakeMhdResponse(const Response& response, Connection& connection) {
  MHD_Response* made =
      response.stream != nullptr ? MakeRead(ReadStream, StreamReader{response.stream, &connection})
      : response.pieces != nullptr ? MakeRead(ReadPieces, PiecesReader{response.pieces})
                                   : MakeWhole(response.body);
  if (made == nullptr) return nullptr;
  if (!response.content_type.empty())
    MHD_add_response_header(made, "Content-Type", response.content_type.c_str());
  // Bytes of strangers (names of cgroups) are never to be taken for a page.
  MHD_add_response_header(made, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) {
    if (MHD_add_response_header(made, name.c_str(), value.c_str()) != MHD_YES)
      io::LogError("an answer's header {} can not be sent: {}", name, value);
  }
  return made;
}

std::string RawProblem(int status, std::string_view detail) {
  const Response problem = Problem(status, detail);
  return fmt::format(
      "HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}",
      status,
      MHD_get_reason_phrase_for(static_cast<unsigned>(status)),
      problem.content_type,
      problem.body->size(),
      status == 503 ? "Retry-After: 1\r\n" : "",
      *problem.body);
}

}  // namespace reeve::http
