// SPDX-License-Identifier: Apache-2.0
#include "edge/store/generation_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/store/kept_text.h"

namespace reeve::store {
namespace {

constexpr std::string_view kEarlier = "generation-";
constexpr std::size_t kKept = 50;
// Three sets of at most 64 MiB each (policies, data, facts), and their names.
constexpr std::size_t kMaxBytes = 256U << 20;
constexpr std::size_t kMaxBooks = 8U << 20;

std::string NameOf(std::uint64_t number) {
  return fmt::format("{}{}", kEarlier, number);
}

}  // namespace

Result<> GenerationStore::Save(const KeptGeneration& kept, const Books& books) {
  const std::string text = FormatKept(kept);
  // Before the books the copy that they speak of, see Load; a crash before them leaves the old one in force.
  const Result<> copied = directory_.Write(NameOf(kept.generation), text);
  const Result<> booked = SaveBooks(books);
  const Result<> put = directory_.Write(kInForce, text);
  Prune();
  return !copied.has_value() ? copied : !booked.has_value() ? booked : put;
}

Result<KeptGeneration> GenerationStore::LoadFile(const std::string& name) {
  REEVE_TRY(const std::string text, directory_.Read(name, kMaxBytes));
  auto kept = ParseKept(text);
  if (kept.has_value()) return kept;
  Error error = std::move(kept).error();
  error.subject = name;
  return error;
}

Result<KeptGeneration> GenerationStore::Load(const Books& books) {
  auto kept = LoadFile(kInForce);
  if (books.history.empty()) return kept;
  if (!kept.has_value() && kept.error().kind != ErrorKind::kNotFound) return kept;
  const GenerationRecord& newest = books.history.back();
  // Books that are older could not be written.
  if (kept.has_value() && kept->generation >= newest.number) return kept;
  auto copy = Load(newest.number);
  const bool meant = copy.has_value() && copy->policy_hash == newest.policy_hash;
  return meant ? copy : kept;
}

Result<KeptGeneration> GenerationStore::LoadNewest() {
  REEVE_TRY(const std::vector<std::uint64_t> numbers, Numbers());
  if (numbers.empty()) return Error{ErrorKind::kNotFound, 0, "", "no generation is kept"};
  return Load(numbers.back());
}

Result<KeptGeneration> GenerationStore::Load(std::uint64_t number) {
  return LoadFile(NameOf(number));
}

// Of the generations kept, in ascending order.
Result<std::vector<std::uint64_t>> GenerationStore::Numbers() {
  REEVE_TRY(const std::vector<std::string> names, directory_.List());
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : names) {
    if (!name.starts_with(kEarlier)) continue;
    const auto number = ParseDecimal(std::string_view(name).substr(kEarlier.size()));
    if (number) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// What can not be removed now is tried again with the next generation.
void GenerationStore::Prune() {
  auto numbers = Numbers();
  if (!numbers.has_value() || numbers->size() <= kKept) return;
  numbers->resize(numbers->size() - kKept);
  for (const std::uint64_t number : *numbers) (void)directory_.Remove(NameOf(number));
}

Result<std::string> GenerationStore::SetAside(const std::string& name) {
  std::string aside = name + ".unreadable";
  REEVE_TRY_VOID(directory_.Rename(name, aside));
  return aside;
}

Result<> GenerationStore::SaveBooks(const Books& books) {
  return directory_.Write(kBooks, FormatBooks(books));
}

Result<Books> GenerationStore::LoadBooks() {
  const auto text = directory_.Read(kBooks, kMaxBooks);
  if (!text.has_value()) {
    if (text.error().kind == ErrorKind::kNotFound) return Books{};
    return text.error();
  }
  return ParseBooks(*text);
}

}  // namespace reeve::store
