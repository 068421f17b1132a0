// SPDX-License-Identifier: Apache-2.0
#include "core/format/owner_mark.h"

#include <optional>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/text_error.h"
#include "core/model/knob.h"

namespace reeve::format {
namespace {

constexpr std::string_view kVersion = "reeve/1";
constexpr std::string_view kSubject = "owner mark";
constexpr std::string_view kPlainBytes =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@+/:=,-";

std::string Escape(std::string_view value) {
  std::string escaped;
  for (char c : value) {
    if (kPlainBytes.find(c) != std::string_view::npos) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Unescape(std::string_view escaped) {
  std::string value;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '%') {
      if (kPlainBytes.find(escaped[i]) == std::string_view::npos) return std::nullopt;
      value += escaped[i];
      continue;
    }
    if (i + 2 >= escaped.size()) return std::nullopt;
    const int high = HexDigit(escaped[i + 1]);
    const int low = HexDigit(escaped[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    value += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return value;
}

// Without the privilege for trusted.*, a mark lies where whoever was given the cgroup may write as
// well: resetting `cgroup.procs` to a pid would move a process for them.
bool MayBeSet(std::string_view file) {
  return !file.empty() && file.find('/') == std::string_view::npos && !IsVerbFile(file, nullptr);
}

Result<> ParseLine(std::string_view line, bool& path_known, OwnerMark& mark) {
  const std::vector<std::string_view> words = Split(line, ' ');
  std::vector<std::string> values;
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::optional<std::string> value = Unescape(words[i]);
    if (!value) return UnexpectedText(kSubject, line);
    values.push_back(*std::move(value));
  }
  if (words[0] == "created" && values.empty() && !mark.created) {
    mark.created = true;
    return {};
  }
  if (words[0] == "path" && values.size() == 1 && !path_known) {
    path_known = true;
    mark.policy_path = values[0];
    return {};
  }
  const bool is_set = words[0] == "set" && (values.size() == 1 || values.size() == 2);
  if (!is_set || !MayBeSet(values[0])) return UnexpectedText(kSubject, line);
  std::string original = values.size() == 2 ? values[1] : "";
  if (!mark.keys.emplace(values[0], std::move(original)).second) {
    return UnexpectedText(kSubject, line);
  }
  return {};
}

}  // namespace

Result<std::string> FormatOwnerMark(const OwnerMark& mark) {
  std::string text(kVersion);
  text += '\n';
  if (mark.created) text += "created\n";
  text += fmt::format("path {}\n", Escape(mark.policy_path));
  for (const auto& key : mark.keys) {
    text += fmt::format("set {}", Escape(key.first));
    if (!key.second.empty()) text += fmt::format(" {}", Escape(key.second));
    text += '\n';
  }
  if (text.size() > kLargestOwnerMark) {
    return Error{
        ErrorKind::kOutOfRange,
        0,
        std::string(kSubject),
        fmt::format(
            "{} bytes to remember what reeve set here; {} fit", text.size(), kLargestOwnerMark)};
  }
  return text;
}

Result<OwnerMark> ParseOwnerMark(std::string_view text) {
  if (text.size() > kLargestOwnerMark) {
    return Error{ErrorKind::kInvalid,
                 0,
                 std::string(kSubject),
                 fmt::format("{} bytes are more than reeve writes", text.size())};
  }
  const std::vector<std::string_view> lines = SplitLines(text);
  if (lines.empty() || lines[0] != kVersion) {
    return UnexpectedText(kSubject, lines.empty() ? "" : lines[0]);
  }
  OwnerMark mark;
  bool path_known = false;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    REEVE_TRY_VOID(ParseLine(lines[i], path_known, mark));
  }
  if (!path_known) return UnexpectedText(kSubject, "");
  return mark;
}

}  // namespace reeve::format
