// SPDX-License-Identifier: Apache-2.0
#include "core/format/mountinfo.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::format {
namespace {

// 100000 mounts (fs.mount-max) of a hundred or so bytes each.
constexpr std::size_t kLongestMountInfo = std::size_t{64} << 20U;

// "\040" is a space; only the kernel's form of a backslash and three octal digits is an escape.
std::string Unescape(std::string_view text) {
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] <= '3' && octal(text[i + 1]) &&
        octal(text[i + 2]) && octal(text[i + 3])) {
      const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      plain.push_back(static_cast<char>(value));
      i += 3;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

std::vector<std::string> Options(std::string_view text) {
  std::vector<std::string> options;
  for (const std::string_view option : Split(text, ',')) options.push_back(Unescape(option));
  return options;
}

std::optional<int> Id(std::string_view text) {
  const std::optional<std::uint64_t> value = ParseDecimal(text);
  if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

std::optional<Mount> ParseLine(std::string_view line) {
  // The source may be empty, which leaves two spaces: empty words count.
  const std::vector<std::string_view> words = Split(line, ' ');
  constexpr std::size_t kBeforeTags = 6;
  if (words.size() < kBeforeTags + 4) return std::nullopt;
  const auto dash = std::find(words.begin() + kBeforeTags, words.end(), "-");
  if (words.end() - dash < 4) return std::nullopt;
  const std::optional<int> id = Id(words[0]);
  const std::optional<int> parent = Id(words[1]);
  if (!id || !parent) return std::nullopt;
  Mount mount;
  mount.id = *id;
  mount.parent = *parent;
  mount.device = words[2];
  mount.root = Unescape(words[3]);
  mount.mount_point = Unescape(words[4]);
  mount.options = Options(words[5]);
  mount.tags.assign(words.begin() + kBeforeTags, dash);
  mount.type = Unescape(dash[1]);
  mount.source = Unescape(dash[2]);
  mount.super_options = Options(dash[3]);
  return mount;
}

}  // namespace

Result<std::vector<Mount>> ParseMountInfo(std::string_view text) {
  if (text.size() > kLongestMountInfo) {
    return Error{ErrorKind::kInvalid, 0, "mountinfo", fmt::format("{} bytes", text.size())};
  }
  std::vector<Mount> mounts;
  for (const std::string_view line : SplitLines(text)) {
    std::optional<Mount> mount = ParseLine(line);
    if (!mount) {
      return Error{ErrorKind::kInvalid,
                   0,
                   "mountinfo",
                   fmt::format("\"{}\" is no line of it", EscapeForTerminal(line))};
    }
    mounts.push_back(*std::move(mount));
  }
  return mounts;
}

}  // namespace reeve::format
