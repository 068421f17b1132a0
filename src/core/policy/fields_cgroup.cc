// SPDX-License-Identifier: Apache-2.0
#include "core/policy/fields_rows.h"
#include "core/policy/fields_shared.h"

namespace reeve::policy {
namespace {

constexpr Field kRaw = {
    .key = "raw",
    .kind = FieldKind::kTexts,
    .example = "{memory.new_file: \"1\"}",
    .doc =
        "Interface files that reeve does not know, with the text to write: no units, no checks, "
        "no default to go back to. A warning says so."};

constexpr Field kCgroup[] = {
    {.key = "cgroups",
     .kind = FieldKind::kSections,
     .section = SectionId::kCgroup,
     .example = "{api: {cpu.weight: 300}}",
     .doc =
         "Cgroups below this one. What this cgroup is limited to, they are limited to together."},
    {.key = "self",
     .kind = FieldKind::kSection,
     .section = SectionId::kSelf,
     .example = "{memory.max: 1GiB}",
     .doc =
         "Interface files of the leaf `_self`, in which a cgroup's own processes live as soon as "
         "it has cgroups below it: the kernel allows processes in leaves only."},
    kUseField,
    {.key = "for_each",
     .kind = FieldKind::kSection,
     .section = SectionId::kForEach,
     .example = "{file: customers.yaml, state: active}",
     .doc = "Where the rows of a template come from. Each row gives the <variables> of the name "
            "their values and so makes one cgroup."},
    {.key = "max_instances",
     .kind = FieldKind::kCount,
     .example = "500",
     .doc = "How many cgroups a template may make. Default 1000."},
    {.key = "labels",
     .kind = FieldKind::kTexts,
     .example = "{tenant: <customer>}",
     .doc = "Labels for accounts and metrics; inherited by what is below, where it does not say "
            "otherwise."},
    {.key = "require",
     .kind = FieldKind::kKeyList,
     .example = "[io.latency]",
     .doc = "Interface files this cgroup cannot do without. Where one is missing the host is "
            "reported as not as described."},
    {.key = "account",
     .kind = FieldKind::kWord,
     .words = "all none",
     .example = "none",
     .doc = "`none` switches the controllers for the accounts (cpu, memory, io, pids) off here and "
            "below, unless a key needs them. Default `all`."},
    kShrinkField,
    {.key = "on_drift",
     .kind = FieldKind::kWord,
     .words = "repair report adopt",
     .example = "report",
     .doc = "What happens when somebody else writes a file that this policy sets: `repair` "
            "(default) writes it again, `report` only says so, `adopt` takes the new value until "
            "the policy changes."},
    kExpiresField,
    kWhyField,
    kRaw,
    {.key = "match",
     .later = "process placement",
     .example = "[{user: media, exe: /usr/bin/ffmpeg}]",
     .doc = "Which processes belong here."},
    {.key = "existing",
     .later = "process placement",
     .example = "leave",
     .doc = "`leave` takes only processes that start from now on."},
    {.key = "afterwards",
     .later = "process placement",
     .example = "origin",
     .doc = "Where the processes go when the cgroup is removed."},
    {.key = "linger",
     .later = "process placement",
     .example = "10m",
     .doc = "How long an instance of a template stays after its last process."},
    {.key = "lifetime",
     .later = "containers",
     .example = "1h",
     .doc = "How long a cgroup may live before its processes are ended."},
    kCasesField,
    kReservedField,
    {.key = "container",
     .later = "containers",
     .example = "{command: [/usr/bin/redis-server]}",
     .doc = "A service that reeve itself runs, in namespaces of its own."},
    {.key = "sandbox",
     .later = "sandboxes",
     .example = "{namespaces: [network, ipc]}",
     .doc = "Namespaces that a matched process gets before it runs."},
    {.key = "devices",
     .later = "device access",
     .example = "[allow standard]",
     .doc = "Which device nodes processes here may open."},
    {.key = "net",
     .later = "network limits",
     .example = "{tx: 10MB/s}",
     .doc = "Network traffic of the processes here."},
};

constexpr Field kSelf[] = {kRaw};

constexpr Field kProfile[] = {kRaw};

constexpr Field kForEach[] = {
    {.key = "list",
     .kind = FieldKind::kRows,
     .example = "[{name: bakery, plan: gold}, {name: florist, plan: silver}]",
     .doc =
         "The rows themselves. Where the name has one <variable> only, plain values do: [a, b]."},
    {.key = "file",
     .example = "customers.yaml",
     .doc = "A file with the rows: YAML or JSON (a list of maps) or CSV with a header line. A "
            "relative name lies in `data.d` beside the policy directory. Part of the generation: "
            "a change of the file is a change of the policy."},
    {.key = "path",
     .example = "/srv/sites/<name>",
     .doc = "Files or directories of this host: each path that fits is a row, and what stands for "
            "a <variable> is its value."},
    {.key = "run",
     .later = "`reevectl run`",
     .example = "{id: \"re:[0-9]{1,9}\"}",
     .doc = "Instances that people ask for one by one, with `reevectl run NAME key=value`."},
    {.key = "by",
     .later = "`reevectl run`",
     .example = "{group: ci-runner}",
     .doc = "Who may ask for an instance."},
};

}  // namespace

std::span<const Field> CgroupFields() {
  return kCgroup;
}

std::span<const Field> SelfFields() {
  return kSelf;
}

std::span<const Field> ProfileFields() {
  return kProfile;
}

std::span<const Field> ForEachFields() {
  return kForEach;
}

}  // namespace reeve::policy
