// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/engine/shrinker.h"
#include "core/model/generation_record.h"

namespace reeve::show {

// What only a running daemon knows of the tree it keeps.
struct Governed {
  std::uint64_t generation = 0;  // 0: none yet
  std::int64_t since = 0;        // seconds since the epoch
  Origin origin;
  // LOAD FAILED, HELD or CHANGED ON DISK, which come before how the tree is; "" when the files on disk are in force.
  std::string word;
  std::string text;  // why, in one line
  std::optional<Hold> hold;
  std::optional<Confirmation> confirmation;
  std::size_t repaired = 0;                      // values put back since the start
  std::vector<std::string> failures;             // what could not be done and is tried again
  std::vector<std::string> by_hand;              // "set-people until 15:10 by alice (INC-1)"
  std::vector<engine::ShrinkProgress> settling;  // limits on their way down in stages
  std::int64_t now = 0;                          // seconds since the epoch
};

// "generation 42 since Fri 14:03 by ansible (CHG-20551)"
std::string RenderSince(const Governed& governed);

// Further lines under the first one of a status; "" when there is nothing to say.
std::string RenderGoverned(const Governed& governed, const Paint& paint);

// {generation, since, by, held, confirm_before, ...}: members of the status object.
void AddGoverned(const Governed& governed, Json& status);

// What `reevectl history` shows, newest first.
std::string RenderHistory(const std::vector<GenerationRecord>& history);
Json HistoryJson(const std::vector<GenerationRecord>& history);

// "Fri 14:03:05" by local time; "21 Nov 14:03" for what is more than six days from `now`, "21 Nov 2027" for more than
// half a year.
std::string Moment(std::int64_t at, std::int64_t now);

}  // namespace reeve::show
