// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace reeve {

// Who asked for something, for the audit record and for history.
struct Origin {
  std::string who;  // "alice (uid 1000)", "the files in /etc/reeve/policy.d", "reeve"
  std::string why;  // the person's own words; may be empty

  bool operator==(const Origin&) const = default;
};

// One line of `reevectl history`.
struct GenerationRecord {
  std::uint64_t number = 0;
  std::int64_t at = 0;  // seconds since the epoch
  Origin origin;
  std::string what;    // "2 files changed", "undo to 38"
  std::string result;  // "done", "confirmed by alice (uid 1000)", "undone"
  std::string policy_hash;

  bool operator==(const GenerationRecord&) const = default;
};

// A person keeps what is in force, whatever is pushed, until it is released or its time is over.
struct Hold {
  Origin origin;
  std::int64_t since = 0;             // seconds since the epoch
  std::optional<std::int64_t> until;  // nullopt: until released

  bool operator==(const Hold&) const = default;
};

// A generation that is undone unless somebody confirms it.
struct Confirmation {
  std::uint64_t generation = 0;
  std::uint64_t back_to = 0;
  std::int64_t before = 0;  // seconds since the epoch
  Origin origin;

  bool operator==(const Confirmation&) const = default;
};

}  // namespace reeve
