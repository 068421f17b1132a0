// SPDX-License-Identifier: Apache-2.0
#include "edge/store/last_good.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include <fmt/format.h>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::store {
namespace {

constexpr const char* kFileName = "last-good";
constexpr std::string_view kTitle = "reeve last-good 1\n";
// Three sets of at most 64 MiB each (policies, data, facts), and their names.
constexpr std::size_t kMaxBytes = 256U << 20;

Error Damaged(std::string why) {
  return Error{ErrorKind::kInvalid, 0, kFileName, "damaged: " + std::move(why)};
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
Result<LastGood> ParseBody(std::string_view body) {
  LastGood kept;
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

// "" when only root and we can change it.
std::string WhyNotOurs(const struct stat& found) {
  if (found.st_uid != 0 && found.st_uid != ::geteuid()) {
    return fmt::format("belongs to uid {}, not to root or to us", found.st_uid);
  }
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fmt::format("mode {:04o}: others may write to it", found.st_mode & 07777U);
  }
  return "";
}

}  // namespace

std::string FormatLastGood(const LastGood& last_good) {
  std::string body = fmt::format("generation {}\naccepted {}\npolicy-hash {}\n",
                                 last_good.generation,
                                 last_good.accepted_at,
                                 last_good.policy_hash);
  for (const auto& file : last_good.policies) AppendFile("policy", *file, &body);
  for (const auto& file : last_good.data) AppendFile("data", *file, &body);
  for (const auto& file : last_good.facts) AppendFile("facts", *file, &body);
  body += "end\n";
  return fmt::format("{}sha256 {}\n{}", kTitle, Sha256Hex(body), body);
}

Result<LastGood> ParseLastGood(std::string_view text) {
  if (!text.starts_with(kTitle)) {
    return Damaged("it is none, or of a later reeve");
  }
  Cursor cursor(text.substr(kTitle.size()));
  const auto line = cursor.Line();
  if (!line || !line->starts_with("sha256 ")) return Damaged("it has no checksum");
  if (line->substr(7) != Sha256Hex(cursor.rest())) return Damaged("the checksum differs");
  return ParseBody(cursor.rest());
}

Result<LastGoodStore> LastGoodStore::Open(const std::string& state_directory) {
  REEVE_TRY(UniqueFd directory, io::MakeDirectory(state_directory, 0700));
  struct stat found = {};
  if (::fstat(directory.get(), &found) != 0) {
    return ErrnoError(errno, state_directory, "looking at");
  }
  if (std::string why = WhyNotOurs(found); !why.empty()) {
    return Error{ErrorKind::kDenied, 0, state_directory, std::move(why)};
  }
  return LastGoodStore(std::move(directory));
}

Result<> LastGoodStore::Save(const LastGood& last_good) {
  return io::WriteFileAtomically(directory_.get(), kFileName, FormatLastGood(last_good), 0600);
}

Result<LastGood> LastGoodStore::Load() {
  const UniqueFd fd(::openat(
      directory_.get(), kFileName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError(errno, kFileName, "opening");
  struct stat found = {};
  if (::fstat(fd.get(), &found) != 0) return ErrnoError(errno, kFileName, "looking at");
  if (!S_ISREG(found.st_mode)) return Damaged("not a regular file");
  if (std::string why = WhyNotOurs(found); !why.empty()) {
    return Error{ErrorKind::kDenied, 0, kFileName, std::move(why)};
  }
  REEVE_TRY(const std::string text, io::ReadWhole(fd.get(), kMaxBytes, kFileName));
  return ParseLastGood(text);
}

}  // namespace reeve::store
