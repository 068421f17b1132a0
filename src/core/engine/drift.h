// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/engine/event_log.h"
#include "core/engine/fights.h"
#include "core/engine/instant.h"
#include "core/engine/note.h"
#include "core/engine/writers.h"
#include "core/model/plan.h"

namespace reeve::engine {

// Whether putting something back is what this action does.
bool IsRepair(const Action& action);

// What an action is about: a cgroup's interface file, or with "" the cgroup.
plan::Key KeyOf(const Action& action);

// The engine's memory of what others do to the tree: who did it, what was said of it, who comes
// back again and again. Decides nothing but when a repair may be tried.
class Drift {
 public:
  explicit Drift(EventLog& events) : events_(events) {}

  // False: nothing can have changed that is ours to keep (a process was moved, a verb was used).
  bool Heard(const Touch& touch);

  // Something was not heard.
  void LostTrack() { writers_.Clear(); }

  // After a look: names the writers in the plan and says what is new.
  void Found(Plan& plan, Instant now, std::vector<Note>& notes);

  // null when nobody was heard.
  std::shared_ptr<const Writer> WhoMoved(const plan::Key& key) const;

  // `drifted` is in force from now on.
  void Adopted(const Drifted& drifted,
               const std::shared_ptr<const Writer>& by,
               Instant now,
               std::vector<Note>& notes);

  // Actions that a fight puts off: their cgroups are Due later.
  std::set<std::size_t> PutOff(const Plan& plan, Instant now);

  // `action` has been done.
  void Repaired(const Action& action, Instant now, std::vector<Note>& notes);

  // All repairs of a pass were told.
  void EndPass(std::vector<Note>& notes);

  // When to step again on its account.
  std::optional<Instant> NextWake() const;

  // Ends fights that are quiet; returns cgroups in which a repair that was put off is due.
  std::set<CgroupPath> Tick(Instant now, std::vector<Note>& notes);

  void ForgetFights() { fights_.Clear(); }

  const Fights& fights() const { return fights_; }

 private:
  struct Open {
    std::string now;
    Instant since{0};  // when it was heard of, else found
  };

  // The touch that explains the state of a key; nullptr when none does.
  const Touch* Explain(const plan::Key& key) const;
  void Say(std::vector<Note>& notes, std::string text, const Event& event);

  EventLog& events_;
  Writers writers_;
  Fights fights_;
  std::map<plan::Key, Open> open_;  // what differs now and was said
  std::map<CgroupPath, Instant> put_off_;
  std::set<plan::Key> repaired_;  // in this pass: several actions can be one round of a fight
  std::map<std::pair<CgroupPath, std::string>, Instant> moves_;  // said, by path and program
  std::size_t said_ = 0;                                         // repairs told in this pass
  std::size_t unsaid_ = 0;  // and those that would have been too many lines
};

}  // namespace reeve::engine
