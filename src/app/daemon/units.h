// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/daemon/taking_up.h"
#include "core/engine/engine.h"
#include "core/model/host_facts.h"
#include "core/model/way_up.h"
#include "edge/systemd/bus.h"
#include "edge/systemd/loop.h"
#include "edge/systemd/unit_fs.h"
#include "edge/systemd/unit_list.h"
#include "edge/systemd/unit_writer.h"

namespace reeve::daemon {

// Limits of systemd's units: a second engine, over units instead of a tree. Speaks to systemd only once a
// policy names units, or what was found in some has to be given back. While systemd can not be asked
// everything here waits, and nothing else does.
class Units {
 public:
  struct Callbacks {
    std::function<void()> wake;   // there may be work for Step
    std::function<void()> judge;  // units came or went: policies may mean something else
  };

  //   directory   where it is remembered what was found in units; gone after a reboot
  //   events      of the tree's engine; what happens to units stands there, too
  Units(systemd::Loop& loop, std::string directory, engine::EventLog& events, Callbacks callbacks);
  ~Units();

  // Speaks to systemd from now on. What keeps it from that is logged and in why_not().
  void Need();

  bool needed() const { return fs_ != nullptr; }

  // Whether something was found in units by the reeved before, and is to be given back.
  bool remembers() const;

  // Loaded units, as facts; none while they are not known.
  const std::map<std::string, UnitFact>& Facts();

  // Before the first Judged: what must be known of the time before the restart.
  void Restore(const Standing& standing);

  // A generation, judged with what Facts() gave last.
  void Judged(TakingUp::SharedGeneration generation);

  // The engine's; false while systemd can not be asked.
  bool Step(engine::Instant now);
  std::optional<engine::Instant> NextWake() const;

  // What the engine keeps, or false where nothing was to be done: nobody has to wait for it.
  bool resting() const;

  // What the units are to be; empty without a generation.
  const Desired& desired() const;

  // What differs; what can not be looked at now is pending.
  Plan plan() const;

  bool as_described() const;

  // Why systemd can not be asked, in words; "" when it can, or nobody wants it.
  std::string why_not() const;

  // The tree's standing with what is known of units.
  Standing Join(Standing standing) const;

  // What would be done for other policies; only when needed(). Units that are not governed yet must be read
  // for that: false, and `wake` comes when it makes sense to ask again.
  bool CanPreview(const Desired& units);
  Plan Preview(const Desired& units);

  // Cgroups of units, as absolute directories, whose files others may write to; nullopt when they may not
  // be others than at the last call.
  std::optional<std::set<std::string>> TakeDirectories();

  // Somebody touched a file in such a directory; false: no unit of ours.
  bool Heard(const std::string& directory, Touch touch);

  // Writes were not heard.
  void LostTrack();

  // A unit and what is above it, as steps of the way up; empty when it is not there.
  WayUp ReadWay(const CgroupPath& unit, const std::vector<std::string>& files);

  // "MemoryMax=8589934592" for a unit's file; "" when it has no property or is not known.
  std::string DescribeProperties(const CgroupPath& unit, const std::string& file) const;

  // Both only when needed().
  engine::Engine& engine() const { return *engine_; }

  port::CgroupFs& fs() const { return *fs_; }

 private:
  Result<> Open();
  bool current() const;
  bool wanted() const;
  void OnList();
  void OnUnit(const std::string& unit);
  void Enforce();
  std::shared_ptr<const Desired> Kept() const;
  Plan PendingPlan(const Desired& units) const;

  systemd::Loop& loop_;
  std::string directory_;
  engine::EventLog& events_;
  Callbacks callbacks_;
  std::string failed_;  // why it could not be opened
  std::unique_ptr<systemd::UnitFs> fs_;
  std::unique_ptr<systemd::UnitWriter> writer_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<port::CgroupFs> tree_;  // the hierarchy
  std::string tree_directory_;
  std::unique_ptr<systemd::UnitList> list_;
  std::unique_ptr<systemd::Bus> bus_;  // last: it calls back into all of them
  systemd::Source safety_;
  std::map<std::string, UnitFact> facts_;
  bool facts_stale_ = true;
  bool was_ready_ = false;  // the bus, at least once
  Usec needed_since_{0};
  bool directories_stale_ = false;
  TakingUp::SharedGeneration generation_;
  bool enforced_ =
      false;  // generation_ was handed to the engine, judged with units that were known
  bool judged_known_ = false;
  std::set<std::string> loaded_;  // as it was judged
  std::set<std::string> also_;    // to be seen for a preview
  Standing standing_;             // of the time before the restart, until the engine has its own
  std::uint64_t page_size_;
};

}  // namespace reeve::daemon
