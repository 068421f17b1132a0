// SPDX-License-Identifier: Apache-2.0
#include "core/policy/fields_rows.h"

namespace reeve::policy {
namespace {

constexpr Field kTest[] = {
    {.key = "apiVersion",
     .kind = FieldKind::kWord,
     .required = true,
     .words = "reeve/v1",
     .example = "reeve/v1",
     .doc = "The version of the language, as in a policy."},
    {.key = "kind",
     .kind = FieldKind::kWord,
     .required = true,
     .words = "PolicyTest",
     .example = "PolicyTest",
     .doc = "What the document is. A policy's directory may hold tests: reeved passes them over."},
    {.key = "metadata",
     .kind = FieldKind::kSection,
     .required = true,
     .section = SectionId::kTestMetadata,
     .example = "{name: small web server}",
     .doc = "What the test shows."},
    {.key = "policies",
     .kind = FieldKind::kTextList,
     .required = true,
     .example = "[../policy.d, 20-web.yaml]",
     .doc = "The policies: files and directories, relative to the test's file. Their data files "
            "are found as always, in `data.d` beside them."},
    {.key = "host",
     .example = "hosts/web17.json",
     .doc = "A host as `reevectl record` or `reevectl facts -o json` wrote it, relative to the "
            "test's file."},
    {.key = "facts",
     .kind = FieldKind::kFree,
     .example = "{cpus: 4, memory: 16GiB, own: {role: web}}",
     .doc = "Facts of the host by the names of `reevectl facts -o json`; they replace those of "
            "`host`. Without controllers and files among them, this host lacks nothing."},
    {.key = "paths",
     .kind = FieldKind::kTextList,
     .example = "[/srv/sites/bakery, /srv/sites/florist]",
     .doc = "The files and directories that `for_each: {path: ...}` finds on this host."},
    {.key = "now",
     .kind = FieldKind::kMoment,
     .example = "2026-12-15T23:10:00+01:00",
     .doc = "The moment at which policies are judged, for `expires` and `time`. Without it the "
            "present one, so a test of either should say it."},
    {.key = "tree",
     .kind = FieldKind::kFree,
     .example = "{web: {memory.max: 8GiB, memory.current: 5GiB}}",
     .doc =
         "What is there before, for `care`, `held` and `as_described`: cgroups, each with files "
         "as the kernel prints them. `owner: created` says that reeve made it, `cgroup.procs: 3` "
         "that three processes live in it; `.` is the managed root. Replaces that of `host`."},
    {.key = "expect",
     .kind = FieldKind::kSection,
     .required = true,
     .section = SectionId::kExpect,
     .example = "{cgroups: {web: {cpu.max: 2 cores}}}",
     .doc = "What shall come of it. Errors in the policies that are not expected are a failure."},
};

constexpr Field kTestMetadata[] = {
    {.key = "name",
     .required = true,
     .example = "night shift",
     .doc = "The test's name, any text in one line."},
    {.key = "why", .example = "\"INC-4711 must not happen again\"", .doc = "What it is good for."},
};

constexpr Field kExpect[] = {
    {.key = "cgroups",
     .kind = FieldKind::kSections,
     .section = SectionId::kExpectedCgroup,
     .example = "{web/workers: {cpu.max: 2 cores, memory.high: absent}, \"db*\": absent}",
     .doc = "Cgroups by their paths, with values in units of a policy or of the kernel. A key or "
            "cgroup with the word `absent` must not be there; then the path may be a pattern. "
            "Others are not looked at, except with `nothing_else`."},
    {.key = "units",
     .kind = FieldKind::kSections,
     .section = SectionId::kExpectedCgroup,
     .example = "{postgresql.service: {memory.max: 8GiB}, \"ssh*\": absent}",
     .doc =
         "Units of systemd by their names, in the same way. Which units the host has stands under "
         "`facts: {units: {postgresql.service: {slice: system.slice}}}`."},
    {.key = "nothing_else",
     .kind = FieldKind::kWord,
     .words = "true false",
     .example = "true",
     .doc = "`true`: there are no cgroups, units and keys besides those under `cgroups` and "
            "`units`."},
    {.key = "findings",
     .kind = FieldKind::kSectionList,
     .section = SectionId::kExpectedFinding,
     .example = "[{code: R0107, file: 20-web.yaml, line: 14}]",
     .doc = "All errors and warnings. `[]` means none; without the key, no errors."},
    {.key = "gaps",
     .kind = FieldKind::kSectionList,
     .section = SectionId::kExpectedGap,
     .example = "[{cgroup: db, key: io.weight, kind: unsupported}]",
     .doc = "All keys that this host can not have now. `[]` means none."},
    {.key = "care",
     .kind = FieldKind::kSectionList,
     .section = SectionId::kExpectedCare,
     .example = "[{class: kill, cgroup: web, key: memory.max}]",
     .doc = "All that the plan warns of (`!kill`, `!stall`, ...). `[]` means nothing. Needs a "
            "tree."},
    {.key = "held",
     .kind = FieldKind::kSectionList,
     .section = SectionId::kExpectedHeld,
     .example = "[{cgroup: web, key: memory.max}]",
     .doc = "All values that the plan holds back because what is in use does not fit. `[]` means "
            "none. Needs a tree."},
    {.key = "as_described",
     .kind = FieldKind::kWord,
     .words = "true false",
     .example = "true",
     .doc = "Whether the tree already is as the policies describe it. Needs a tree."},
};

constexpr Field kExpectedFinding[] = {
    {.key = "code", .required = true, .example = "R0107", .doc = "The finding's code."},
    {.key = "file",
     .example = "20-web.yaml",
     .doc = "The file it is in: its path, or the end of it."},
    {.key = "line", .kind = FieldKind::kCount, .example = "14", .doc = "The line it is about."},
};

constexpr Field kExpectedGap[] = {
    {.key = "cgroup", .required = true, .example = "db", .doc = "The cgroup's path."},
    {.key = "key", .required = true, .example = "io.weight", .doc = "The interface file."},
    {.key = "kind",
     .kind = FieldKind::kWord,
     .words = "unsupported pending",
     .example = "pending",
     .doc = "`unsupported`: not on this host. `pending`: as soon as a device, mount or unit is "
            "there."},
};

constexpr Field kExpectedCare[] = {
    {.key = "class",
     .kind = FieldKind::kWord,
     .required = true,
     .words = "kill stall lost order escape stale wide unlimit",
     .example = "kill",
     .doc = "What can hurt, as the plan says it, without its `!`."},
    {.key = "cgroup", .example = "web", .doc = "The cgroup's path; without it any."},
    {.key = "key", .example = "memory.max", .doc = "The interface file; without it any."},
};

constexpr Field kExpectedHeld[] = {
    {.key = "cgroup", .required = true, .example = "web", .doc = "The cgroup's path."},
    {.key = "key", .required = true, .example = "memory.max", .doc = "The interface file."},
};

}  // namespace

std::span<const Field> TestFields() {
  return kTest;
}

std::span<const Field> TestMetadataFields() {
  return kTestMetadata;
}

std::span<const Field> ExpectFields() {
  return kExpect;
}

std::span<const Field> ExpectedFindingFields() {
  return kExpectedFinding;
}

std::span<const Field> ExpectedGapFields() {
  return kExpectedGap;
}

std::span<const Field> ExpectedCareFields() {
  return kExpectedCare;
}

std::span<const Field> ExpectedHeldFields() {
  return kExpectedHeld;
}

}  // namespace reeve::policy
