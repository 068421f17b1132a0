// SPDX-License-Identifier: Apache-2.0
#include "core/plan/resolve_host.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/format/id_set.h"
#include "core/model/controller.h"
#include "core/policy/condition_value.h"

namespace reeve::plan {
namespace {

constexpr auto kAllControllers = {Controller::kCpuset,
                                  Controller::kCpu,
                                  Controller::kIo,
                                  Controller::kMemory,
                                  Controller::kHugetlb,
                                  Controller::kPids,
                                  Controller::kRdma,
                                  Controller::kMisc,
                                  Controller::kDmem};

std::string WhyNoFile(const Setting& setting, const HostFacts& facts) {
  if (setting.knob == nullptr) return fmt::format("this kernel has no file {}", setting.file);
  const Knob& knob = *setting.knob;
  if (!facts.kernel.empty() && policy::CompareVersion(facts.kernel, knob.since) < 0) {
    return fmt::format(
        "kernel {} has no {}; Linux {} brought it", facts.kernel, setting.file, knob.since);
  }
  if (knob.controller == Controller::kHugetlb) {
    return "this host has no huge pages of that size";
  }
  if (setting.file.starts_with("memory.swap.")) {
    return fmt::format("this host has no {}: swap accounting is off", setting.file);
  }
  return fmt::format("this kernel was built or started without {}", setting.file);
}

// What of `wanted` is in `there`, and what is not.
std::pair<IdSet, IdSet> Divide(const IdSet& wanted, const IdSet& there) {
  IdSet in;
  IdSet out;
  for (const auto& range : wanted.ranges) {
    std::uint64_t at = range.first;
    const std::uint64_t end = std::uint64_t{range.second} + 1;
    for (const auto& known : there.ranges) {
      const std::uint64_t low = std::max<std::uint64_t>(known.first, at);
      const std::uint64_t high = std::min<std::uint64_t>(std::uint64_t{known.second} + 1, end);
      if (low >= high) continue;
      const auto begin = static_cast<std::uint32_t>(low);
      if (at < low) out.ranges.emplace_back(static_cast<std::uint32_t>(at), begin - 1);
      in.ranges.emplace_back(begin, static_cast<std::uint32_t>(high - 1));
      at = high;
    }
    if (at < end) out.ranges.emplace_back(static_cast<std::uint32_t>(at), range.second);
  }
  return {format::NormalIdSet(std::move(in)), format::NormalIdSet(std::move(out))};
}

}  // namespace

ControllerSet UsableControllers(const HostFacts& facts) {
  return facts.controllers.empty() && facts.files.empty() ? ControllerSet(kAllControllers)
                                                          : facts.controllers;
}

Controller ControllerOf(const Setting& setting) {
  if (setting.knob != nullptr) return setting.knob->controller;
  const std::string_view file = setting.file;
  return ControllerByName(file.substr(0, file.find('.'))).value_or(Controller::kCore);
}

std::optional<std::string> WhyUnsupported(const Setting& setting,
                                          const Node& node,
                                          const HostFacts& facts) {
  const Controller controller = ControllerOf(setting);
  if (controller != Controller::kCore) {
    if (!UsableControllers(facts).Has(controller)) {
      return fmt::format("this host's managed root has no {} controller",
                         ControllerName(controller));
    }
    if (node.threaded && !IsThreaded(controller)) {
      return fmt::format("{} does not work in threaded cgroups and beside them",
                         ControllerName(controller));
    }
  }
  if (facts.files.empty() || facts.files.contains(setting.file)) return std::nullopt;
  return WhyNoFile(setting, facts);
}

Fitted FitIds(const Setting& setting, const HostFacts& facts) {
  const auto& wanted = std::get<IdSet>(setting.value);
  const bool nodes = setting.file == "cpuset.mems";
  const std::optional<IdSet>& there = nodes ? facts.memory_nodes : facts.cpu_ids;
  Fitted fitted;
  if (!there || wanted.ranges.empty()) {
    fitted.value = wanted;
    return fitted;
  }
  auto [in, out] = Divide(wanted, *there);
  if (out.ranges.empty()) {
    fitted.value = wanted;
    return fitted;
  }
  Gap gap;
  gap.kind = Gap::Kind::kPending;
  gap.file = setting.file;
  gap.mark = setting.mark;
  gap.reason = fmt::format("the managed root has no {} {}, only {}",
                           nodes ? "memory node" : "CPU",
                           format::FormatIdSet(out),
                           format::FormatIdSet(*there));
  fitted.gaps.push_back(std::move(gap));
  if (in.ranges.empty()) return fitted;
  fitted.note = fmt::format("without {}, not there", format::FormatIdSet(out));
  fitted.value = std::move(in);
  return fitted;
}

}  // namespace reeve::plan
