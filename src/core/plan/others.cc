// SPDX-License-Identifier: Apache-2.0
#include "core/plan/others.h"

#include <array>
#include <string>

namespace reeve::plan {
namespace {

struct Claim {
  std::string_view name;
  std::string_view whose;
  bool with_more = false;  // also names that only begin so
};

constexpr std::array<Claim, 9> kClaims = {{
    {"init.scope", "systemd"},
    {"system.slice", "systemd"},
    {"user.slice", "systemd"},
    {"machine.slice", "systemd"},
    {"kubepods", "Kubernetes", true},
    {"docker", "Docker"},
    {"lxc.", "LXC", true},
    {"libpod_parent", "Podman"},
    {"slurm", "Slurm", true},
}};

}  // namespace

std::string_view WhoseName(const CgroupPath& path) {
  const std::string_view text = path.text();
  const std::string_view top = text.substr(0, text.find('/'));
  for (const Claim& claim : kClaims) {
    if (claim.with_more ? top.starts_with(claim.name) : top == claim.name) return claim.whose;
  }
  return "";
}

}  // namespace reeve::plan
