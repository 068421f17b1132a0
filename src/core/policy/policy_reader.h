// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/model/policy.h"
#include "core/policy/diagnostic.h"
#include "core/policy/yaml_tree.h"

namespace reeve::policy {

// Reads one document of a policy file; nullopt when it is none. Values of interface files stay
// text, but those without <variables> are parsed once to find what is wrong with them.
//   version   of this reeve: a document whose `when: {reeve: ...}` excludes it is not judged
//   further, and comes
//             back with its name and its condition only. "" = judge all
std::optional<Document> ReadDocument(const YamlDocument& yaml,
                                     std::string_view version,
                                     Findings& findings);

}  // namespace reeve::policy
