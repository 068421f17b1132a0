// SPDX-License-Identifier: Apache-2.0
#include "core/model/controller.h"

#include <array>

#include "core/base/text.h"

namespace reeve {
namespace {

// In the order of the enumeration, which is the order in which the kernel lists them.
constexpr std::array<std::string_view, kControllerCount> kNames = {
    "cgroup", "cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc", "dmem"};

}  // namespace

std::string_view ControllerName(Controller controller) {
  return kNames.at(static_cast<std::size_t>(controller));
}

std::optional<Controller> ControllerByName(std::string_view name) {
  // "cgroup" is our word for files without a controller; no kernel lists it.
  for (std::size_t i = 1; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Controller>(i);
  }
  return std::nullopt;
}

bool IsThreaded(Controller controller) {
  return controller == Controller::kCpu || controller == Controller::kCpuset ||
         controller == Controller::kPids;
}

ControllerSet ControllerSet::Parse(std::string_view text) {
  ControllerSet set;
  for (std::string_view word : SplitWords(text)) {
    if (auto controller = ControllerByName(word)) set.Add(*controller);
  }
  return set;
}

std::vector<Controller> ControllerSet::List() const {
  std::vector<Controller> list;
  for (int i = 0; i < kControllerCount; ++i) {
    const auto controller = static_cast<Controller>(i);
    if (Has(controller)) list.push_back(controller);
  }
  return list;
}

std::string ControllerSet::ToString(std::string_view sign) const {
  std::string text;
  for (Controller controller : List()) {
    if (!text.empty()) text += ' ';
    text += sign;
    text += ControllerName(controller);
  }
  return text;
}

}  // namespace reeve
