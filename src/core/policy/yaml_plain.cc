// SPDX-License-Identifier: Apache-2.0
#include "core/policy/yaml_plain.h"

#include <algorithm>
#include <array>
#include <string>

namespace reeve::policy {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool IsNorwayBoolean(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kWords = {"y", "n", "yes", "no", "on", "off"};
  if (text.empty() || text.size() > 3) return false;
  std::string lower;
  for (const char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::ranges::find(kWords, lower) != kWords.end();
}

bool IsDisputedNumber(std::string_view text) {
  if (text == ".inf" || text == "-.inf" || text == "+.inf" || text == ".nan") return true;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !IsDigit(text[0])) return false;
  if (text.starts_with("0x") || text.starts_with("0o") || text.starts_with("0b")) {
    return text.size() > 2 && std::ranges::all_of(text.substr(2), [](char c) {
             return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '_';
           });
  }
  const auto only = [&](std::string_view more) {
    return std::ranges::all_of(
        text, [&](char c) { return IsDigit(c) || more.find(c) != std::string_view::npos; });
  };
  if (only("")) return text.size() > 1 && text[0] == '0';
  if (only("_")) return true;
  if (only(":") && !text.ends_with(':') && text.find("::") == std::string_view::npos) return true;
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string_view::npos) return false;
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
  return !exponent.empty() && std::ranges::all_of(exponent, IsDigit) &&
         text.find_first_not_of("0123456789.") == e;
}

}  // namespace reeve::policy
