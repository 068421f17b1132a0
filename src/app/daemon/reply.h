// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/engine/guards.h"
#include "edge/http/message.h"

namespace reeve::daemon {

// How an answer is wanted: `Accept: text/plain` is what reevectl prints, everything else is JSON.
bool WantsText(const http::Request& request);

// Colours only for who asks for them (`?color=1`).
show::Paint PaintFor(const http::Request& request);

// "1", "true" or an empty value: `?full` and `?full=1`.
bool Flag(const http::Request& request, std::string_view name);

// "" when it is not there.
std::string Value(const http::Request& request, std::string_view name);

// The answer of a verb with the exit code that reevectl ends with.
http::Response Answer(const http::Request& request,
                      std::string text,
                      const show::Json& json,
                      int exit_code,
                      int status = 200);

// A refusal: problem details, with the exit code that belongs to it.
http::Response Refuse(int status, std::string_view detail, int exit_code);

// The exit code that belongs to an answer.
int ExitCodeOf(const http::Response& response);

// [{"guard", "message"}]
show::Json GuardsJson(const std::vector<engine::GuardHit>& hits);

// The members of a JSON body, read one by one; what is not as it should be is remembered, the first thing first.
class Body {
 public:
  explicit Body(const std::string& text);
  ~Body();
  Body(Body&&) noexcept;

  std::string Text(const char* key);
  std::int64_t Number(const char* key);
  std::optional<std::int64_t> MaybeNumber(const char* key);
  bool Flag(const char* key);
  std::set<std::string> Names(const char* key);
  // A map of texts or numbers, in the order it was written.
  std::vector<std::pair<std::string, std::string>> Pairs(const char* key);

  // What is wrong, in words; "" when nothing is.
  const std::string& wrong() const { return wrong_; }

 private:
  const show::Json* Find(const char* key);
  void Complain(const char* key, std::string_view wanted);

  std::unique_ptr<show::Json> json_;
  std::string wrong_;
};

}  // namespace reeve::daemon
