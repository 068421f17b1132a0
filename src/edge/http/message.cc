// SPDX-License-Identifier: Apache-2.0
#include "edge/http/message.h"

#include <microhttpd.h>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace reeve::http {

bool Peer::IsInGroup(gid_t group) const {
  return local && (gid == group || std::find(groups.begin(), groups.end(), group) != groups.end());
}

Response Json(std::string text, int status) {
  Response response;
  response.status = status;
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

Response Lines(std::shared_ptr<Stream> stream) {
  Response response;
  response.content_type = "application/x-ndjson";
  response.stream = std::move(stream);
  return response;
}

Response Problem(int status, std::string_view detail, std::string_view type) {
  const nlohmann::ordered_json problem = {
      {"type", type},
      {"title", MHD_get_reason_phrase_for(static_cast<unsigned>(status))},
      {"status", status},
      {"detail", detail}};
  using ErrorHandler = nlohmann::ordered_json::error_handler_t;
  Response response = Json(problem.dump(-1, ' ', false, ErrorHandler::replace) + "\n", status);
  response.content_type = "application/problem+json";
  return response;
}

Response MethodNotAllowed(std::string_view allow) {
  Response response = Problem(405, fmt::format("only {} here", allow));
  response.headers.emplace_back("Allow", allow);
  return response;
}

}  // namespace reeve::http
