// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/source_mark.h"
#include "edge/io/unique_fd.h"

namespace reeve::store {

// The files of the last accepted generation, so that a restart or a reboot with a broken policy
// directory goes on with what was in force.
struct LastGood {
  std::uint64_t generation = 0;
  std::int64_t accepted_at = 0;  // seconds since the epoch
  std::string policy_hash;       // what status and metrics showed for it
  std::vector<std::shared_ptr<const SourceFile>> policies;
  std::vector<std::shared_ptr<const SourceFile>> data;  // by the names that `for_each` says
  // Facts that people wrote (facts.d); the host's own are read anew.
  std::vector<std::shared_ptr<const SourceFile>> facts;
};

// Keeps it in a file `last-good` of the state directory.
class LastGoodStore {
 public:
  // Makes the directory (mode 0700) when it is missing.
  //   errors   Denied when others may write to it: what lies there is applied with root's power
  static Result<LastGoodStore> Open(const std::string& state_directory);

  // Replaces what was kept, whole or not at all, also across a power cut.
  Result<> Save(const LastGood& last_good);

  //   errors   NotFound when nothing was ever kept; Invalid when it is damaged (checksum, form);
  //            Denied when others may write the file
  Result<LastGood> Load();

 private:
  explicit LastGoodStore(UniqueFd directory) : directory_(std::move(directory)) {}

  UniqueFd directory_;
};

// The file's text and back; one function each, so that hostile texts can be tried without a disk.
std::string FormatLastGood(const LastGood& last_good);
Result<LastGood> ParseLastGood(std::string_view text);

}  // namespace reeve::store
