// SPDX-License-Identifier: Apache-2.0
#include "core/engine/guards.h"

#include <algorithm>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::engine {
namespace {

// Below these nothing can log in, answer or repair any more.
constexpr std::uint64_t kLeastMemory = 32ULL << 20;
constexpr std::uint64_t kLeastPids = 8;
constexpr std::uint64_t kLeastCpuPermille = 10;

// The share in whole percent, rounded up: what is said is never below what was compared.
unsigned Percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? 100U : static_cast<unsigned>((part * 100 + whole - 1) / whole);
}

bool Exceeds(std::size_t part, std::size_t whole, unsigned allowed, std::size_t at_least) {
  return part > at_least && part * 100 > whole * allowed;
}

struct Differences {
  std::size_t removed = 0;
  std::size_t changed = 0;
};

void Compare(const Desired& before, const Desired& after, Differences& differences) {
  for (const auto& [path, cgroup] : before.cgroups) {
    const auto found = after.cgroups.find(path);
    if (found == after.cgroups.end()) {
      ++differences.removed;
    } else if (!SameValues(cgroup, found->second)) {
      ++differences.changed;
    }
  }
}

std::size_t ProcessesMoved(const Plan& plan) {
  std::size_t moved = 0;
  for (const Action& action : plan.actions) {
    if (const auto* move = std::get_if<MoveProcesses>(&action.kind)) moved += move->expected;
  }
  return moved;
}

// Why nobody in a cgroup with this knob could go on; "" when they can.
std::string WhyLocksOut(const std::string& file, const KnobValue& value) {
  const auto* limit = std::get_if<Limit>(&value);
  const auto below = [&](std::uint64_t least) {
    return limit != nullptr && !limit->is_max() && limit->value() < least;
  };
  if (file == "memory.max" && below(kLeastMemory)) return "memory.max is below 32 MiB";
  if (file == "pids.max" && below(kLeastPids)) return "pids.max is below 8";
  if (file == "cgroup.freeze" && limit != nullptr && !limit->is_max() && limit->value() == 1) {
    return "cgroup.freeze stops it";
  }
  if (file == "cpu.max") {
    const auto* cpu = std::get_if<CpuMax>(&value);
    if (cpu != nullptr && !cpu->quota.is_max() &&
        cpu->quota.value() * 1000 < cpu->period * kLeastCpuPermille) {
      return "cpu.max is below 0.01 cores";
    }
  }
  return "";
}

//   selves   with all that is above each
std::optional<GuardHit> AskLockoutOf(const Desired& after, const std::set<CgroupPath>& selves) {
  for (const CgroupPath& self : selves) {
    for (CgroupPath path = self; !path.is_root(); path = path.Parent()) {
      const auto found = after.cgroups.find(path);
      if (found == after.cgroups.end()) continue;
      for (const auto& [file, knob] : found->second.knobs) {
        const std::string why = WhyLocksOut(file, knob.value);
        if (why.empty()) continue;
        const std::string place = knob.mark.FileLine();
        return GuardHit{"self_lockout",
                        fmt::format("reeved or whoever asks for this sits in {}, and {}{}",
                                    EscapeForTerminal(path.text()),
                                    why,
                                    place.empty() ? "" : " (" + place + ")")};
      }
    }
  }
  return std::nullopt;
}

std::optional<GuardHit> AskLockout(const GuardQuestion& question) {
  if (auto hit = AskLockoutOf(*question.after, question.selves)) return hit;
  if (question.units_after == nullptr) return std::nullopt;
  return AskLockoutOf(*question.units_after, question.unit_selves);
}

std::optional<GuardHit> AskMoves(const GuardQuestion& question, const GuardLimits& limits) {
  const std::size_t moved = ProcessesMoved(*question.plan);
  if (moved <= limits.at_least || !question.count_processes) return std::nullopt;
  const std::size_t all = std::max(question.count_processes(), moved);
  if (!Exceeds(moved, all, limits.max_move, limits.at_least)) return std::nullopt;
  return GuardHit{"max_move",
                  fmt::format("{} of {} processes move ({} %), allowed {} %",
                              moved,
                              all,
                              Percent(moved, all),
                              limits.max_move)};
}

void AskShares(const GuardQuestion& question,
               const GuardLimits& limits,
               std::vector<GuardHit>& hits) {
  std::size_t all = question.before->cgroups.size();
  Differences differences;
  Compare(*question.before, *question.after, differences);
  if (question.units_before != nullptr && question.units_after != nullptr) {
    all += question.units_before->cgroups.size();
    Compare(*question.units_before, *question.units_after, differences);
  }
  if (Exceeds(differences.removed, all, limits.max_remove, limits.at_least)) {
    hits.push_back({"max_remove",
                    fmt::format("{} of {} cgroups are removed ({} %), allowed {} %",
                                differences.removed,
                                all,
                                Percent(differences.removed, all),
                                limits.max_remove)});
  }
  if (Exceeds(differences.changed, all, limits.max_change, limits.at_least)) {
    hits.push_back({"max_change",
                    fmt::format("{} of {} cgroups change ({} %), allowed {} %",
                                differences.changed,
                                all,
                                Percent(differences.changed, all),
                                limits.max_change)});
  }
  if (auto hit = AskMoves(question, limits)) hits.push_back(*std::move(hit));
}

}  // namespace

const std::vector<std::string_view>& GuardNames() {
  static const std::vector<std::string_view> names = {
      "max_remove", "max_change", "max_move", "empty_set", "self_lockout"};
  return names;
}

std::vector<GuardHit> AskGuards(const GuardQuestion& question,
                                const GuardLimits& limits,
                                const std::set<std::string>& accepted) {
  std::vector<GuardHit> hits;
  if (question.before != nullptr) AskShares(question, limits, hits);
  if (auto hit = AskLockout(question)) hits.push_back(*std::move(hit));
  std::erase_if(hits, [&](const GuardHit& hit) { return accepted.contains(hit.name); });
  return hits;
}

}  // namespace reeve::engine
