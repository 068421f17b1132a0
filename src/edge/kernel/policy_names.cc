// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/policy_names.h"

namespace reeve::kernel {

std::string WhyIgnored(std::string_view name) {
  const auto has = [name](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  };
  if (name.starts_with(".ansible_tmp")) return "being written by Ansible";
  if (name.starts_with('.')) return "hidden";
  if (name.ends_with('~') || name.ends_with(".swp") ||
      (name.starts_with('#') && name.ends_with('#'))) {
    return "backup of an editor";
  }
  if (has(".dpkg-")) return "left by dpkg";
  if (has(".rpm")) return "left by rpm";
  if (name.ends_with(".yml")) return "ends in .yml; only .yaml is read";
  if (!name.ends_with(".yaml")) return "does not end in .yaml";
  return "";
}

bool IsVolumeInternal(std::string_view name) {
  return name.starts_with("..");
}

}  // namespace reeve::kernel
