// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/units.h"
#include "core/model/host_facts.h"
#include "core/model/knob_value.h"
#include "core/model/setting.h"
#include "core/plan/resolve_tree.h"
#include "core/policy/diagnostic.h"
#include "core/policy/expression.h"

namespace reeve::plan {

// Works amounts out for this host. Each setting that refers to others is worked out once and remembered,
// because every child of a cgroup may ask for its parent's value.
class Amounts {
 public:
  Amounts(const std::vector<Node>& nodes, const HostFacts& facts, policy::Findings& findings)
      : nodes_(nodes), facts_(facts), findings_(findings) {}

  // The value of a setting with an Expression or a CpuMaxExpression, in the kernel's unit and range.
  // nullopt: there is none on this host, which is in the findings.
  std::optional<KnobValue> Resolve(int node, const Setting& setting);

 private:
  class Asked;

  // The number behind a setting: bytes, tasks, quota, ... For cpu.max the period beside it.
  struct Number {
    Limit limit = Limit::Max();
    std::int64_t below_zero = 0;  // nice levels only
    std::uint64_t period = 0;
  };

  struct Memory {
    bool busy = true;
    std::optional<Number> number;
  };

  std::optional<Number> NumberOf(int node, const Setting& setting);
  std::optional<Number> Compute(int node, const Setting& setting);
  std::optional<Number> Judge(const Setting& setting,
                              const policy::Evaluation& evaluation,
                              std::uint64_t period);
  bool JudgeRange(const Setting& setting, std::uint64_t number, std::uint64_t period);
  std::uint64_t PeriodOf(int node) const;
  const Setting* FindSetting(const Node& node, std::string_view file) const;
  std::optional<policy::Amount> Nearest(int start,
                                        std::string_view file,
                                        const Setting& asking,
                                        std::uint64_t period);
  // What stands in limits that were found, which are kernel text.
  static std::optional<policy::Amount> In(const std::map<std::string, std::string>& limits,
                                          std::string_view file,
                                          std::uint64_t period);
  std::optional<policy::Amount> OfHost(const Knob& knob,
                                       const Setting& asking,
                                       std::uint64_t period);
  std::string HostInWords(const Knob& knob) const;

  const std::vector<Node>& nodes_;
  const HostFacts& facts_;
  policy::Findings& findings_;
  std::unordered_map<const Setting*, Memory> memory_;
};

}  // namespace reeve::plan
