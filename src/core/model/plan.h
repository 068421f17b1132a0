// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/model/controller.h"
#include "core/model/desired.h"
#include "core/model/observed.h"
#include "core/model/source_mark.h"
#include "core/model/writer.h"

namespace reeve {

// The kinds of action. Each is one verb of port/cgroup_fs.h, so applying never decides.
struct CreateCgroup {};

struct RemoveCgroup {};

// Writes the owner mark. Comes before the writes it announces, so that a crash in between leaves no
// key that nobody remembers.
struct WriteMark {
  OwnerMark mark;
};

struct EnableControllers {
  ControllerSet controllers;
};

struct DisableControllers {
  ControllerSet controllers;
};

// One line to one interface file.
struct SetFile {
  std::string file;
  std::string text;  // what is written
  const Knob* knob = nullptr;
  KnobValue wanted = Limit::Max();  // what the whole file must read afterwards (raw: its text)
  bool last_line = true;  // false while more lines of a table follow: read-back is not yet compared
};

// All processes of the subject go to `target`, again and again until it is empty.
struct MoveProcesses {
  CgroupPath target;
  std::size_t expected = 0;  // how many there were when planned; 0 = not looked at
};

using ActionKind = std::variant<CreateCgroup,
                                RemoveCgroup,
                                WriteMark,
                                EnableControllers,
                                DisableControllers,
                                SetFile,
                                MoveProcesses>;

// What can hurt, in the words of the plan: !kill !stall !lost !order !escape !stale !wide !unlimit.
enum class Danger { kKill, kStall, kLost, kOrder, kEscape, kStale, kWide, kUnlimit };

inline constexpr Danger kAllDangers[] = {Danger::kKill,
                                         Danger::kStall,
                                         Danger::kLost,
                                         Danger::kOrder,
                                         Danger::kEscape,
                                         Danger::kStale,
                                         Danger::kWide,
                                         Danger::kUnlimit};

// "kill", "stall", ...: the class without its `!`.
std::string_view DangerName(Danger danger);

// Says why and what for. For people and JSON only: the applier must not read it.
struct Reason {
  SourceMark mark;           // where the policy says so; unknown for what left the policy
  bool drift = false;        // the world moved; false: the policy moved (or this is the first time)
  bool reset = false;        // a key or cgroup that left the policy
  bool bookkeeping = false;  // follows from other actions (marks, controllers): not listed singly
  std::string now;           // canonical text before; "-" when there was nothing
  std::string wanted;        // canonical text after
  std::string written;       // the policy's own words
  std::string note;          // "on 259:0, the disk of /srv"
  std::shared_ptr<const Writer> by;  // who caused the drift; null when not known
  std::string template_name;
};

struct Action {
  CgroupPath path;  // "" = the managed root
  CgroupId id =
      0;  // of the cgroup when it was observed; 0 when it did not exist. Checked before doing.
  ActionKind kind;
  Reason reason;
  std::vector<std::size_t> needs;  // indices of earlier actions without which this one is skipped
};

struct Care {
  Danger danger = Danger::kKill;
  CgroupPath path;
  std::string file;  // "" when it is about the cgroup
  std::string message;
  SourceMark mark;
};

// A write that is not done now although it is wanted, with the reason (P5: tightening below use).
struct Held {
  CgroupPath path;
  std::string file;
  std::string now;
  std::string wanted;
  std::string reason;
  SourceMark mark;
  bool drift = false;                          // the world moved it; putting it back waits
  std::shared_ptr<const Writer> by = nullptr;  // who did; null when not known
};

// What the world moved and this plan leaves as it is, because the policy says so (`on_drift`).
struct Drifted {
  CgroupPath path;
  std::string file;    // "" when the cgroup itself was removed
  std::string now;     // canonical text; "-" when there is nothing
  std::string wanted;  // canonical text; "" for a cgroup
  OnDrift on_drift = OnDrift::kReport;
  SourceMark mark;
  std::shared_ptr<const Writer> by = nullptr;  // null when not known
};

// What the kernel will refuse, foreseen, or what is another manager's: the action is left out and the
// rest goes on.
struct Refusal {
  CgroupPath path;
  std::string file;        // or "cgroup.subtree_control"; "" for the cgroup as a whole
  std::string errno_name;  // "" for another manager's cgroup
  std::string which_means;
  std::string what_now;
  SourceMark mark;
};

// From observed to desired, in an order in which every step is legal and none passes through a
// state that is looser or deadlier than both ends.
struct Plan {
  std::vector<Action> actions;
  std::vector<Care> care;
  std::vector<Held> held;
  std::vector<Drifted> drifted;
  std::vector<Refusal> refusals;
  std::vector<Gap> gaps;                 // Unsupported and Pending; not errors
  std::vector<Action> observe_only;      // what documents in mode observe would do
  std::vector<WatchedDocument> watched;  // those documents, also where they would do nothing
  bool complete = true;  // false: the observation was not complete, so nothing is removed

  std::size_t cgroups = 0;  // desired
  std::size_t units = 0;    // of systemd, desired beside them
  std::size_t values = 0;   // desired knobs

  bool empty() const { return actions.empty(); }

  // Whether the host is as the policy describes: nothing to do, held, drifted, refused, and no
  // required gap.
  bool AsDescribed() const;
};

}  // namespace reeve
