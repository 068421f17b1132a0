// SPDX-License-Identifier: Apache-2.0
#include "core/policy/fields_rows.h"

namespace reeve::policy {
namespace {

constexpr Field kDocument[] = {
    {.key = "apiVersion",
     .kind = FieldKind::kWord,
     .required = true,
     .words = "reeve/v1",
     .example = "reeve/v1",
     .doc = "The version of the language. Other versions are refused, because this reeve cannot "
            "know what their keys mean."},
    {.key = "kind",
     .kind = FieldKind::kWord,
     .required = true,
     .words = "Policy",
     .example = "Policy",
     .doc = "What the document is. `PolicyTest` is what `reevectl test` reads; `Tariff` comes with "
            "accounting."},
    {.key = "metadata",
     .kind = FieldKind::kSection,
     .required = true,
     .section = SectionId::kMetadata,
     .example = "{name: web, owner: web@example.org}",
     .doc = "Who the document is and how long it lives. Its name stands in plans and metrics."},
    {.key = "when",
     .kind = FieldKind::kCondition,
     .section = SectionId::kWhen,
     .example = "{host: web*, memory: 16GiB..}",
     .doc = "On which hosts the document applies, so that the same files can go to a whole fleet. "
            "All keys of the map must hold; of a list of values one. Without it: everywhere."},
    {.key = "profiles",
     .kind = FieldKind::kSections,
     .section = SectionId::kProfile,
     .example = "{quiet: {cpu.weight: 10}}",
     .doc = "Named fragments that cgroups take with `use:`. Names are unique over all files of a "
            "set, because `use:` names them without a file."},
    {.key = "cgroups",
     .kind = FieldKind::kSections,
     .section = SectionId::kCgroup,
     .example = "{web: {cpu.max: 2 cores}}",
     .doc = "reeve's own tree: name by name the cgroups directly below the managed root. All "
            "documents build one tree. A name with a <variable> is a template."},
    {.key = "require",
     .kind = FieldKind::kKeyList,
     .example = "[memory.zswap.max]",
     .doc = "Interface files that this document cannot do without. Where one is missing the host "
            "is reported as not as described; without `require` a missing file is only shown."},
    {.key = "units",
     .kind = FieldKind::kSections,
     .section = SectionId::kUnit,
     .example = "{postgresql.service: {memory.max: 8GiB}}",
     .doc =
         "systemd's tree: limits of its services, slices and scopes, by their full names. systemd "
         "sets them, for as long as the machine runs; what is absent is not touched. A name with a "
         "<variable> is a template: every loaded unit that fits."},
    {.key = "ignore",
     .later = "process placement",
     .example = "[{exe: /usr/sbin/slurmd}]",
     .doc = "Processes that reeve never moves, whatever `match` says."},
    {.key = "host",
     .later = "files of the host",
     .example = "{io.cost.qos: [{device: /dev/nvme0n1, enable: 1}]}",
     .doc = "Interface files that exist only at the root of the hierarchy. One document per key; "
            "reeved.yaml must allow it."},
};

constexpr Field kMetadata[] = {
    {.key = "name",
     .required = true,
     .example = "web",
     .doc = "The document's name in plans, events and metrics; also part of `rollout`."},
    {.key = "labels",
     .kind = FieldKind::kTexts,
     .example = "{tenant: acme, cost-center: \"4711\"}",
     .doc = "Labels of every cgroup of this document, for accounts and metrics. A cgroup's own "
            "label of the same name wins."},
    {.key = "mode",
     .kind = FieldKind::kWord,
     .words = "enforce observe",
     .example = "observe",
     .doc = "`enforce` (default) or `observe`: planned and counted beside the others, never merged "
            "with them and never written."},
    {.key = "expires",
     .kind = FieldKind::kMoment,
     .example = "2026-12-15",
     .doc = "From this moment on the document counts as absent. A day begins at 00:00 UTC, so that "
            "it is the same moment for a whole fleet."},
    {.key = "boot",
     .example = "5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10",
     .doc = "The boot (boot_id of the kernel) the document is meant for; after a reboot it counts "
            "as expired. For what names a pid or another thing that a reboot ends."},
    {.key = "owner",
     .example = "web@example.org",
     .doc = "Whom to ask. Shown by plan and explain."},
    {.key = "why",
     .example = "\"shop front, SLO 4\"",
     .doc = "Why the document is there: a sentence, a ticket, a link. Shown by plan and explain."},
    {.key = "priority",
     .kind = FieldKind::kInteger,
     .example = "10",
     .doc = "Where two documents of the same layer set the same key, the higher number wins; equal "
            "numbers with different values are an error. Default 0."},
};

constexpr Field kWhen[] = {
    {.key = "host",
     .kind = FieldKind::kTextList,
     .example = "[web*, api01]",
     .doc = "The host's name, as a pattern."},
    {.key = "arch",
     .kind = FieldKind::kTextList,
     .example = "x86_64",
     .doc = "The machine's architecture as `uname -m` says it."},
    {.key = "cpus",
     .kind = FieldKind::kTextList,
     .example = "8..",
     .doc = "How many CPUs reeve may use: a number or a range."},
    {.key = "memory",
     .kind = FieldKind::kTextList,
     .example = "16GiB..",
     .doc = "How much memory reeve may use: a range of sizes."},
    {.key = "kernel",
     .kind = FieldKind::kTextList,
     .example = "6.1..",
     .doc = "The kernel's release: a range of versions, or a pattern."},
    {.key = "os",
     .kind = FieldKind::kTextList,
     .example = "debian 12..",
     .doc = "The distribution, and a range of its versions: `debian`, `debian 12`, `debian 12..`."},
    {.key = "virt",
     .kind = FieldKind::kTextList,
     .example = "none",
     .doc = "Virtualization as systemd-detect-virt says it: none, kvm, docker, ..."},
    {.key = "systemd",
     .kind = FieldKind::kTextList,
     .example = "252..",
     .doc = "The running systemd's version. Without systemd no value holds."},
    {.key = "reeve",
     .kind = FieldKind::kTextList,
     .example = "0.2..",
     .doc = "reeve's own version. Judged before all other keys: a document for a later version is "
            "passed over by this one, whatever keys it has."},
    {.key = "unit",
     .kind = FieldKind::kTextList,
     .example = "postgresql@*.service",
     .doc = "A systemd unit that is loaded, as a pattern."},
    {.key = "knob",
     .kind = FieldKind::kTextList,
     .example = "io.weight",
     .doc = "An interface file that this kernel has."},
    {.key = "rollout",
     .kind = FieldKind::kTextList,
     .example = "..5%",
     .doc =
         "A share of the fleet, by a stable hash of the machine and the document's name: `..5%`, "
         "later `..25%`."},
    {.key = "time",
     .kind = FieldKind::kTextList,
     .example = "Mon..Fri 07:00..19:00",
     .doc =
         "Time of day in the host's time zone, with days before it: `22:00..06:30`, `Sat..Sun`."},
    {.key = "not",
     .kind = FieldKind::kCondition,
     .section = SectionId::kWhen,
     .example = "{role: test}",
     .doc = "Holds when the map below it does not."},
    {.key = "any",
     .kind = FieldKind::kCondition,
     .section = SectionId::kWhen,
     .example = "[{ring: canary}, {rollout: ..5%}]",
     .doc = "A list of maps of which one must hold."},
    {.key = "pressure",
     .later = "reactions to pressure, use and time",
     .example = "memory",
     .doc = "Pressure on cpu, memory or io, in the `when` of a case."},
    {.key = "used",
     .later = "reactions to pressure, use and time",
     .example = "cpu.time",
     .doc = "What was used within some time, in the `when` of a case."},
};

}  // namespace

std::span<const Field> DocumentFields() {
  return kDocument;
}

std::span<const Field> MetadataFields() {
  return kMetadata;
}

std::span<const Field> WhenFields() {
  return kWhen;
}

}  // namespace reeve::policy
