// SPDX-License-Identifier: Apache-2.0
#include "core/policy/by_hand_clock.h"

#include <utility>

#include <fmt/format.h>

#include "core/policy/by_hand.h"
#include "core/policy/condition_time.h"

namespace reeve::policy {

std::vector<MovedHand> MoveHands(const Policy& policy, std::int64_t seconds) {
  std::vector<MovedHand> moved;
  for (const HandInForce& hand : HandsIn(policy)) {
    for (const Document& document : policy.documents) {
      if (document.mark.file == nullptr || document.mark.file->name != hand.file_name) continue;
      if (!hand.expires || document.metadata.name.text != hand.name) continue;
      std::string text = document.mark.file->text;
      // As WriteByHand has it; nothing else on a line of its own looks so, because texts are quoted.
      const std::string line = fmt::format("\n  expires: {}\n", FormatMoment(*hand.expires));
      const std::size_t at = text.find(line);
      if (at == std::string::npos) break;
      text.replace(
          at, line.size(), fmt::format("\n  expires: {}\n", FormatMoment(*hand.expires + seconds)));
      moved.push_back({hand.file_name, std::move(text)});
      break;
    }
  }
  return moved;
}

}  // namespace reeve::policy
