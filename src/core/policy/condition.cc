// SPDX-License-Identifier: Apache-2.0
#include "core/policy/condition.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/base/text.h"
#include "core/policy/condition_time.h"
#include "core/policy/condition_value.h"

namespace reeve::policy {
namespace {

enum class FactKind {
  kGlob,
  kCount,
  kBytes,
  kVersion,
  kOs,
  kUnit,
  kKnob,
  kRollout,
  kTime,
  kOwn,
};

struct BuiltInFact {
  std::string_view name;
  FactKind kind;
};

constexpr std::array<BuiltInFact, 13> kBuiltIn = {{{"arch", FactKind::kGlob},
                                                   {"cpus", FactKind::kCount},
                                                   {"host", FactKind::kGlob},
                                                   {"kernel", FactKind::kVersion},
                                                   {"knob", FactKind::kKnob},
                                                   {"memory", FactKind::kBytes},
                                                   {"os", FactKind::kOs},
                                                   {"reeve", FactKind::kVersion},
                                                   {"rollout", FactKind::kRollout},
                                                   {"systemd", FactKind::kVersion},
                                                   {"time", FactKind::kTime},
                                                   {"unit", FactKind::kUnit},
                                                   {"virt", FactKind::kGlob}}};

FactKind KindOf(std::string_view fact) {
  for (const BuiltInFact& known : kBuiltIn) {
    if (known.name == fact) return known.kind;
  }
  return FactKind::kOwn;
}

// Which of the host's texts a fact is compared with; "" is not known.
std::string_view TextFact(std::string_view fact, const HostFacts& facts) {
  if (fact == "host") return facts.host;
  if (fact == "arch") return facts.arch;
  if (fact == "virt") return facts.virt;
  if (fact == "kernel") return facts.kernel;
  if (fact == "systemd") return facts.systemd;
  if (fact == "reeve") return facts.reeve;
  return facts.os;
}

bool VersionHolds(std::string_view wanted, std::string_view version) {
  if (version.empty()) return false;
  if (const auto range = ParseVersionRange(wanted)) return InVersions(*range, version);
  return GlobMatches(wanted, version);
}

// "debian" and "debian*" by name; "debian 12.." by name and version; "debian 12" as it stands.
bool OsHolds(std::string_view wanted, std::string_view os) {
  if (os.empty()) return false;
  const std::size_t blank = os.find(' ');
  const std::string_view id = os.substr(0, blank);
  if (GlobMatches(wanted, os) || GlobMatches(wanted, id)) return true;
  const std::size_t wanted_blank = wanted.find(' ');
  if (blank == std::string_view::npos || wanted_blank == std::string_view::npos) return false;
  const auto range = ParseVersionRange(wanted.substr(wanted_blank + 1));
  return range && GlobMatches(wanted.substr(0, wanted_blank), id) &&
         InVersions(*range, os.substr(blank + 1));
}

bool UnitHolds(std::string_view wanted, const HostFacts& facts) {
  return std::any_of(facts.units.begin(), facts.units.end(), [&](const auto& unit) {
    return GlobMatches(wanted, unit.first);
  });
}

bool OwnHolds(std::string_view wanted, std::string_view value) {
  const auto range = SplitRange(wanted) ? ParseVersionRange(wanted) : std::nullopt;
  if (range)
    return !value.empty() && value[0] >= '0' && value[0] <= '9' && InVersions(*range, value);
  return GlobMatches(wanted, value);
}

bool AmountHolds(std::string_view wanted, std::uint64_t amount, bool bytes) {
  const RangeReading reading = ReadAmountRange(wanted, bytes);
  return amount != 0 && !reading.error && reading.range.Has(amount);
}

bool RolloutHolds(std::string_view wanted, const HostFacts& facts, std::string_view document) {
  const auto share = ParseShare(wanted);
  if (!share || facts.machine_id.empty()) return false;
  const std::uint64_t place =
      RolloutPlace(facts.machine_id, share->of.empty() ? document : share->of);
  return share->low <= place && place < share->high;
}

bool ValueHolds(std::string_view fact,
                std::string_view wanted,
                const HostFacts& facts,
                std::string_view document,
                std::int64_t now) {
  switch (KindOf(fact)) {
    case FactKind::kGlob: {
      const std::string_view text = TextFact(fact, facts);
      return !text.empty() && GlobMatches(wanted, text);
    }
    case FactKind::kCount:
      return AmountHolds(wanted, facts.cpus, false);
    case FactKind::kBytes:
      return AmountHolds(wanted, facts.memory, true);
    case FactKind::kVersion:
      return VersionHolds(wanted, TextFact(fact, facts));
    case FactKind::kOs:
      return OsHolds(wanted, facts.os);
    case FactKind::kUnit:
      return UnitHolds(wanted, facts);
    case FactKind::kKnob:
      return facts.files.empty() || facts.files.count(std::string(wanted)) != 0;
    case FactKind::kRollout:
      return RolloutHolds(wanted, facts, document);
    case FactKind::kTime: {
      const auto window = ParseTimeWindow(wanted);
      return window && InWindow(*window, now + facts.utc_offset);
    }
    case FactKind::kOwn:
      break;
  }
  const auto own = facts.own.find(std::string(fact));
  return own != facts.own.end() &&
         std::any_of(own->second.begin(), own->second.end(), [&](const std::string& value) {
           return OwnHolds(wanted, value);
         });
}

enum class Truth { kFalse, kUnknown, kTrue };

// What is known of a condition when nothing but our version is.
Truth JudgeByVersion(const Condition& condition, std::string_view version) {
  switch (condition.kind) {
    case Condition::Kind::kFact: {
      if (condition.fact != "reeve") return Truth::kUnknown;
      const bool holds =
          std::any_of(condition.values.begin(), condition.values.end(), [&](const Scalar& value) {
            return VersionHolds(value.text, version);
          });
      return holds ? Truth::kTrue : Truth::kFalse;
    }
    case Condition::Kind::kAny: {
      Truth result = Truth::kFalse;
      for (const Condition& child : condition.children) {
        result = std::max(result, JudgeByVersion(child, version));
      }
      return result;
    }
    case Condition::Kind::kAll:
    case Condition::Kind::kNot: {
      Truth result = Truth::kTrue;
      for (const Condition& child : condition.children) {
        result = std::min(result, JudgeByVersion(child, version));
      }
      if (condition.kind == Condition::Kind::kAll || result == Truth::kUnknown) return result;
      return result == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
    }
  }
  return Truth::kUnknown;
}

}  // namespace

bool Holds(const Condition& condition,
           const HostFacts& facts,
           std::string_view document,
           std::int64_t now) {
  const auto holds = [&](const Condition& child) { return Holds(child, facts, document, now); };
  switch (condition.kind) {
    case Condition::Kind::kAll:
      return std::all_of(condition.children.begin(), condition.children.end(), holds);
    case Condition::Kind::kAny:
      return std::any_of(condition.children.begin(), condition.children.end(), holds);
    case Condition::Kind::kNot:
      return !std::all_of(condition.children.begin(), condition.children.end(), holds);
    case Condition::Kind::kFact:
      break;
  }
  return std::any_of(condition.values.begin(), condition.values.end(), [&](const Scalar& value) {
    return ValueHolds(condition.fact, value.text, facts, document, now);
  });
}

bool ExcludedByVersion(const Condition& condition, std::string_view version) {
  return JudgeByVersion(condition, version) == Truth::kFalse;
}

std::optional<std::int64_t> NextTimeBoundary(const Condition& condition,
                                             const HostFacts& facts,
                                             std::int64_t now) {
  std::optional<std::int64_t> next;
  const auto take = [&](std::optional<std::int64_t> moment) {
    if (moment && (!next || *moment < *next)) next = moment;
  };
  for (const Condition& child : condition.children) take(NextTimeBoundary(child, facts, now));
  if (condition.kind == Condition::Kind::kFact && condition.fact == "time") {
    for (const Scalar& value : condition.values) {
      if (const auto window = ParseTimeWindow(value.text)) {
        take(NextEdge(*window, now + facts.utc_offset) - facts.utc_offset);
      }
    }
  }
  return next;
}

bool IsBuiltInFact(std::string_view name) {
  return KindOf(name) != FactKind::kOwn;
}

}  // namespace reeve::policy
