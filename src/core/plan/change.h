// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/model/knob.h"
#include "core/model/knob_value.h"

namespace reeve::plan {

// What a new value means for those inside, which decides where in the plan it is written.
enum class Change {
  kGrows,     // allows, protects or weighs more
  kShrinks,   // allows or protects less
  kNeutral,   // no order between the two (words, names)
  kSideways,  // a set of CPUs or nodes that neither holds the other
};

Change CompareValues(const Knob& knob, const KnobValue& before, const KnobValue& after);

// Both sets together: the step between two sideways values through which no task loses all its
// CPUs.
IdSet Union(const IdSet& a, const IdSet& b);

}  // namespace reeve::plan
