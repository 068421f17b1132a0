// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/model/knob.h"
#include "core/policy/fields.h"
#include "core/policy/json_writer.h"

namespace reeve::policy {

// Writes the members `anyOf`, `type`, `pattern`, ... for the value of an interface file into an
// open object. For tables the value of `column`, "" for the file's single values.
void WriteKnobValue(const Knob& knob, std::string_view column, JsonWriter& json);

// The pattern of a cgroup's name, templates included.
std::string_view CgroupNamePattern();

// The same for units of systemd.
std::string_view UnitNamePattern();

}  // namespace reeve::policy
