// SPDX-License-Identifier: Apache-2.0
#include "core/policy/fields_rows.h"
#include "core/policy/fields_shared.h"

namespace reeve::policy {
namespace {

constexpr Field kUnit[] = {
    {.key = "where",
     .kind = FieldKind::kCondition,
     .section = SectionId::kWhere,
     .example = "{slice: system.slice, not: {name: [ssh, systemd-*, dbus]}}",
     .doc = "Which loaded units are meant among those whose name fits the template. Without it all "
            "of them. It says nothing about a literal name."},
    kUseField,
    {.key = "max_instances",
     .kind = FieldKind::kCount,
     .example = "500",
     .doc = "How many units a template may govern, the first by name. Default 1000. What is beyond "
            "it stays as it is, and status says so."},
    {.key = "labels",
     .kind = FieldKind::kTexts,
     .example = "{tenant: <n>}",
     .doc = "Labels for accounts and metrics."},
    {.key = "require",
     .kind = FieldKind::kKeyList,
     .example = "[io.latency]",
     .doc = "Interface files this unit cannot do without. Where one is missing, or the unit is not "
            "loaded, the host is reported as not as described."},
    kShrinkField,
    {.key = "on_drift",
     .kind = FieldKind::kWord,
     .words = "repair report adopt",
     .example = "repair",
     .doc = "What happens when somebody else sets a property that this policy sets: `report` "
            "(default) only says so, `repair` sets it again, `adopt` takes the new value until the "
            "policy changes."},
    kExpiresField,
    kWhyField,
    kCasesField,
    kReservedField,
};

constexpr Field kWhere[] = {
    {.key = "uid",
     .kind = FieldKind::kTextList,
     .example = "1000..",
     .doc = "The user whose unit it is, as a number or a range: of `User=`, or of whom "
            "user-UID.slice, user@UID.service and the scopes of sessions are."},
    {.key = "user",
     .kind = FieldKind::kTextList,
     .example = "[postgres, app-*]",
     .doc = "The name of that user, as a pattern."},
    {.key = "group",
     .kind = FieldKind::kTextList,
     .example = "staff",
     .doc = "A group that this user is in, as a pattern."},
    {.key = "slice",
     .kind = FieldKind::kTextList,
     .example = "system.slice",
     .doc = "The slice that the unit is in, as a pattern."},
    {.key = "name",
     .kind = FieldKind::kTextList,
     .example = "[ssh, systemd-*]",
     .doc = "The unit's name with or without its type, as a pattern."},
    {.key = "not",
     .kind = FieldKind::kCondition,
     .section = SectionId::kWhere,
     .example = "{name: [ssh, systemd-*]}",
     .doc = "Holds when the map below it does not."},
    {.key = "any",
     .kind = FieldKind::kCondition,
     .section = SectionId::kWhere,
     .example = "[{user: media}, {slice: batch.slice}]",
     .doc = "A list of maps of which one must hold."},
};

}  // namespace

std::span<const Field> UnitFields() {
  return kUnit;
}

std::span<const Field> WhereFields() {
  return kWhere;
}

}  // namespace reeve::policy
