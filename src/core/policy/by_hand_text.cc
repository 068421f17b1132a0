// SPDX-License-Identifier: Apache-2.0
#include "core/policy/by_hand_text.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::policy {
namespace {

// The tree by names: paths do not sort parents before children ("a", "a-b", "a/c").
struct Branch {
  const HandKeys* keys = nullptr;
  const HandKeys* self = nullptr;
  std::map<std::string, Branch, std::less<>> below;
};

void WriteKeys(const HandKeys& keys, const std::string& indent, std::string& out) {
  for (const auto& [key, value] : keys) out += fmt::format("{}{}: {}\n", indent, key, value);
}

void WriteBranches(const std::map<std::string, Branch, std::less<>>& branches,
                   const std::string& indent,
                   std::string& out) {
  for (const auto& [name, branch] : branches) {
    out += fmt::format("{}{}:", indent, QuotedYaml(name));
    const bool empty = branch.keys == nullptr && branch.self == nullptr && branch.below.empty();
    out += empty ? " {}\n" : "\n";
    const std::string inner = indent + "  ";
    if (branch.keys != nullptr) WriteKeys(*branch.keys, inner, out);
    if (branch.self != nullptr) {
      out += inner + "self:\n";
      WriteKeys(*branch.self, inner + "  ", out);
    }
    if (!branch.below.empty()) {
      out += inner + "cgroups:\n";
      WriteBranches(branch.below, inner + "  ", out);
    }
  }
}

}  // namespace

std::string QuotedYaml(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string CgroupsYaml(const HandTree& tree) {
  Branch root;
  for (const auto& [path, keys] : tree) {
    const bool self = path.name() == "_self";
    Branch* branch = &root;
    const CgroupPath place = self ? path.Parent() : path;
    for (std::string_view part : Split(place.text(), '/')) {
      branch = &branch->below[std::string(part)];
    }
    if (keys.empty()) continue;
    (self ? branch->self : branch->keys) = &keys;
  }
  std::string out;
  WriteBranches(root.below, "  ", out);
  return out;
}

}  // namespace reeve::policy
