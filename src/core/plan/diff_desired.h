// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/desired.h"

namespace reeve::plan {

// One thing that one desired tree says otherwise than another.
struct DesiredChange {
  enum class Kind {
    kCgroupAdded,
    kCgroupRemoved,
    kKey,       // set, changed or no longer set
    kProperty,  // a word of reeve's own: shrink, on_drift, a label
    kGap,       // can not be had on this host, in one of the two
  };

  Kind kind = Kind::kKey;
  CgroupPath path;
  std::string template_name;  // of an instance, in the newer tree if it is there
  bool observed_only = false;
  std::string file;  // the interface file, or the property's name
  const Knob* knob = nullptr;
  std::string from;  // kernel text or word; "" = nothing
  std::string to;
  SourceMark from_mark;  // unknown where there is none
  SourceMark to_mark;
};

// What differs, by path and within it cgroup, keys, properties, gaps. Values are compared, not texts: what
// comes to the same number is the same. A cgroup that is added or removed is one change, followed by its
// keys.
std::vector<DesiredChange> DiffDesired(const Desired& from, const Desired& to);

}  // namespace reeve::plan
