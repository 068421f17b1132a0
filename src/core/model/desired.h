// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/model/cgroup_path.h"
#include "core/model/controller.h"
#include "core/model/expiry.h"
#include "core/model/knob.h"
#include "core/model/knob_value.h"
#include "core/model/policy.h"
#include "core/model/source_mark.h"

namespace reeve {

// One interface file of one cgroup in kernel units, with where it was said.
struct DesiredKnob {
  const Knob* knob = nullptr;  // nullptr: raw text, compared and written as it stands
  KnobValue value = Limit::Max();
  std::string written;  // as the policy says it: "0.5 cores"
  std::string note;     // what resolving added: "on 259:0, the disk of /srv"; may be empty
  SourceMark mark;
  std::vector<SourceMark> overridden;  // settings this one won against

  bool operator==(const DesiredKnob&) const = default;
};

// A key that cannot be in force on this host now. Pending: tried again on the event that may change
// it (a device, a mount). Unsupported: not before the host's facts change.
struct Gap {
  enum class Kind { kPending, kUnsupported };

  Kind kind = Kind::kUnsupported;
  CgroupPath path;
  std::string file;
  std::string reason;
  SourceMark mark;
  bool required = false;  // `require:` makes the host "not as described"

  bool operator==(const Gap&) const = default;
};

struct DesiredCgroup {
  CgroupPath path;
  SourceMark mark;
  std::string template_name;  // "sites/<name>" for an instance
  std::map<std::string, DesiredKnob> knobs;
  ControllerSet subtree_control;  // what it hands to its children
  std::map<std::string, std::string> labels;
  std::string owner;  // whom to ask, as the policy says it; "" when it does not
  std::string why;
  SourceMark row;                 // of the data that makes it an instance; unknown when it is none
  std::optional<Expiry> expires;  // the first of several
  Shrink shrink = Shrink::kWait;
  OnDrift on_drift = OnDrift::kRepair;

  bool operator==(const DesiredCgroup&) const = default;
};

// Whether both set the same files to the same values, in whatever words.
bool SameValues(const DesiredCgroup& a, const DesiredCgroup& b);

// The policy resolved for this host: every cgroup below the managed root that shall exist.
struct Desired {
  std::map<CgroupPath, DesiredCgroup> cgroups;  // parents included; not the managed root itself
  ControllerSet root_subtree_control;           // what the managed root hands down
  std::vector<Gap> gaps;
  // This host's kernel (7.0 and later) lets a populated cgroup give its list of CPUs or memory nodes
  // back; earlier ones refuse with ENOSPC.
  bool populated_cpuset_empties = false;
  std::string policy_hash;  // "sha256:..." or another stable name of the texts; "" in tests

  // The cgroups of `mode: observe` documents: planned and shown beside, never merged, never
  // written.
  std::map<CgroupPath, DesiredCgroup> observed_only;
  std::vector<WatchedDocument> watched;  // those documents

  bool operator==(const Desired&) const = default;
};

}  // namespace reeve
