// SPDX-License-Identifier: Apache-2.0
// What comes over the sockets and is parsed by us: targets and Host headers at the server, answers at the
// client. The first byte says how many bytes the answer's pieces have.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "edge/http/answer_parser.h"
#include "edge/http/socket_address.h"
#include "edge/http/target.h"
#include "fuzz/judge.h"

namespace {

using reeve::fuzz::Require;
using namespace reeve::http;  // NOLINT(google-build-using-namespace): one small program

void TryTarget(std::string_view text) {
  const auto target = ParseTarget(text);
  if (!target) return;
  Require(target->path.starts_with('/'));
  Require(target->path.find('\0') == std::string::npos);
  std::string again = "/" + EncodeComponent(target->path.substr(1));
  char before = '?';
  for (const auto& [key, value] : target->query) {
    again += before + EncodeComponent(key) + "=" + EncodeComponent(value);
    before = '&';
  }
  Require(ParseTarget(again) == target);
}

void TryHost(std::string_view text) {
  const auto listened = *ParseAddress("192.0.2.7:80");
  if (!HostMayBeOurs(text, listened.storage)) return;
  // Never a name that somebody else could own.
  std::string host(text.substr(0, text.ends_with(']') ? text.size() : text.rfind(':')));
  for (char& c : host) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  Require(host == "localhost" || host == "localhost." || host == "192.0.2.7" ||
          ((host.starts_with("127.") || host.starts_with('[')) && ParseAddress(host + ":1")));
  if (const auto address = ParseAddress(std::string(text)))
    Require(!FormatAddress(address->storage, address->size).empty());
}

// The outcome of an answer that comes in pieces of `at_once` bytes, as text to be compared.
std::string ParseAnswer(std::string_view text, std::size_t at_once) {
  AnswerParser parser;
  std::string body;
  for (std::size_t i = 0; i < text.size(); i += at_once) {
    if (!parser.Feed(text.substr(i, at_once)).has_value()) return "invalid";
    body += parser.TakeBody();
  }
  if (!parser.FeedEnd().has_value()) return "broken";
  Require(parser.done() && parser.status() >= 200 && body.size() <= text.size());
  return std::to_string(parser.status()) + body + std::string(parser.Header("content-type"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  TryTarget(input);
  TryHost(input);
  if (size == 0) return 0;
  const std::size_t at_once = std::max<std::size_t>(data[0], 1);
  // How the network cuts it must not matter.
  Require(ParseAnswer(input.substr(1), at_once) == ParseAnswer(input.substr(1), size));
  return 0;
}
