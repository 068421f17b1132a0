// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/engine/engine.h"
#include "core/model/desired.h"
#include "core/port/cgroup_fs.h"

namespace reeve::engine {

// Watches over a generation that nobody has confirmed yet: an OOM kill in a cgroup that just changed, or memory
// pressure that stays heavy below the root, undoes it at once. Looks at a few files a second, and only until then.
class Alarm {
 public:
  static constexpr std::uint64_t kHeavyPressure =
      40'00;  // hundredths of a percent of the last 10 s, "full"
  static constexpr std::chrono::seconds kHeavyFor{30};

  // What has happened so far counts for nothing.
  //   before   what was in force until now
  Alarm(port::CgroupFs& fs, const Desired& before, const Desired& after);

  // Why it is to be undone; nullopt while all is well.
  std::optional<std::string> Look(Instant now);

 private:
  std::optional<std::uint64_t> KillsIn(const CgroupPath& path);

  port::CgroupFs& fs_;
  std::map<CgroupPath, std::uint64_t> kills_;  // of cgroups that changed: oom_kill when it began
  std::optional<Instant> heavy_since_;
};

}  // namespace reeve::engine
