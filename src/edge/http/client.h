// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/units.h"

namespace reeve::http {

// Where the daemon is, and how long it is waited for.
struct Endpoint {
  std::string socket = "/run/reeve/control.sock";
  Usec connect_time = std::chrono::seconds(5);
  // Without a byte from it; 0 waits for ever.
  Usec silence = std::chrono::seconds(30);
  std::size_t answer_bytes = 256U << 20;  // a longer answer is refused
};

struct Call {
  std::string method = "GET";
  std::string target = "/";  // encoded, see EncodeComponent
  std::string body;          // JSON; sent when not empty, or when the method is not GET
  std::string accept = {};   // header, when not empty: "text/plain"
  std::string if_match;      // the same
};

struct Answer {
  int status = 0;
  std::string content_type;
  std::string etag;
  std::string exit_status;  // of the verb that was asked: header Reeve-Exit-Status; "" = not said
  std::string body;
};

// Asks the daemon at its Unix socket and waits for the answer, whatever its status. Nothing is sent
// to a server that is neither root's nor our own user's. Blocks.
//   errors   NotFound     no socket there
//            Gone         a socket, but nobody listens: the daemon died
//            Denied       we may not connect; the message says who may
//            Busy         it did not take the connection or did not answer in time
//            Conflict     the server belongs to another user
//            Io           the connection broke before the answer was complete
//            Invalid      what came is no answer; OutOfRange: it is longer than answer_bytes
Result<Answer> Ask(const Endpoint& endpoint, const Call& call);

// The same for answers in lines: with status 200 every line goes to `on_line` as it comes, without
// its newline, and the body stays empty. on_line ends it by returning false. Between lines the daemon
// may be silent for as long as it wants.
//   errors   as Ask; Io when the daemon goes away
Result<Answer> Follow(const Endpoint& endpoint,
                      const Call& call,
                      const std::function<bool(std::string_view line)>& on_line);

}  // namespace reeve::http
