// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/desired.h"
#include "core/model/observed.h"
#include "core/plan/diff.h"
#include "core/port/cgroup_fs.h"

namespace reeve::engine {

// Reads the tree as far as a plan for `desired` needs it: wanted files of wanted cgroups,
// everything that carries our mark. Keeps what it knows of marks by cgroup id, so that a converged
// pass reads the wanted files and little else (P10).
class Observer {
 public:
  explicit Observer(port::CgroupFs& fs) : fs_(fs) {}

  Observed Observe(const Desired& desired);

  // Looks again only at cgroups in which something may have moved, each with all below it; the
  // rest, and so the cost of a lone drift on a large host, stays as it was observed. Only valid on
  // a complete observation.
  void Refresh(const Desired& desired, const std::set<CgroupPath>& changed, Observed& observed);

  // Looks again only at the files of these cgroups, all of which are wanted. False: one is not the
  // cgroup that it was, and Refresh must look.
  bool Reread(const Desired& desired, const std::set<CgroupPath>& changed, Observed& observed);

  // Whether everything still reads as it did: the files, what inner cgroups hand down, and which children they
  // have. Costs little more than reading the files, which is why a pass over a converged tree starts with it.
  // What it can not see is left to the next whole look: a cgroup that was made anew and holds the very same
  // values, and strangers below a leaf.
  bool Unchanged(const Observed& before);

  // Adds evidence to an observation made just before.
  void Gather(const std::vector<plan::Evidence>& wanted, Observed& observed);

  // Forgets the cached mark of a cgroup that somebody (we, or a stranger) has written.
  void Forget(const CgroupPath& path) { marks_.erase(path); }

 private:
  struct KnownMark {
    CgroupId id = 0;
    std::shared_ptr<const OwnerMark> mark;
  };

  bool SameChildren(const CgroupPath& parent, const Observed& before);
  bool SameFile(const CgroupPath& path, std::string_view file, std::string_view before);
  void ReadRoot(Observed& observed);
  void ObserveChildren(const CgroupPath& parent,
                       const Desired& desired,
                       ControllerSet handed_down,
                       Observed& observed);
  void ObserveCgroup(const CgroupPath& path,
                     const Desired& desired,
                     ControllerSet handed_down,
                     Observed& observed);
  void ReadType(const CgroupPath& path, ObservedCgroup& cgroup, Observed& observed);
  void ReadFiles(const CgroupPath& path,
                 const DesiredCgroup* wanted,
                 ObservedCgroup& cgroup,
                 Observed& observed);
  void GatherOne(const plan::Evidence& item, ObservedCgroup& cgroup, Observed& observed);
  Result<std::shared_ptr<const OwnerMark>> MarkOf(const CgroupPath& path, CgroupId id);

  port::CgroupFs& fs_;
  std::map<CgroupPath, KnownMark> marks_;
};

}  // namespace reeve::engine
