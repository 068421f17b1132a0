// SPDX-License-Identifier: Apache-2.0
#include "core/policy/reference_chapters.h"

namespace reeve::policy {
namespace {

constexpr Chapter kChapters[] = {
    {"files",
     "Files",
     R"(Policies are the files `*.yaml` in `/usr/lib/reeve/policy.d`, `/etc/reeve/policy.d` and
`/run/reeve/policy.d`, each stronger than the one before it; a file of the same name in a
stronger directory masks the other. A file holds one or more documents, separated by lines
`---`.

    apiVersion: reeve/v1
    kind: Policy
    metadata: {name: web, owner: web@example.org}
    cgroups:
      web:
        cpu.max: 2.5 cores
        memory.max: 4GiB

A key with a dot is an interface file of the kernel, by the kernel's own name; every other
key has no dot. Nothing is passed over: an unknown key, a key that stands twice and an empty
value are errors, and a set with errors is not used at all.

The text is YAML without its traps. Refused are tags, merge keys (`<<`), keys that are no
single word, booleans other than `true` and `false`, numbers that readers disagree about
(010, 0x10, 1_000, 1:30, 1e3; in quotes they are texts), tabs in the indentation, invisible
characters, and bytes that are not UTF-8. A UTF-8 byte order mark is passed over. Aliases
work within one document and may stand for 10,000 values; what many cgroups share is better
said as a profile.

Limits: 8 MiB and 500,000 values a file, 64 MiB a set, 64 KiB a value, maps and lists 32
deep.)"},
    {"values",
     "Values",
     R"(Sizes: `4GiB`, `512MiB`, `100KiB`, `1TiB` count in 1024s, `4GB`, `500MB`, `100kB`, `1TB` in
1000s; a bare number is in the kernel's unit. `4G` is an error, because it means both.

CPU: `2 cores`, `0.5 cores`, `4 cores every 50ms`; the kernel's own text `"250000 100000"`
is taken as well. Durations: `500ms`, `90s`, `15m`, `1h`, `7d`. Rates end in `/s`:
`200MiB/s`.

Percentages say of what: `25% of host` (what reeve may use of it), `25% of parent` (the
nearest cgroup above that has a limit, at last the host), `90% of memory.max` (another key,
here or in the nearest cgroup above).

Amounts can be combined with `+`, `-`, `*`, parentheses, `min(a, b)` and `max(a, b)`;
`host`, `parent` and the name of a file stand for their amounts:

    memory.max: host - 2GiB
    memory.max: min(4GiB, 10% of host)
    cpu.max.burst: 100% of cpu.max

`max` means: no limit. What a value comes to on a host is shown by `reevectl plan`.)"},
    {"names",
     "Names of cgroups",
     R"(A name begins with a letter, a digit, `_` or `-` and goes on with those and `.`, `@`, `+`;
at most 200 bytes. It must not look like an interface file (`memory.anything`,
`cgroup.anything`), because the kernel could then not enable the controller. `_self`,
`_other`, `_payload` and `_holder` are reeve's own: as soon as a cgroup has cgroups below it, its own
processes live in the leaf `_self`.)"},
    {"templates",
     "Templates",
     R"(A name with `<variables>` is a template: one cgroup for each row of its data.

    cgroups:
      sites:
        cgroups:
          <name>:
            for_each: {file: customers.yaml, state: active}
            use: [tenant, plan-<plan>]
            labels: {tenant: <name>}
            memory.max: <memory>
          bakery:
            memory.max: 16GiB

The variables of a row, and of the templates around it, can stand in values, labels, names
of profiles and the names of the cgroups below. In a name a value's bytes outside the
grammar become `%XX`. Facts of the host (`<host>`, `<cpus>`, your own) can stand in values
too. A literal name that fits a template (`bakery`) is that instance: it inherits
everything, and its own keys win.)"},
    {"units",
     "Units of systemd",
     R"(Under `units:` stand services, slices, scopes, sockets, mounts and swaps of systemd, by their
full names. systemd sets what a policy says, as properties of the unit (`MemoryMax=`,
`CPUQuota=`), for as long as the machine runs; reeve never writes into systemd's tree itself.

    units:
      postgresql.service: {memory.max: 8GiB, cpu.weight: 800}
      user-<uid>.slice:
        where: {uid: 1000..}
        memory.max: 16GiB
      user-1042.slice: {memory.max: 64GiB}

Absent means "not ours": what a unit file says stays, and a key that leaves the policy gets back
the value that was found. A name with a `<variable>` is a template: every loaded unit that fits, and
for which `where` holds. Its variables, and `<unit>`, `<uid>`, `<user>` and `<slice>`, can stand in
values. A literal name that fits a template is an instance of it, and its own keys win; of several
templates the one wins that says more of the name itself.

A unit that is not loaded is pending. What systemd has no property for is unsupported: with
`Delegate=` in its unit file a service may set it below itself. `25% of parent` is of the slice
above. CPU quotas are kept in whole percents of a CPU, because systemd keeps no more. What somebody
else sets is reported and stays, unless `on_drift: repair` is said. reeve's own units, `init.scope`
and `-.slice` cannot be named.)"},
    {"merging",
     "Merging",
     R"(All documents build one tree. The same key of the same cgroup set to different values is an
error that names both places, unless one place is stronger: a document with a higher
`metadata.priority`, then a file of a stronger directory, then a literal name over a
template. Own keys win over profiles, and later profiles of `use` over earlier ones. Rows of
`io.max` and its like are joined disk by disk and column by column; a literal name's list
replaces that of its template.

A key that leaves the policy is reset to the kernel's default, if reeve once set it. Files
that no policy names are neither read nor written.)"},
};

}  // namespace

std::span<const Chapter> AllChapters() {
  return kChapters;
}

}  // namespace reeve::policy
