// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/model/plan.h"

namespace reeve::plan {

// The stations every plan passes, in this order. Within a station the path decides: parents before
// children where things are built or loosened, children before parents where they are tightened or
// taken down.
enum class Phase {
  kMakeRoom,  // marks of existing cgroups; max.depth and max.descendants grow before something is
              // created below
  kBuild,  // create, mark, limits of new cgroups, processes out of the way, controllers: downward
  // Shrinking limits and protections of existing cgroups, before anything grows: a limit that moves
  // to another level is then never off at both, and what is in force on the way is the tighter of
  // the two ends. CPU and node lists go the other way, because a child's must stay within its
  // parent's.
  kRestrict,
  kLoosen,   // existing cgroups' growing values: downward, so that no child waits for its parent
  kTighten,  // shrinking lists and weights: upward, so that no child is left outside its parent
  kDisable,  // controllers nobody needs any more: upward, the kernel refuses otherwise (EBUSY)
  kRemove,   // processes re-homed, then rmdir: upward
  kForget,   // marks lose the keys that were reset
};

// Ranks of what happens to one cgroup in kBuild. `_self` is made as part of its parent, because the
// parent's controllers wait for it.
enum BuildRank {
  kRankCreate = 0,
  kRankMark = 10,
  kRankSet = 30,  // + rank of the file
  kRankSelf = 200,
  kRankEvacuate = 210,
  kRankEnable = 220,
};

// Where a file stands among the files of its cgroup while values grow; while they shrink the order
// is the reverse. What sort of cgroup it is comes
// first. Keeps min <= low <= high <= max and burst <= quota at each step, swap before max
// when tightening, cpus before the partition made of them, idle before the weight it would reset,
// and freezing last.
int FileRank(std::string_view file);

// Collects actions with their station, then puts them into the one legal order.
class PlanBuilder {
 public:
  using Handle = std::size_t;

  // `needs`: handles of actions without which this one makes no sense.
  Handle Add(Phase phase,
             const CgroupPath& station,
             int rank,
             Action action,
             std::vector<Handle> needs = {});

  std::vector<Action> Finish() &&;

 private:
  struct Step {
    Phase phase;
    CgroupPath station;
    int rank;
    Action action;
    std::vector<Handle> needs;
  };

  std::vector<Step> steps_;
};

}  // namespace reeve::plan
