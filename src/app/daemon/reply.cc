// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/reply.h"

#include <limits>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/exit_code.h"
#include "core/base/text.h"

namespace reeve::daemon {
namespace {

constexpr const char* kExitHeader = "Reeve-Exit-Status";

}  // namespace

bool WantsText(const http::Request& request) {
  return request.accept.find("text/plain") != std::string::npos;
}

show::Paint PaintFor(const http::Request& request) {
  return show::Paint(Flag(request, "color"));
}

bool Flag(const http::Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  return found != request.query.end() &&
         (found->second.empty() || found->second == "1" || found->second == "true");
}

std::string Value(const http::Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

http::Response Answer(const http::Request& request,
                      std::string text,
                      const show::Json& json,
                      int exit_code,
                      int status) {
  http::Response response;
  response.status = status;
  if (WantsText(request)) {
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::make_shared<const std::string>(std::move(text));
  } else {
    response.body = std::make_shared<const std::string>(show::PrintJson(json));
  }
  response.headers.emplace_back(kExitHeader, std::to_string(exit_code));
  return response;
}

http::Response Refuse(int status, std::string_view detail, int exit_code) {
  http::Response response = http::Problem(status, detail);
  response.headers.emplace_back(kExitHeader, std::to_string(exit_code));
  return response;
}

int ExitCodeOf(const http::Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == kExitHeader) return static_cast<int>(ParseDecimal(value).value_or(0));
  }
  return response.status < 400 ? show::kDone : show::kFailed;
}

show::Json GuardsJson(const std::vector<engine::GuardHit>& hits) {
  show::Json all = show::Json::array();
  for (const engine::GuardHit& hit : hits) {
    all.push_back({{"guard", hit.name}, {"message", hit.message}});
  }
  return all;
}

Body::Body(const std::string& text)
    : json_(std::make_unique<show::Json>(
          show::Json::parse(text.empty() ? "{}" : text, nullptr, false))) {
  if (!json_->is_object()) wrong_ = "the body is no JSON object";
}

Body::~Body() = default;
Body::Body(Body&&) noexcept = default;

const show::Json* Body::Find(const char* key) {
  if (!json_->is_object()) return nullptr;
  const auto found = json_->find(key);
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

void Body::Complain(const char* key, std::string_view wanted) {
  if (wrong_.empty()) wrong_ = fmt::format("`{}` must be {}", key, wanted);
}

std::string Body::Text(const char* key) {
  const show::Json* value = Find(key);
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  Complain(key, "a text");
  return "";
}

std::int64_t Body::Number(const char* key) {
  return MaybeNumber(key).value_or(0);
}

std::optional<std::int64_t> Body::MaybeNumber(const char* key) {
  const show::Json* value = Find(key);
  if (value == nullptr) return std::nullopt;
  // What is above is kept as an unsigned number, and would wrap.
  const bool fits = !value->is_number_unsigned() ||
                    value->get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
  if (value->is_number_integer() && fits) return value->get<std::int64_t>();
  Complain(key, "a whole number");
  return std::nullopt;
}

bool Body::Flag(const char* key) {
  const show::Json* value = Find(key);
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  Complain(key, "true or false");
  return false;
}

std::set<std::string> Body::Names(const char* key) {
  std::set<std::string> names;
  const show::Json* value = Find(key);
  if (value == nullptr) return names;
  if (!value->is_array()) Complain(key, "a list of texts");
  for (const show::Json& name : *value) {
    if (name.is_string()) {
      names.insert(name.get<std::string>());
    } else {
      Complain(key, "a list of texts");
    }
  }
  return names;
}

std::vector<std::pair<std::string, std::string>> Body::Pairs(const char* key) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const show::Json* value = Find(key);
  if (value == nullptr) return pairs;
  if (!value->is_object()) {
    Complain(key, "a map");
    return pairs;
  }
  for (const auto& [name, text] : value->items()) {
    if (text.is_string()) {
      pairs.emplace_back(name, text.get<std::string>());
    } else if (text.is_number_integer() || text.is_boolean()) {
      pairs.emplace_back(name, text.dump());
    } else {
      Complain(key, "a map of texts or whole numbers");
    }
  }
  return pairs;
}

}  // namespace reeve::daemon
