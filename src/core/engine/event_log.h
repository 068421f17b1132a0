// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/instant.h"
#include "core/model/cgroup_path.h"
#include "core/model/source_mark.h"
#include "core/model/writer.h"

namespace reeve::engine {

// A change that somebody asked for over the control socket, and what became of it. Who is the event's
// `by`.
struct Audit {
  std::string verb;       // "apply", "set"
  std::string arguments;  // the request's body; cut when it is long
  std::uint64_t generation_before = 0;
  std::uint64_t generation_after = 0;
  std::string policy_hash;  // of the generation in force afterwards; "" when none is
  int status = 0;           // of HTTP
  int exit_code = 0;        // what reevectl ends with
};

// Something that happened, as `events` and the history of a key show it.
struct Event {
  enum class Kind {
    kDrift,       // the world moved a key or a cgroup
    kRepair,      // put back
    kReport,      // left as it is, `on_drift: report`
    kAdopt,       // taken over, `on_drift: adopt`
    kFlapping,    // a fight: repaired once a minute from now on
    kQuiet,       // the fight is over
    kMove,        // somebody moved a process into a cgroup of ours
    kApply,       // a plan was carried out
    kGeneration,  // policies were accepted, or refused
    kHold,        // something is held back, or is not any more
    kByHand,      // set, clamp, freeze, kill and the like
    kAudit,       // a change was asked for over the control socket, and done or refused
  };

  std::uint64_t number = 0;  // counts from 1 without gaps; a reader that sees one missed some
  Instant at{0};             // of the engine's clock; whoever shows it knows the time of day
  Kind kind = Kind::kDrift;
  CgroupPath path;
  std::string file;  // "" when it is about the cgroup, or about no cgroup at all
  std::string from;  // canonical kernel text; "" when there is none
  std::string to;
  std::shared_ptr<const Writer> by;    // null when not known
  std::optional<Instant> took;         // from when it was heard to when it was done
  SourceMark mark;                     // where the policy says so
  std::string text;                    // what else there is to say; for people
  std::shared_ptr<const Audit> audit;  // of kAudit
  bool of_units = false;               // kApply: to units of systemd, not to the tree
};

// "drift", "repair", ... : stable, for JSON and filters.
std::string_view NameOf(Event::Kind kind);

// The last events, oldest first. A ring: the journal keeps what must be kept.
class EventLog {
 public:
  static constexpr std::size_t kDefaultLimit = 1000;

  explicit EventLog(std::size_t limit = kDefaultLimit) : limit_(limit) {}

  // Numbers it; `number` of the argument does not matter.
  void Add(Event event);

  const std::deque<Event>& all() const { return events_; }

  // Number of the last event ever added; 0 before the first.
  std::uint64_t last() const { return last_; }

  // Those after `number`, of which the oldest may be gone already.
  std::vector<const Event*> After(std::uint64_t number) const;

  // Those about one key of one cgroup, or with file "" about the cgroup and all of its keys.
  std::vector<const Event*> Of(const CgroupPath& path, std::string_view file) const;

 private:
  std::size_t limit_;
  std::uint64_t last_ = 0;
  std::deque<Event> events_;
};

}  // namespace reeve::engine
