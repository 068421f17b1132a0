// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/model/plan.h"

namespace reeve::show {

// One line of a plan's table: a change, or the same change of many instances of a template.
// Texts are for people and escaped, lines within a cell end in a newline.
struct PlanRow {
  enum class Kind { kCreate, kSet, kControllers, kMove, kRemove, kSame };

  Kind kind = Kind::kSet;
  char sign = ' ';     // + ~ - > =, ' ' for the values of a cgroup that is created
  CgroupPath path;     // of the first instance
  std::string cgroup;  // "people/user-<uid> each x38"
  std::string key;
  std::string now;
  std::string wanted;
  std::string why;
  bool drift = false;
  std::vector<CgroupPath> paths;  // all instances
};

struct RowOptions {
  bool raw = false;          // kernel units
  bool controllers = false;  // also rows for controllers that are handed down
  std::string cgroup_glob;   // only these and what lies below them; "" = all
};

// The rows of some actions, by cgroup and within it as they are done. Instances of a template share
// a row while everything in it is the same.
std::vector<PlanRow> MakeRows(const std::vector<Action>& actions, const RowOptions& options);

// Rows for values that are as they shall be (plan --full): all of `desired` that no action touches.
std::vector<PlanRow> SameRows(const Desired& desired,
                              const std::vector<Action>& actions,
                              const RowOptions& options);

// Whether a cgroup or one above it matches; "" matches all.
bool IsSelected(const CgroupPath& path, const std::string& glob);

// Template of each instance that the actions name, to group what else is said about it.
std::map<CgroupPath, std::string> TemplatesOf(const std::vector<Action>& actions);

// "people/user-20333", or "people/user-<uid> each x38" for several instances of one template.
std::string GroupName(const CgroupPath& first, const std::string& template_name, std::size_t count);

}  // namespace reeve::show
