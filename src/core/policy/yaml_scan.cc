// SPDX-License-Identifier: Apache-2.0
#include "core/policy/yaml_scan.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/policy/load.h"
#include "core/policy/yaml_tree.h"

namespace reeve::policy {
namespace {

enum class ByteKind : std::uint8_t { kPlain, kMark, kControl, kCarriageReturn, kHigh };

constexpr std::array<ByteKind, 256> MakeByteKinds() {
  std::array<ByteKind, 256> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    if (c < 0x20 || c == 0x7F) kinds[c] = ByteKind::kControl;
    if (c >= 0x80) kinds[c] = ByteKind::kHigh;
  }
  kinds['\t'] = ByteKind::kPlain;
  kinds['\r'] = ByteKind::kCarriageReturn;
  for (const char c : {',', '[', '{', ':', '\n'}) {
    kinds[static_cast<unsigned char>(c)] = ByteKind::kMark;
  }
  return kinds;
}

constexpr std::array<ByteKind, 256> kByteKinds = MakeByteKinds();

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;  // bytes; 0 = not well-formed
};

// The code point at the beginning of `text`, whose first byte is 0x80 or above. Overlong forms,
// surrogates and values above U+10FFFF are not well-formed.
CodePoint DecodeHigh(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  std::size_t size = 0;
  std::uint32_t value = 0;
  std::uint32_t least = 0;
  if ((first & 0xE0U) == 0xC0U) {
    size = 2, value = first & 0x1FU, least = 0x80;
  } else if ((first & 0xF0U) == 0xE0U) {
    size = 3, value = first & 0x0FU, least = 0x800;
  } else if ((first & 0xF8U) == 0xF0U) {
    size = 4, value = first & 0x07U, least = 0x10000;
  }
  if (size == 0 || text.size() < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, size};
}

// What a reviewer cannot see, or what other YAML readers take for the end of a line. A policy that
// reads differently on the screen than in the kernel is worse than none.
bool IsInvisible(std::uint32_t c) {
  return (c >= 0x80 && c <= 0x9F) || c == 0x200B || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         c == 0xFFFE || c == 0xFFFF;
}

// The kind of file somebody put here by mistake, by its first bytes; "" when unknown.
std::string_view KnownBinary(std::string_view text) {
  struct Magic {
    std::string_view bytes;
    std::string_view name;
  };

  static constexpr Magic kMagics[] = {{"\x1f\x8b", "a gzip file"},
                                      {"\x7f"
                                       "ELF",
                                       "a program"},
                                      {"\x28\xb5\x2f\xfd", "a zstd file"},
                                      {"\xfd"
                                       "7zXZ",
                                       "an xz file"},
                                      {"SQLite format 3", "an SQLite database"},
                                      {"PK\x03\x04", "a zip file"}};
  for (const Magic& magic : kMagics) {
    if (text.starts_with(magic.bytes)) return magic.name;
  }
  return "";
}

// UTF-16 and UTF-32 by their byte order mark, or by zero bytes beside ASCII at the very beginning.
bool LooksLikeUtf16(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return true;
  if (text.size() < 4) return false;
  const auto zero = [&](std::size_t i) { return text[i] == '\0'; };
  return (zero(0) && !zero(1) && zero(2) && !zero(3)) ||
         (!zero(0) && zero(1) && !zero(2) && zero(3)) || (zero(0) && zero(1) && zero(2)) ||
         (!zero(0) && zero(1) && zero(2) && zero(3));
}

class Scanner {
 public:
  Scanner(const std::shared_ptr<const SourceFile>& file, Findings& findings)
      : file_(file), text_(file->text), findings_(findings) {}

  std::vector<YamlChunk> Scan() {
    if (!JudgeWhole()) return {};
    if (text_.starts_with("\xef\xbb\xbf")) {
      at_ = line_start_ = 3;
      first_column_ = 4;
    }
    Open(at_);
    while (at_ < text_.size()) {
      if (at_ == line_start_) BeginLine();
      const char c = text_[at_];
      switch (kByteKinds[static_cast<unsigned char>(c)]) {
        case ByteKind::kPlain:
          if (c != ' ' && c != '\t') chunks_.back().last_line = line_;
          ++at_;
          break;
        case ByteKind::kMark:
          if (!CountMark(c)) return {};
          break;
        case ByteKind::kCarriageReturn:
          if (at_ + 1 == text_.size() || text_[at_ + 1] != '\n') {
            Refuse("R0104",
                   1,
                   "a carriage return stands alone",
                   "end lines with a newline: tr '\\r' '\\n' < OLD > NEW");
            return {};
          }
          ++at_;
          break;
        case ByteKind::kControl:
          RefuseControl(c);
          return {};
        case ByteKind::kHigh:
          if (!PassHigh()) return {};
          break;
      }
    }
    Close(at_);
    return std::move(chunks_);
  }

