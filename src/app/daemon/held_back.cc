// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/held_back.h"

#include <fmt/format.h>

namespace reeve::daemon {

std::string HeldBackText(const std::vector<engine::GuardHit>& hits) {
  std::string text;
  for (const engine::GuardHit& hit : hits) {
    text += fmt::format("HELD BACK by guard {}: {}.\n", hit.name, hit.message);
  }
  return text;
}

std::string AcceptHint(const std::vector<engine::GuardHit>& hits) {
  std::string hint = "Next: `reevectl plan`, then `reevectl apply";
  for (const engine::GuardHit& hit : hits) hint += " --accept " + hit.name;
  return hint + "` (recorded with your name)\n";
}

}  // namespace reeve::daemon
