// SPDX-License-Identifier: Apache-2.0
#include "edge/store/kept_text.h"

#include <iterator>

#include <fmt/format.h>

#include "core/base/sha256.h"
#include "core/base/text.h"

namespace reeve::store {
namespace {

constexpr std::string_view kTitle = "reeve last-good 1\n";

Error Damaged(std::string why) {
  return Error{ErrorKind::kInvalid, 0, "", "damaged: " + std::move(why)};
}

// Takes a text apart from its front. Every member is false or empty-handed at the first thing that
// is not as written.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> Line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }

  std::optional<std::string_view> Bytes(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

void AppendFile(std::string_view kind, const SourceFile& file, std::string* text) {
  fmt::format_to(std::back_inserter(*text),
                 "{} {} {} {} {}\n",
                 kind,
                 file.layer,
                 file.name.size(),
                 file.directory.size(),
                 file.text.size());
  for (const std::string* part : {&file.name, &file.directory, &file.text}) text->append(*part);
  text->push_back('\n');
}

// "policy 1 11 10 340" and what follows it.
std::optional<SourceFile> ParseFile(const std::vector<std::string_view>& words, Cursor* cursor) {
  if (words.size() != 5) return std::nullopt;
  const auto layer = ParseDecimal(words[1]);
  if (!layer || *layer > 2) return std::nullopt;
  SourceFile file;
  file.layer = static_cast<int>(*layer);
  std::string* parts[] = {&file.name, &file.directory, &file.text};
  for (std::size_t i = 0; i < std::size(parts); ++i) {
    const auto size = ParseDecimal(words[i + 2]);
    const auto bytes = size ? cursor->Bytes(*size) : std::nullopt;
    if (!bytes) return std::nullopt;
    *parts[i] = *bytes;
  }
  if (cursor->Bytes(1) != "\n") return std::nullopt;
  return file;
}

// The words after the checksum line.
Result<KeptGeneration> ParseBody(std::string_view body) {
  KeptGeneration kept;
  Cursor cursor(body);
  while (true) {
    const auto line = cursor.Line();
    if (!line) return Damaged("it ends early");
    if (*line == "end") break;
    const std::vector<std::string_view> words = SplitWords(*line);
    const std::string_view key = words.empty() ? std::string_view() : words[0];
    if (key == "generation" || key == "accepted") {
      const auto number = words.size() == 2 ? ParseSignedDecimal(words[1]) : std::nullopt;
      if (!number) return Damaged(EscapeForTerminal(*line));
      if (key == "accepted") kept.accepted_at = *number;
      if (key == "generation") kept.generation = static_cast<std::uint64_t>(*number);
    } else if (key == "policy-hash" && words.size() <= 2) {
      kept.policy_hash = words.size() == 2 ? words[1] : std::string_view();
    } else if (key == "policy" || key == "data" || key == "facts") {
      auto file = ParseFile(words, &cursor);
      if (!file) return Damaged(EscapeForTerminal(*line));
      auto& files = key == "policy" ? kept.policies : key == "data" ? kept.data : kept.facts;
      files.push_back(std::make_shared<const SourceFile>(*std::move(file)));
    } else {
      return Damaged(EscapeForTerminal(*line));
    }
  }
  if (!cursor.rest().empty()) return Damaged("something follows its end");
  return kept;
}

}  // namespace

std::string FormatKept(const KeptGeneration& kept) {
  std::string body = fmt::format("generation {}\naccepted {}\npolicy-hash {}\n",
                                 kept.generation,
                                 kept.accepted_at,
                                 kept.policy_hash);
  for (const auto& file : kept.policies) AppendFile("policy", *file, &body);
  for (const auto& file : kept.data) AppendFile("data", *file, &body);
  for (const auto& file : kept.facts) AppendFile("facts", *file, &body);
  body += "end\n";
  return fmt::format("{}sha256 {}\n{}", kTitle, Sha256Hex(body), body);
}

Result<KeptGeneration> ParseKept(std::string_view text) {
  if (!text.starts_with(kTitle)) {
    return Damaged("it is none, or of a later reeve");
  }
  Cursor cursor(text.substr(kTitle.size()));
  const auto line = cursor.Line();
  if (!line || !line->starts_with("sha256 ")) return Damaged("it has no checksum");
  if (line->substr(7) != Sha256Hex(cursor.rest())) return Damaged("the checksum differs");
  return ParseBody(cursor.rest());
}

}  // namespace reeve::store