 private:
  SourceMark Here(std::uint32_t length) const {
    return {file_, line_, static_cast<std::uint32_t>(at_ - line_start_) + ColumnOfLine(), length};
  }

  std::uint32_t ColumnOfLine() const { return line_ == 1 ? first_column_ : 1; }

  void Refuse(std::string code, std::uint32_t length, std::string message, std::string hint) {
    findings_.Error(std::move(code), Here(length), std::move(message), std::move(hint)).note =
        "nothing of this file was judged";
    chunks_.clear();
  }

  bool JudgeWhole() {
    if (text_.size() > kMaxFileBytes) {
      Refuse("R0103",
             1,
             fmt::format("the file has {} bytes; a policy file may have {} (8 MiB)",
                         text_.size(),
                         kMaxFileBytes),
             "write many similar cgroups as a template: for_each: {file: NAME.csv}");
      return false;
    }
    if (LooksLikeUtf16(text_)) {
      Refuse("R0105",
             1,
             "the file is UTF-16 or UTF-32; policies are UTF-8",
             "convert it: iconv -f UTF-16 -t UTF-8 OLD > NEW");
      return false;
    }
    return true;
  }

  void RefuseControl(char c) {
    const std::string_view kind = KnownBinary(text_);
    Refuse("R0104",
           1,
           kind.empty() ? fmt::format("the control byte 0x{:02x} stands here; this is no text",
                                      static_cast<unsigned char>(c))
                        : fmt::format("this is {}, no policy", kind),
           "");
  }

  bool PassHigh() {
    const CodePoint c = DecodeHigh(text_.substr(at_));
    if (c.size == 0) {
      Refuse("R0105",
             1,
             fmt::format("the byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(text_[at_])),
             "convert it: iconv -f ISO-8859-1 -t UTF-8 OLD > NEW");
      return false;
    }
    if (IsInvisible(c.value)) {
      Refuse("R0129",
             static_cast<std::uint32_t>(c.size),
             fmt::format("U+{:04X} stands here, which cannot be seen", c.value),
             "remove it");
      return false;
    }
    chunks_.back().last_line = line_;
    at_ += c.size;
    return true;
  }

  bool CountMark(char c) {
    if (++marks_ > kMaxYamlNodes) {
      Refuse("R0108",
             1,
             fmt::format("the file holds more than {} values", kMaxYamlNodes),
             "write many similar cgroups as a template: for_each: {file: NAME.csv}");
      return false;
    }
    if (c != '\n') chunks_.back().last_line = line_;
    ++at_;
    if (c == '\n') {
      ++line_;
      line_start_ = at_;
      if (ends_document_) {
        Close(at_);
        Open(at_);
        ends_document_ = false;
      }
    }
    return true;
  }

  // Whether the line is `---` or `...`, alone or with something behind a blank.
  void BeginLine() {
    const std::string_view line = text_.substr(at_, 4);
    if (line.size() < 3 ||
        (line.size() == 4 && std::string_view(" \t\r\n").find(line[3]) == std::string_view::npos)) {
      return;
    }
    if (line.starts_with("---")) {
      Close(at_);
      Open(at_);
    } else if (line.starts_with("...")) {
      ends_document_ = true;
    }
  }

  void Open(std::size_t offset) { chunks_.push_back({offset, 0, line_, ColumnOfLine(), line_}); }

  void Close(std::size_t end) {
    chunks_.back().size = end - chunks_.back().offset;
    if (chunks_.back().size == 0) chunks_.pop_back();
  }

  const std::shared_ptr<const SourceFile>& file_;
  const std::string_view text_;
  Findings& findings_;
  std::vector<YamlChunk> chunks_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::size_t marks_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t first_column_ = 1;
  bool ends_document_ = false;
};

}  // namespace

std::vector<YamlChunk> ScanYaml(const std::shared_ptr<const SourceFile>& file, Findings& findings) {
  return Scanner(file, findings).Scan();
}

void YamlMeter::Add(std::string_view bytes) {
  for (const char c : bytes) {
    ++run_;
    if (kByteKinds[static_cast<unsigned char>(c)] == ByteKind::kMark) {
      ++(c == '\n' ? lines_ : marks_);
      run_ = 0;
      if (c == '[' || c == '{') ++nesting_;
    } else if ((c == ']' || c == '}') && nesting_ != 0) {
      --nesting_;
    }
  }
}

}  // namespace reeve::policy
