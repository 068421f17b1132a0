// SPDX-License-Identifier: Apache-2.0
#include "core/plan/resolve_checks.h"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/policy/quantity.h"

namespace reeve::plan {
namespace {

constexpr std::string_view kPromiseFiles[] = {"memory.min", "memory.low"};

std::string InBytes(std::uint64_t value) {
  return policy::FormatQuantity(Dimension::kBytes, value);
}

// The files of one cgroup that are judged against each other, found in one pass.
struct Judged {
  const DesiredKnob* min = nullptr;
  const DesiredKnob* low = nullptr;
  const DesiredKnob* high = nullptr;
  const DesiredKnob* max = nullptr;
  const DesiredKnob* swap_high = nullptr;
  const DesiredKnob* swap_max = nullptr;
  const DesiredKnob* cpu_max = nullptr;
  const DesiredKnob* burst = nullptr;
  const DesiredKnob* weight = nullptr;
  const DesiredKnob* nice = nullptr;
  const DesiredKnob* idle = nullptr;
  const DesiredKnob* partition = nullptr;
  const DesiredKnob* cpus = nullptr;
  const DesiredKnob* exclusive = nullptr;
};

Judged Collect(const DesiredKnobs& knobs) {
  Judged judged;
  const std::pair<std::string_view, const DesiredKnob**> wanted[] = {
      {"cpu.idle", &judged.idle},
      {"cpu.max", &judged.cpu_max},
      {"cpu.max.burst", &judged.burst},
      {"cpu.weight", &judged.weight},
      {"cpu.weight.nice", &judged.nice},
      {"cpuset.cpus", &judged.cpus},
      {"cpuset.cpus.exclusive", &judged.exclusive},
      {"cpuset.cpus.partition", &judged.partition},
      {"memory.high", &judged.high},
      {"memory.low", &judged.low},
      {"memory.max", &judged.max},
      {"memory.min", &judged.min},
      {"memory.swap.high", &judged.swap_high},
      {"memory.swap.max", &judged.swap_max},
  };
  // Both run in the order of names.
  const auto* at = std::begin(wanted);
  for (const auto& [file, knob] : knobs) {
    while (at != std::end(wanted) && at->first < file) ++at;
    if (at == std::end(wanted)) break;
    if (at->first == file && knob.knob != nullptr) *at->second = &knob;
  }
  return judged;
}

std::optional<std::uint64_t> Finite(const DesiredKnob* knob) {
  if (knob == nullptr) return std::nullopt;
  const Limit limit = std::get<Limit>(knob->value);
  if (limit.is_max()) return std::nullopt;
  return limit.value();
}

bool Above(const DesiredKnob* a, const DesiredKnob* b) {
  const auto first = Finite(a);
  const auto second = Finite(b);
  return first && second && *first > *second;
}

bool IsTrue(const DesiredKnob* knob) {
  return Finite(knob) == std::optional<std::uint64_t>(1);
}

SourceMark KeyMark(const Node& node, const DesiredKnob& knob) {
  const auto setting = node.settings->find(std::string(knob.knob->file));
  return setting == node.settings->end() ? knob.mark : setting->second.setting.key_mark;
}

void WarnNever(const DesiredKnob& what,
               const DesiredKnob& beside,
               std::string_view why,
               policy::Findings& findings) {
  policy::Diagnostic& warning =
      findings.Warning("R0409",
                       what.mark,
                       fmt::format("{} is above {}", what.knob->file, beside.knob->file),
                       std::string(why));
  warning.related = policy::RelatedPlace{beside.mark, "this comes first"};
}

void CheckMemory(const Judged& j, policy::Findings& findings) {
  if (Above(j.high, j.max)) {
    policy::Diagnostic& error = findings.Error("R0107",
                                               j.high->mark,
                                               "memory.high is above memory.max",
                                               "lower memory.high, or drop memory.max");
    error.related = policy::RelatedPlace{j.max->mark, "the limit it can never reach"};
  }
  constexpr std::string_view kProtect = "what is protected beyond the limit is never there";
  for (const DesiredKnob* protection : {j.low, j.min}) {
    if (Above(protection, j.high)) {
      WarnNever(*protection, *j.high, kProtect, findings);
    } else if (Above(protection, j.max)) {
      WarnNever(*protection, *j.max, kProtect, findings);
    }
  }
  if (Above(j.min, j.low)) {
    WarnNever(*j.min, *j.low, "what memory.min keeps needs no memory.low", findings);
  }
  if (Above(j.swap_high, j.swap_max)) {
    WarnNever(*j.swap_high, *j.swap_max, "lower memory.swap.high", findings);
  }
}

void CheckBurst(const Judged& j, policy::Findings& findings) {
  const auto burst = Finite(j.burst);
  if (!burst || j.cpu_max == nullptr) return;
  const auto& cpu = std::get<CpuMax>(j.cpu_max->value);
  // Without a quota the kernel takes any burst.
  if (cpu.quota.is_max() || *burst <= cpu.quota.value()) return;
  policy::Diagnostic& error =
      findings.Error("R0133",
                     j.burst->mark,
                     fmt::format("cpu.max.burst is {}, above the quota of {}",
                                 policy::FormatQuantity(Dimension::kTime, *burst),
                                 policy::FormatQuantity(Dimension::kTime, cpu.quota.value())),
                     "`100% of cpu.max` is the most the kernel takes");
  error.related =
      policy::RelatedPlace{j.cpu_max->mark,
                           fmt::format("the quota of {} in {}",
                                       policy::FormatQuantity(Dimension::kTime, cpu.quota.value()),
                                       policy::FormatQuantity(Dimension::kTime, cpu.period))};
}

void CheckShares(const Node& node, const Judged& j, policy::Findings& findings) {
  const DesiredKnob* share = j.weight != nullptr ? j.weight : j.nice;
  if (share == nullptr) return;
  if (IsTrue(j.idle)) {
    policy::Diagnostic& error =
        findings.Error("R0127",
                       KeyMark(node, *share),
                       fmt::format("{} cannot stand beside cpu.idle: true", share->knob->file),
                       "an idle cgroup has no share, drop one of the two");
    error.related = policy::RelatedPlace{KeyMark(node, *j.idle), "set here"};
  }
  if (j.weight != nullptr && j.nice != nullptr) {
    policy::Diagnostic& error = findings.Error("R0127",
                                               KeyMark(node, *j.nice),
                                               "cpu.weight.nice is cpu.weight in other words",
                                               "set one of the two");
    error.related = policy::RelatedPlace{KeyMark(node, *j.weight), "set here"};
  }
}

void CheckPartition(const Judged& j, policy::Findings& findings) {
  if (j.partition == nullptr || std::get<std::string>(j.partition->value) == "member") return;
  for (const DesiredKnob* ids : {j.cpus, j.exclusive}) {
    if (ids != nullptr && !std::get<IdSet>(ids->value).ranges.empty()) return;
  }
  findings.Warning("R0410",
                   j.partition->mark,
                   "a partition needs CPUs of its own",
                   "set `cpuset.cpus` beside it");
}

}  // namespace

void CheckTogether(const Node& node, const DesiredKnobs& knobs, policy::Findings& findings) {
  if (knobs.size() < 2 && !knobs.contains("cpuset.cpus.partition")) return;
  const Judged judged = Collect(knobs);
  CheckMemory(judged, findings);
  CheckBurst(judged, findings);
  CheckShares(node, judged, findings);
  CheckPartition(judged, findings);
}

std::uint64_t Promises::Amount(const DesiredKnob* knob) {
  if (knob == nullptr) return 0;
  const Limit limit = std::get<Limit>(knob->value);
  return limit.is_max() ? std::numeric_limits<std::uint64_t>::max() : limit.value();
}

void Promises::Count(Claim& claim, const DesiredKnob& child) {
  const std::uint64_t amount = Amount(&child);
  const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - claim.below;
  claim.below += amount < room ? amount : room;
  if (claim.largest == nullptr || amount > Amount(claim.largest)) claim.largest = &child;
}

void Promises::Add(std::size_t node, int parent, const DesiredKnobs& knobs) {
  Claims& above = parent == Node::kNone ? outermost_ : claims_[static_cast<std::size_t>(parent)];
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const auto knob = knobs.find(std::string(kPromiseFiles[kind]));
    if (knob == knobs.end() || knob->second.knob == nullptr) continue;
    claims_[node].kinds[kind].own = &knob->second;
    // `max` asks for all there is, which is a promise to nobody in particular.
    if (!std::get<Limit>(knob->second.value).is_max()) {
      Count(above.kinds[kind], knob->second);
    }
  }
}

