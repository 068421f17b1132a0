// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/model/generation_record.h"
#include "core/model/kept_generation.h"
#include "core/model/standing.h"
#include "edge/store/state_directory.h"

namespace reeve::store {

// What the books on generations say beside their texts.
struct Books {
  std::vector<GenerationRecord> history;
  std::optional<Hold> hold;
  std::optional<Confirmation> confirmation;
  Standing engine;  // what tells drift from change after a restart
  // When the clock was to change what the generation in force means, as known when this was written.
  std::optional<std::int64_t> next_moment;

  bool operator==(const Books&) const = default;
};

// Keeps the generation in force (file `last-good`), earlier ones to go back to (`generation-N`, the newest 50), and the
// books (`books`).
class GenerationStore {
 public:
  static constexpr const char* kInForce = "last-good";
  static constexpr const char* kBooks = "books";

  explicit GenerationStore(StateDirectory directory) : directory_(std::move(directory)) {}

  // In force from now on, also after a restart, and what the books say of it. A crash leaves both or
  // neither: what decides is the moment at which the books are there.
  //   errors   the first one; the rest was tried all the same
  Result<> Save(const KeptGeneration& kept, const Books& books);

  // What is in force, as `books` have it.
  //   errors   NotFound when nothing was ever kept; Invalid when it is damaged; see StateDirectory::Read
  Result<KeptGeneration> Load(const Books& books);

  // The newest of those to go back to: the same one, when its own file is damaged.
  //   errors   as Load
  Result<KeptGeneration> LoadNewest();

  // An earlier one.
  //   errors   NotFound when it is none of those kept
  Result<KeptGeneration> Load(std::uint64_t number);

  Result<> SaveBooks(const Books& books);

  // Empty when there is none.
  //   errors   Invalid when it is damaged
  Result<Books> LoadBooks();

  // Keeps a file that can not be read (`kInForce`, `kBooks`) under another name, which is returned; one that was kept so
  // before is gone.
  Result<std::string> SetAside(const std::string& name);

 private:
  Result<KeptGeneration> LoadFile(const std::string& name);
  Result<std::vector<std::uint64_t>> Numbers();
  void Prune();

  StateDirectory directory_;
};

// The text of `books` and back.
std::string FormatBooks(const Books& books);

//   errors   Invalid
Result<Books> ParseBooks(std::string_view text);

}  // namespace reeve::store
