// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/policy/fields.h"

// Keys that mean the same in a cgroup and in a unit; only the tables of the two include this.
namespace reeve::policy {

inline constexpr Field kUseField = {
    .key = "use",
    .kind = FieldKind::kTextList,
    .example = "[quiet, plan-<plan>]",
    .doc =
        "Profiles to take, left to right: a later one wins over an earlier one, own keys win "
        "over all."};

inline constexpr Field kShrinkField = {
    .key = "shrink",
    .kind = FieldKind::kWord,
    .words = "wait gentle kill",
    .example = "gentle",
    .doc =
        "What happens when a memory limit is lowered below what is in use: `wait` (default) "
        "reclaims in slices for as long as nobody misses what is taken, and else keeps the "
        "old limit and tries again; `gentle` reclaims harder, up to heavy pressure; `kill` "
        "writes it at once and lets the kernel's OOM killer make room. Reclaiming is the "
        "daemon's: `reevectl apply` and `reeved --once` only hold back."};

inline constexpr Field kExpiresField = {
    .key = "expires",
    .kind = FieldKind::kMoment,
    .example = "2026-12-15T05:10:00+01:00",
    .doc =
        "From this moment on this entry counts as absent. What other places say about the same "
        "cgroup or unit stays."};

inline constexpr Field kWhyField = {.key = "why",
                                    .example = "INC-4711, until the database has moved",
                                    .doc = "Why the entry is there. Shown by plan and explain."};

inline constexpr Field kCasesField = {
    .key = "cases",
    .later = "reactions to pressure, use and time",
    .example = "[{when: {pressure: memory, full: 20%..}, set: {cpu.max: 1 core}}]",
    .doc = "What holds while a condition is true: pressure, use, time of day."};

inline constexpr Field kReservedField = {.key = "reserved",
                                         .later = "accounting",
                                         .example = "{cpu: 4 cores, memory: memory.min}",
                                         .doc = "What was bought, for the accounts."};

}  // namespace reeve::policy
