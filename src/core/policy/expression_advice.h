// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/policy/expression_parser.h"
#include "core/policy/quantity.h"

// What to tell people whose amount was refused: what they probably meant, in the words of the place
// where it stands. Only runs when something is wrong, so nothing here needs to be fast.
namespace reeve::policy {

// A number with what stands behind it, as written: "200", "MiB", "s" for 200MiB/s.
struct UnitUse {
  std::string_view number;
  std::string_view unit;
  std::string_view per;
};

// A unit that does not exist, can be read in two ways, or counts something else.
Advice AdviseOnUnit(const UnitUse& use, const Terms& terms);

// A percentage that does not say of what, or cannot stand here at all.
Advice AdviseOnPercentage(std::string_view number, const Terms& terms);

// A word that is no part of the language.
Advice AdviseOnWord(std::string_view word, const Terms& terms);

// What is wrong with `host`, `parent` or a KEY at this place; nullopt when it may stand there.
std::optional<Advice> AdviseOnReference(std::string_view word, const Terms& terms);

}  // namespace reeve::policy
