// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/policy/yaml_tree.h"

namespace reeve::policy {

// A number, or an amount of the interface file's kind that needs no host to be known ("5GiB" of
// memory.max): bytes or a count. nullopt for anything else.
std::optional<std::uint64_t> ReadPlainAmount(std::string_view file, const YamlNode& node);

}  // namespace reeve::policy
