// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/way_up.h"
#include "core/port/cgroup_fs.h"

namespace reeve::engine {

// Reads a cgroup and all above it up to the managed root, which comes last and is named `root_name`.
// What can not be read is absent; empty when there is no such cgroup.
//   files   further files to read of each, as the kernel prints them
WayUp ReadWayUp(port::CgroupFs& fs,
                const CgroupPath& path,
                const std::string& root_name,
                const std::vector<std::string>& files);

// Reads one cgroup as a step of the way from below, without its weight among its siblings.
Step ReadStep(port::CgroupFs& fs,
              const CgroupPath& path,
              std::string name,
              const std::vector<std::string>& files);

// Own weight and that of all siblings with somebody in them, of a child of `parent`.
void ReadWeights(port::CgroupFs& fs, const CgroupPath& parent, std::string_view child, Step& step);

// Opens another directory of the same hierarchy; null where the tree ends.
using OpenTree = std::function<std::unique_ptr<port::CgroupFs>(const std::string& directory)>;

// Goes on above the managed root at `root`, an absolute path: what lies there is others' business, but it limits all
// the same.
void AddAbove(const std::string& root,
              const OpenTree& open,
              const std::vector<std::string>& files,
              WayUp& way);

// Gives each step of `now` the step of the same name in `earlier`, `seconds` before.
void AddBefore(const WayUp& earlier, double seconds, WayUp& now);

}  // namespace reeve::engine
