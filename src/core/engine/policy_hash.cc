// SPDX-License-Identifier: Apache-2.0
#include "core/engine/policy_hash.h"

#include <algorithm>
#include <cstddef>

#include "core/base/sha256.h"

namespace reeve::engine {
namespace {

// Where a set was read from ("policy.d/10-web.yaml") is no part of what it says.
std::string LastPart(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

}  // namespace

std::string PolicyHash(const std::vector<std::shared_ptr<const SourceFile>>& files) {
  std::vector<std::string> lines;
  for (const auto& file : files) {
    lines.push_back(LastPart(file->name) + "\n" + Sha256Hex(file->text));
  }
  std::sort(lines.begin(), lines.end());
  std::string list;
  for (const std::string& line : lines) {
    const std::size_t end = line.find('\n');
    list += line.substr(end + 1) + "  " + line.substr(0, end) + "\n";
  }
  return "sha256:" + Sha256Hex(list);
}

}  // namespace reeve::engine
