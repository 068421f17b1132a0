// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/yaml_tree.h"

namespace reeve::policy {

// What stands behind YamlNode: flat arrays, because 10,000 cgroups are 100,000 nodes and 10 MiB of
// separate allocations would cost more than yaml-cpp itself.
struct YamlTree {
  struct Node {
    std::string_view text;  // into the source file, or into `unescaped`
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t length = 1;
    std::uint32_t first = 0;  // maps and sequences: range of `children`; maps: key, value, key, ...
    std::uint32_t count = 0;
    YamlNode::Kind kind = YamlNode::Kind::kNull;
    bool quoted = false;
    bool several_lines = false;  // a plain scalar that goes on below its first line
  };

  std::shared_ptr<const SourceFile> file;
  std::vector<Node> nodes;
  std::vector<std::uint32_t>
      children;  // indices of nodes; an alias is a second index of the same node
  std::deque<std::string> unescaped;  // texts that the file does not hold byte for byte
  std::uint32_t root = 0;
  bool truncated = false;
};

}  // namespace reeve::policy
