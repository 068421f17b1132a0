// SPDX-License-Identifier: Apache-2.0
#include "edge/store/last_good.h"

#include <utility>

#include <fmt/format.h>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::store {
namespace {

constexpr std::string_view kVersion = "reeve-set/1";
constexpr const char* kName = "last-good";
constexpr std::size_t kLargest = 256U << 20;  // four times what a set of policies may have
constexpr mode_t kOnlyRoot = 0600;

Error Damaged(std::string_view why) {
  return {ErrorKind::kInvalid, 0, kName, fmt::format("the kept set is damaged: {}", why)};
}

void Append(std::string_view kind, const SourceFile& file, std::string& text) {
  text += fmt::format("{} {} {} {} {}\n",
                      kind,
                      file.layer,
                      file.name.size(),
                      file.directory.size(),
                      file.text.size());
  text += file.name;
  text += file.directory;
  text += file.text;
  text += '\n';
}

// Takes the first `size` bytes off `rest`.
std::optional<std::string> Take(std::string_view& rest, std::uint64_t size) {
  if (size > rest.size()) return std::nullopt;
  std::string taken(rest.substr(0, size));
  rest.remove_prefix(size);
  return taken;
}

Result<> ParseFile(std::string_view& rest, KeptSet& set) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return Damaged("a head without an end");
  const std::vector<std::string_view> head = SplitWords(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  if (head.size() != 5) return Damaged("a head with the wrong number of words");
  const auto layer = ParseDecimal(head[1]);
  const auto name_size = ParseDecimal(head[2]);
  const auto directory_size = ParseDecimal(head[3]);
  const auto text_size = ParseDecimal(head[4]);
  if (!layer || *layer > 2 || !name_size || !directory_size || !text_size)
    return Damaged("a head without numbers");
  auto name = Take(rest, *name_size);
  auto directory = name ? Take(rest, *directory_size) : std::nullopt;
  auto text = directory ? Take(rest, *text_size) : std::nullopt;
  if (!text || !rest.starts_with('\n')) return Damaged("a file is cut short");
  rest.remove_prefix(1);
  auto file = std::make_shared<SourceFile>();
  file->name = *std::move(name);
  file->text = *std::move(text);
  file->layer = static_cast<int>(*layer);
  file->directory = *std::move(directory);
  if (head[0] == "policy") {
    set.policies.push_back(std::move(file));
  } else if (head[0] == "data") {
    set.data.push_back(std::move(file));
  } else {
    return Damaged("a file of unknown kind");
  }
  return {};
}

}  // namespace

std::string FormatKeptSet(const KeptSet& set) {
  std::string body;
  for (const auto& file : set.policies) Append("policy", *file, body);
  for (const auto& file : set.data) Append("data", *file, body);
  return fmt::format("{} {}\n{}", kVersion, Sha256Hex(body), body);
}

Result<KeptSet> ParseKeptSet(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return Damaged("no head");
  const std::vector<std::string_view> head = SplitWords(text.substr(0, end));
  text.remove_prefix(end + 1);
  if (head.size() != 2 || head[0] != kVersion) return Damaged("not a set, or of another version");
  if (head[1] != Sha256Hex(text)) return Damaged("its checksum does not fit");
  KeptSet set;
  while (!text.empty()) {
    REEVE_TRY_VOID(ParseFile(text, set));
  }
  return set;
}

Result<LastGood> LastGood::Open(const std::string& state_dir) {
  REEVE_TRY(UniqueFd directory, io::MakeDirectory(state_dir, 0700));
  return LastGood(std::move(directory), state_dir + "/" + kName);
}

Result<> LastGood::Save(const KeptSet& set) {
  return io::WriteFileAtomically(directory_.get(), kName, FormatKeptSet(set), kOnlyRoot);
}

Result<std::optional<KeptSet>> LastGood::Load() const {
  const auto text = io::ReadWholeFile(path_, kLargest);
  if (!text.has_value()) {
    if (text.error().kind == ErrorKind::kNotFound) return std::optional<KeptSet>();
    return text.error();
  }
  REEVE_TRY(KeptSet set, ParseKeptSet(*text));
  return std::optional<KeptSet>(std::move(set));
}

}  // namespace reeve::store