void Promises::Report(const std::vector<Node>& nodes,
                      const HostFacts& facts,
                      policy::Findings& findings) const {
  // Without all of either kind the kernel does something else: memory.min it keeps at any price,
  // memory.low it takes from everybody when it must.
  constexpr std::string_view kWhatHappens[] = {
      "the kernel kills somewhere when it cannot keep what was promised",
      "when memory is short the kernel takes from all of them as if nobody were protected"};
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const Claim& claim = outermost_.kinds[kind];
    if (facts.memory == 0 || claim.below <= facts.memory) continue;
    findings.Warning("R0403",
                     claim.largest->mark,
                     fmt::format("{} of the outermost cgroups adds up to {}, this host has {}",
                                 kPromiseFiles[kind],
                                 InBytes(claim.below),
                                 InBytes(facts.memory)),
                     std::string(kWhatHappens[kind]));
  }
  for (std::size_t at = 0; at < claims_.size(); ++at) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      const Claim& claim = claims_[at].kinds[kind];
      const std::uint64_t own = Amount(claim.own);
      if (claim.largest == nullptr || claim.below <= own) continue;
      const std::string_view file = kPromiseFiles[kind];
      const std::string& name = nodes[at].path.text();
      policy::Diagnostic& warning = findings.Warning(
          "R0404",
          claim.largest->mark,
          own == 0 ? fmt::format("{} protects nothing here: `{}` above it has none", file, name)
                   : fmt::format("{} of the cgroups below `{}` adds up to {}, it has {} itself",
                                 file,
                                 name,
                                 InBytes(claim.below),
                                 InBytes(own)),
          fmt::format("give `{}` {}: {}", name, file, InBytes(claim.below)));
      if (claim.own != nullptr) {
        warning.related = policy::RelatedPlace{claim.own->mark, "what there is to share"};
      }
    }
  }
}

}  // namespace reeve::plan
