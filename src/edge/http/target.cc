// SPDX-License-Identifier: Apache-2.0
#include "edge/http/target.h"

#include <algorithm>
#include <utility>

namespace reeve::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) c = ' ';
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    decoded += c;
  }
  return decoded;
}

bool AddPair(std::string_view pair, Query& query) {
  const std::size_t equals = pair.find('=');
  auto key = Decode(pair.substr(0, equals), true);
  auto value =
      equals == std::string_view::npos ? std::string() : Decode(pair.substr(equals + 1), true);
  if (!key || !value) return false;
  return query.emplace(*std::move(key), *std::move(value)).second;
}

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::optional<Target> ParseTarget(std::string_view raw) {
  if (!raw.starts_with('/')) return std::nullopt;
  const std::size_t mark = raw.find('?');
  auto path = Decode(raw.substr(0, mark), false);
  if (!path) return std::nullopt;
  Target target{.path = *std::move(path), .query = {}};
  if (mark == std::string_view::npos) return target;
  std::string_view rest = raw.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    if (end > 0 && !AddPair(rest.substr(0, end), target.query)) return std::nullopt;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return target;
}

std::string EncodeComponent(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15];
  }
  return encoded;
}

}  // namespace reeve::http
