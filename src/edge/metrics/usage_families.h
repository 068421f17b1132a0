// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/model/usage_snapshot.h"
#include "edge/metrics/exposition_writer.h"

namespace reeve::metrics {

// Writes the families of all cgroups. Leaves are in reeve_cgroup_*, inner cgroups in
// reeve_cgroup_tree_*, so that a sum over one family counts nothing twice. Labels are `cgroup`,
// `tenant` and, for disks, `device` by its name; everything else a policy says of a cgroup is in
// reeve_cgroup_info. What is absent in the snapshot has no sample.
//   max_series   where all would be more, whole families are left out, least important first, so
//                that those which remain are complete; 0 leaves out all
// Returns whether something was left out.
bool WriteUsage(const UsageSnapshot& snapshot, std::size_t max_series, ExpositionWriter& writer);

// A policy's own label as a label's name: label_ and every character outside [A-Za-z0-9_] as '_'.
std::string PolicyLabelName(std::string_view label);

}  // namespace reeve::metrics
