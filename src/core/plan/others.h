// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/model/cgroup_path.h"

namespace reeve::plan {

// Who makes cgroups of this name at the top of a tree and writes to them: "systemd", "Kubernetes"; ""
// for a name that nobody claims. Whether it is really theirs is for whoever sees it to say.
std::string_view WhoseName(const CgroupPath& path);

}  // namespace reeve::plan
