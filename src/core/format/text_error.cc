// SPDX-License-Identifier: Apache-2.0
#include "core/format/text_error.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::format {
namespace {

constexpr std::size_t kShown = 60;

}  // namespace

Error UnexpectedText(std::string_view what, std::string_view token) {
  if (token.empty()) return {ErrorKind::kInvalid, 0, std::string(what), "something is missing"};
  std::string shown = EscapeForTerminal(token.substr(0, kShown));
  if (token.size() > kShown) shown += "...";
  return {ErrorKind::kInvalid, 0, std::string(what), fmt::format("unexpected \"{}\"", shown)};
}

Result<> CheckLength(std::string_view what, std::string_view text) {
  if (text.size() <= kLongestText) return {};
  return Error{ErrorKind::kInvalid,
               0,
               std::string(what),
               fmt::format("{} bytes are too many to be a kernel's answer", text.size())};
}

}  // namespace reeve::format
