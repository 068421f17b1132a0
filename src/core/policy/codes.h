// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace reeve::policy {

// One kind of finding. `reevectl help R0204` and the policy reference print it; a code that was
// once published keeps its meaning for ever, because people search for it and scripts match on it.
//   R01xx  the text and its structure        R02xx  a single value
//   R03xx  merging and resolving for a host  R04xx  warnings
//   R05xx  what is done by hand (set, clamp, pause, lift, freeze)
struct Code {
  std::string_view code;   // "R0204"
  std::string_view title;  // a few words: "a percentage must say of what"
  std::string_view doc;    // one paragraph: what is wrong, why reeve minds, what to write instead
};

// All rows, ascending by code.
std::span<const Code> AllCodes();

// nullptr when there is no such code.
const Code* FindCode(std::string_view code);

}  // namespace reeve::policy
