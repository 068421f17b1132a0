// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::http {

using Query = std::map<std::string, std::string, std::less<>>;

// What the request line asks for, decoded.
struct Target {
  std::string path;  // begins with '/'
  Query query;       // "a" alone is "a" with an empty value

  bool operator==(const Target&) const = default;
};

// Parses "/v1/explain?cgroup=web%2Fapi&key=memory.max".
//   nothing  when it does not begin with '/', a % is not followed by two hex digits, anything decodes
//            to NUL, or a key comes twice (two readers could take different ones)
//   query    '+' is a space, as forms and scripts write it
std::optional<Target> ParseTarget(std::string_view raw);

// `text` as it may stand in a path segment or as a key or value of a query.
std::string EncodeComponent(std::string_view text);

}  // namespace reeve::http
