// SPDX-License-Identifier: Apache-2.0
#include "app/cli/tar.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kRecord = 20 * kBlock;
constexpr std::size_t kLongestName = 100;
constexpr std::uint64_t kLargest = (std::uint64_t{1} << 33) - 1;  // eleven octal digits

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '/';
}

// A relative path of plain bytes without "..".
std::string PlainPath(std::string_view name) {
  std::string plain;
  for (std::string_view part : SplitWords(name, "/")) {
    if (part == "." || part == "..") continue;
    if (!plain.empty()) plain += '/';
    for (char c : part) plain += IsPlain(c) ? c : '_';
  }
  return plain.empty() ? "_" : plain;
}

void Put(std::string& header, std::size_t offset, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

TarText::TarText(std::string directory, std::int64_t time)
    : directory_(PlainPath(directory)), time_(time) {}

void TarText::Add(std::string_view name, std::string_view text) {
  std::string path = PlainPath(name);
  const std::size_t room = kLongestName - std::min(directory_.size() + 1, kLongestName / 2);
  if (path.size() > room) path = path.substr(path.size() - room);
  text = text.substr(0, kLargest);

  std::string header(kBlock, '\0');
  Put(header, 0, directory_.substr(0, kLongestName / 2 - 1) + "/" + path);
  Put(header, 100, "0000600");
  Put(header, 108, "0000000");
  Put(header, 116, "0000000");
  Put(header, 124, fmt::format("{:011o}", text.size()));
  Put(header,
      136,
      fmt::format("{:011o}", static_cast<std::uint64_t>(std::max<std::int64_t>(time_, 0))));
  Put(header, 148, "        ");  // the checksum counts itself as blanks
  Put(header, 156, "0");
  Put(header, 257, std::string_view("ustar\00000", 8));
  Put(header, 265, "root");
  Put(header, 297, "root");
  const unsigned sum = std::accumulate(header.begin(), header.end(), 0U, [](unsigned all, char c) {
    return all + static_cast<unsigned char>(c);
  });
  Put(header, 148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  out_ += header;
  out_ += text;
  out_.append((kBlock - text.size() % kBlock) % kBlock, '\0');
}

std::string TarText::Take() {
  out_.append(2 * kBlock, '\0');
  out_.append((kRecord - out_.size() % kRecord) % kRecord, '\0');
  return std::exchange(out_, {});
}

}  // namespace reeve::cli
