// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "edge/http/stream.h"
#include "edge/http/target.h"

namespace reeve::http {

// Who is at the other end.
struct Peer {
  // Over the Unix socket: what follows is the kernel's word about the moment of connecting. Over
  // TCP nothing is known, and the ids are -1.
  bool local = false;
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  pid_t pid = -1;
  std::vector<gid_t> groups;  // the supplementary ones

  bool IsInGroup(gid_t group) const;
};

struct Request {
  std::string method;  // HEAD arrives as GET; the server leaves the body out
  std::string path;
  Query query;
  // Header fields as they came; empty when absent.
  std::string accept;
  std::string accept_encoding;
  std::string authorization;
  std::string content_type;
  std::string host;
  std::string if_none_match;
  std::string if_match;
  std::string body;
  Peer peer;
};

// A body that is made while it is sent: whoever reads slowly costs a piece, not the whole. Belongs to
// the thread of the loop.
class Pieces {
 public:
  virtual ~Pieces() = default;

  // The next piece, valid until the next call; "" is the end. nullopt: given up, and the client is
  // cut off, so that it does not take what it has for the whole.
  virtual std::optional<std::string_view> Next() = 0;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::shared_ptr<const std::string> body;
  std::vector<std::pair<std::string, std::string>> headers;
  // Instead of a body, one of:
  std::shared_ptr<Stream> stream;  // its lines, for as long as it is open
  std::shared_ptr<Pieces> pieces;
};

Response Json(std::string text, int status = 200);

// Lines of JSON, until the stream is finished or its reader gone.
Response Lines(std::shared_ptr<Stream> stream);

// An error as problem details (RFC 9457): {"type", "title", "status", "detail"}.
//   detail  one sentence for people; bytes that are not UTF-8 are replaced
//   type    a name that programs can branch on, when the status alone does not do
Response Problem(int status, std::string_view detail, std::string_view type = "about:blank");

// 405 with the header that belongs to it.
//   allow  "GET, HEAD"
Response MethodNotAllowed(std::string_view allow);

}  // namespace reeve::http
