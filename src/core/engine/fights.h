// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/instant.h"
#include "core/plan/diff.h"

namespace reeve::engine {

// Keys that another program undoes again and again. Winning such a fight by writing faster costs
// both sides CPU time and settles nothing: after a few rounds it is slowed down and people are
// told, who can end it.
//   key    an interface file of a cgroup, or the cgroup itself (file "")
//   side   the program on the other side (Writer::Side); "" when nobody was seen, which is a side
//          like any other
class Fights {
 public:
  static constexpr std::size_t kRounds = 3;
  static constexpr std::chrono::minutes kWindow{10};  // for the rounds, and for quiet to end it
  static constexpr std::chrono::minutes kBetween{1};  // repairs of a key that is fought over
  // Keys remembered at most. The oldest ones go, which at worst repairs them quickly once more.
  static constexpr std::size_t kLimit = 4096;

  struct Fight {
    std::string side;
    Instant since{0};
    Instant next{0};  // no repair before
  };

  // The world moved it once more. Call before asking Of.
  void Drifted(const plan::Key& key, Instant now);

  // Put back. True when this round makes it a fight: the one time to tell people.
  bool Repaired(const plan::Key& key, const std::string& side, Instant now);

  // nullptr when it may be put back at once.
  const Fight* Of(const plan::Key& key) const;

  // Ends fights that are quiet; returns their keys.
  std::vector<plan::Key> EndQuiet(Instant now);

  // When the next fight may be over; nullopt while there is none.
  std::optional<Instant> NextEnd() const;

  // The policy is new: so is every quarrel about it.
  void Clear() { keys_.clear(); }

  std::size_t size() const;  // fights going on

  // The same by cgroup; those without one are left out.
  std::map<CgroupPath, std::size_t> ByCgroup() const;

 private:
  struct State {
    std::map<std::string, std::vector<Instant>> repairs;  // by side; within the window
    std::optional<Fight> fight;
    Instant last_drift{0};
  };

  void MakeRoom();

  std::map<plan::Key, State> keys_;
};

}  // namespace reeve::engine
