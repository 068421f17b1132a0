// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/units.h"
#include "edge/http/message.h"

struct MHD_Connection;
struct MHD_Response;

namespace reeve::http {

// One request and its answer.
struct Exchange {
  std::string raw_target;
  Request request;
  std::size_t body_limit = 0;
  bool head_seen = false;
  bool handled = false;   // the handler was called
  bool answered = false;  // by Responder::Send; `answer` may be taken out again
  std::optional<Response> answer;
  std::shared_ptr<Stream> stream;
  std::function<void()> on_answer;  // wakes the connection that waits
};

// One connection.
struct Connection {
  enum class Phase {
    kReading,  // the head of a request, or nothing yet
    kReadingBody,
    kThinking,   // the handler will answer later
    kAnswering,  // the client reads
    kStreaming,
  };

  int fd = -1;
  Peer peer;
  sockaddr_storage local_address = {};
  MHD_Connection* mhd = nullptr;
  Phase phase = Phase::kReading;
  Usec deadline{0};        // by BootTime; 0 is none
  bool suspended = false;  // MHD does not look at it
  bool watched = false;    // its descriptor is in our set, for its end
  bool gone = false;       // to be closed as soon as MHD has a look at it
  std::function<void()> suspend;
  std::shared_ptr<Exchange> exchange;
};

// The library's form of a response; to be destroyed with MHD_destroy_response. Null when there is no
// memory. A stream's lines come by reading, see ReadStream.
MHD_Response* MakeMhdResponse(const Response& response, Connection& connection);

// A whole answer as bytes, for connections that the library can not be asked to answer. Small enough
// for any socket's empty buffer.
std::string RawProblem(int status, std::string_view detail);

}  // namespace reeve::http
