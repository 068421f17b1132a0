// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

// Whether a unit of systemd can have this name and a cgroup of its own: letters, digits and : - _ . \ with
// one @, at most 255 bytes, of the type service, slice, scope, socket, mount or swap, and no template without
// its instance ("getty@.service"). Returns what is wrong in words, or "" when it is fine.
std::string WhyNotUnitName(std::string_view name);

// "service" of "nginx.service"; "" without a dot.
std::string_view UnitTypeOf(std::string_view name);

// Why a policy must not govern this unit, in words; "" for all others. These are reeve's own units, in which
// its tree lives: two roads never meet on one cgroup. And the root and pid 1, which nobody limits.
std::string WhyLeftAlone(std::string_view name);

// The slice that a slice is in, by its name: "user.slice" of "user-1000.slice"; "" where that is -.slice, and for
// all other types, whose slice is no part of the name.
std::string SliceAbove(std::string_view slice);

// The user that a unit of logind stands for: of user-UID.slice, user@UID.service and
// user-runtime-dir@UID.service. nullopt: another unit.
std::optional<std::uint64_t> UidOfUnit(std::string_view name);

}  // namespace reeve
