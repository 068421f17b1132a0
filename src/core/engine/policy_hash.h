// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/model/source_mark.h"

namespace reeve::engine {

// A stable name for a set of policy texts: "sha256:" and the digest of the list that sha256sum
// prints for the files, sorted by name. So anybody can tell without reeve which texts a host runs:
//   cd policy.d && LC_ALL=C sha256sum *.yaml | sha256sum
std::string PolicyHash(const std::vector<std::shared_ptr<const SourceFile>>& files);

}  // namespace reeve::engine
