// SPDX-License-Identifier: Apache-2.0
#include "core/engine/alarm.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/flat_keyed.h"
#include "core/format/nested_keyed.h"

namespace reeve::engine {
namespace {

bool Changed(const Desired& before, const CgroupPath& path, const DesiredCgroup& cgroup) {
  const auto found = before.cgroups.find(path);
  return found == before.cgroups.end() || !SameValues(found->second, cgroup);
}

}  // namespace

Alarm::Alarm(port::CgroupFs& fs, const Desired& before, const Desired& after) : fs_(fs) {
  for (const auto& [path, cgroup] : after.cgroups) {
    if (Changed(before, path, cgroup)) kills_[path] = KillsIn(path).value_or(0);
  }
}

std::optional<std::uint64_t> Alarm::KillsIn(const CgroupPath& path) {
  const auto text = fs_.ReadFile(path, "memory.events");
  if (!text.has_value()) return std::nullopt;
  const auto events = format::ParseMemoryEvents(*text);
  if (!events.has_value()) return std::nullopt;
  return events->oom_kill;
}

std::optional<std::string> Alarm::Look(Instant now) {
  for (auto& [path, before] : kills_) {
    const auto kills = KillsIn(path);
    if (!kills) continue;
    // A cgroup made anew counts from zero again.
    if (*kills < before) before = 0;
    if (*kills > before) {
      return fmt::format("an OOM kill in {}, which had just changed",
                         EscapeForTerminal(path.text()));
    }
  }
  const auto text = fs_.ReadFile(CgroupPath(), "memory.pressure");
  const auto pressure =
      text.has_value() ? format::ParsePressure(*text) : Result<Pressure>(text.error());
  const bool heavy =
      pressure.has_value() && pressure->full && pressure->full->avg10 > kHeavyPressure;
  if (!heavy) {
    heavy_since_.reset();
    return std::nullopt;
  }
  if (!heavy_since_) heavy_since_ = now;
  if (now - *heavy_since_ < kHeavyFor) return std::nullopt;
  return fmt::format(
      "memory pressure was above {} % for {} s", kHeavyPressure / 100, kHeavyFor.count());
}

}  // namespace reeve::engine
