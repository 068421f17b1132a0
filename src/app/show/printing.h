// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace reeve::show {

// Keys keep the order they were put in: scripts diff our output.
using Json = nlohmann::ordered_json;

// A text of others as a JSON string. JSON can not hold bytes that are no UTF-8; they become "\xNN"
// in letters.
Json JsonString(std::string_view text);

// Two spaces a level, pure ASCII (everything else as \uNNNN), so that no name reaches a terminal
// raw; ends with a newline.
std::string PrintJson(const Json& value);

// The same value as YAML, in words that YAML 1.1 and 1.2 readers take alike: what could be read as
// another type stands in double quotes; pure ASCII.
std::string PrintYaml(const Json& value);

}  // namespace reeve::show
