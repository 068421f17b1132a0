// SPDX-License-Identifier: Apache-2.0
#include "core/policy/codes.h"

#include <algorithm>
#include <iterator>

namespace reeve::policy {
namespace {

// Adding a code is adding a row; rows stay sorted, numbers are never used again for something else.
constexpr Code kCodes[] = {
    // --- R01xx: the text and its structure ---
    {"R0101",
     "unknown key",
     "The key is none that may stand here. The message offers the nearest spelling. reeve "
     "refuses unknown keys, because a limit with a typing error in its name is a limit that is "
     "not there."},
    {"R0102",
     "duplicate key",
     "The same key stands twice in one map. YAML readers disagree on which one counts, so "
     "neither is taken; both places are named. Merge the two or rename one."},
    {"R0103",
     "file too large",
     "A policy file may have 8 MiB, a whole set 64 MiB. Larger ones are refused before they are "
     "read. Many similar cgroups belong into a template with `for_each` and a data file."},
    {"R0104",
     "not a text file",
     "The file holds bytes that no text has (NUL, control characters). It is probably no policy: "
     "a compressed file, a database, a core dump. Nothing of it was judged."},
    {"R0105",
     "wrong encoding",
     "Policies are UTF-8. UTF-16, UTF-32 and bytes that are not well-formed UTF-8 are refused "
     "rather than guessed at. Convert with: iconv -f UTF-16 -t UTF-8."},
    {"R0106",
     "nested too deeply",
     "Maps and lists may lie 32 deep. Deeper ones come from a broken generator or from somebody "
     "who wants to exhaust the reader's stack."},
    {"R0107",
     "memory.high above memory.max",
     "`memory.high` slows a cgroup down before `memory.max` kills in it. Above or at memory.max "
     "it can never take effect. Lower memory.high, or drop memory.max."},
    {"R0108",
     "too many nodes",
     "A document holds more values than any policy needs, counted after aliases are expanded. "
     "This stops alias bombs and runaway generators. Use a template with `for_each` instead."},
    {"R0109",
     "YAML syntax",
     "The text is not YAML from this place on. The document cannot be read further; reeve says "
     "which lines were not judged and goes on with the next document of the file."},
    {"R0110",
     "a plain value cannot start so",
     "The characters @ ` % & * ! | > have a meaning of their own in YAML at the start of a "
     "value. Put the value in quotes."},
    {"R0111",
     "tab in the indentation",
     "YAML indents with spaces only; a tab has no agreed width. Replace it by spaces."},
    {"R0112",
     "tag",
     "`!something` and `!!type` change what a value is behind the reader's back. No key needs "
     "one."},
    {"R0113",
     "merge key",
     "`<<` is not part of YAML 1.2 and hides where a value comes from. Name the shared keys as a "
     "profile and take it with `use: [NAME]`; plan and explain then show the origin."},
    {"R0114",
     "wrong type",
     "A map stands where a list or a single value is wanted, or the other way round. The hint "
     "shows an example of the right form."},
    {"R0115", "missing key", "A required key is not there. The hint shows it with an example."},
    {"R0116",
     "empty value",
     "The key has no value. YAML reads that as null, other tools as an empty text, the kernel "
     "takes an empty memory.max as 0. Write the value, or remove the key: absent means default."},
    {"R0117",
     "name of a cgroup",
     "A cgroup's name begins with a letter, digit, `_` or `-` and goes on with those and `.@+`; "
     "it must not look like an interface file (memory.max, cgroup.anything), nor be one of "
     "reeve's own (_self, _other, _payload, _holder)."},
    {"R0118",
     "kind of document",
     "A document begins with `apiVersion: reeve/v1` and `kind: Policy`. Other versions and kinds "
     "are refused, because this reeve cannot know what their keys mean."},
    {"R0119",
     "comes with a later version",
     "The key is part of the language but this reeve does not know it yet. It is refused rather "
     "than passed over, because a policy without it would mean something else."},
    {"R0120",
     "read-only file",
     "The kernel lets this interface file be read only. The hint names the one that can be set."},
    {"R0121",
     "file that is a command",
     "Writing this interface file does something once; it holds no value that could be kept. The "
     "hint names the command of reevectl that does it."},
    {"R0122",
     "file of the host",
     "The file exists only at the root of the hierarchy. It stands under the top-level `host:`."},
    {"R0123",
     "alias",
     "An alias (`*name`) points to itself, or to an anchor that this document does not have. "
     "Aliases work within one document only."},
    {"R0124",
     "key of the wrong kind",
     "A key must be a single plain word: no map, no list, no alias."},
    {"R0125",
     "<variable> in a name",
     "A template's name holds `<variable>` placeholders: letters, digits and `_`, beginning with "
     "a letter, between angle brackets that are closed. The rest obeys the grammar of names."},
    {"R0126",
     "name is taken",
     "Names of profiles are unique over all files of a set, because `use:` names them without a "
     "file. Both places are named."},
    {"R0127", "two keys that exclude each other", "Of these keys only one may stand here."},
    {"R0128",
     "for_each without a source",
     "`for_each` needs exactly one of `list`, `file` and `path`: where its rows come from."},
    {"R0129",
     "character that cannot be seen",
     "Control characters of Unicode, zero-width blanks and marks that turn the direction of "
     "writing make a text read differently on the screen than in the kernel. Remove them."},
    {"R0130",
     "value too long",
     "A single value may have 64 KiB. Longer ones come from a broken generator, or a quote that "
     "is closed much too late."},
    {"R0131",
     "name",
     "Names of documents, profiles, labels and facts begin with a letter or digit and go on with "
     "letters, digits, `_` and `-`; names of documents and profiles may also have `.`."},
    {"R0132",
     "too many errors",
     "After a thousand errors in one document the rest of it is not judged any more: it was "
     "probably "
     "written for something else."},
    {"R0133",
     "cpu.max.burst above the quota",
     "`cpu.max.burst` is what may be used beyond `cpu.max` in one period. The kernel refuses more "
     "than the quota itself. `100% of cpu.max` is the most there is."},
    {"R0134",
     "fact that reeve finds out itself",
     "One's own facts (facts.d) cannot have the names of those that reeve finds out: a policy "
     "could not tell which one is meant."},
    {"R0135",
     "host of a test",
     "The file that a policy test names as its host cannot be read. A relative name begins at the "
     "directory of the test's file. `reevectl record` on such a host writes one, `reevectl facts "
     "-o json` one without a tree."},

    {"R0136",
     "key that makes no sense for a unit",
     "Under `units:` systemd makes and ends the cgroups and decides which processes are in them; "
     "a policy says limits, protections and weights only. The hint says where the key belongs."},
    {"R0137",
     "name of a unit",
     "Under `units:` stand full names of units that have a cgroup: postgresql.service, user.slice, "
     "app-worker@<n>.service. Timers, targets, paths and devices have none."},
    {"R0138",
     "unit that reeve leaves alone",
     "The unit is one of those in which reeve's own tree lives, the root, or systemd itself. Two "
     "roads never meet on one cgroup: what is in reeve's tree stands under `cgroups:`."},

    // --- R02xx: a single value ---
    {"R0201",
     "value not understood",
     "The text is no value of this key. The hint shows what may stand here."},
    {"R0202",
     "ambiguous unit",
     "G, M and K mean 1000 to some and 1024 to others. Say which: 4GiB is 4 * 1024^3 bytes, 4GB "
     "is 4 * 1000^3."},
    {"R0203", "wrong unit", "The unit does not exist or counts something else than this key."},
    {"R0204",
     "a percentage must say of what",
     "A percentage in a knob's value is of something: `25% of host` (what reeve may use of it), "
     "`25% of parent` (the nearest ancestor that has a limit) or `90% of memory.max` (another "
     "key of this cgroup)."},
    {"R0205", "out of range", "The kernel does not take this number for this file, on any host."},
    {"R0206",
     "over 64 bits",
     "The number is larger than the kernel can hold. `max` means: no limit."},
    {"R0207",
     "boolean",
     "Booleans are `true` and `false`, and 0 and 1 where the kernel takes them. yes, no, on, "
     "off, y and n are booleans in one YAML version and text in the next, so they are refused; a "
     "text that reads so goes in quotes."},
    {"R0208",
     "form of a number",
     "Numbers are decimal. 010 is eight to some readers and ten to others, 1:30 is ninety, 0x10 "
     "sixteen, 1_000 a thousand, 1e3 a text. Write the decimal number."},
    {"R0209", "not one of the words", "The key takes one of a few words; the hint lists them."},
    {"R0210",
     "expression",
     "The expression ends too early or has something left over. Amounts can be combined with "
     "`+`, `-`, `*`, `min(a, b)` and `max(a, b)`."},
    {"R0211",
     "amounts that do not fit together",
     "Bytes, cores, times and rates cannot be added to each other, and of two factors one must "
     "be a plain number."},
    {"R0212",
     "not a key with an amount",
     "The interface file after `of`, or in the expression, does not exist or holds no amount of "
     "the same kind."},
    {"R0213",
     "unknown column",
     "The row has a key that is no column of this file. The message offers the nearest spelling."},
    {"R0214",
     "which row",
     "A row says what it is about: `device:`, `mount:` or `default:` for disks, the resource's "
     "name for rdma, misc and dmem; and it has at least one column."},
    {"R0215", "row twice", "The same device, mount or name stands in two rows of one list."},
    {"R0216",
     "rows and values",
     "Files with a line for each device take a list of rows, all others a single value."},
    {"R0217",
     "list of numbers",
     "CPUs and memory nodes are written as numbers and ranges: 0-3,8,10-11."},
    {"R0218", "rate without a time", "A rate says per what: 200MiB/s."},
    {"R0219",
     "max is no value here",
     "This file has no `max`; the message says which range it has."},
    {"R0220", "duration", "Durations are a number with ms, s, m, h or d: 500ms, 90s, 15m, 1h."},
    {"R0221", "date", "Dates are 2026-12-15 or 2026-12-15T05:10:00+01:00."},
    {"R0222",
     "range",
     "Ranges are 16GiB.. (at least), ..64 (at most) and 8..16, both ends included."},
    {"R0223",
     "version",
     "Versions are numbers with dots, compared number by number: 6.1.. (at least), ..6.6 (at "
     "most, every 6.6.x included), 6.1..6.6; a plain 6.1 is every 6.1.x. Anything else is a "
     "pattern and needs a `*`."},
    {"R0224",
     "time of day",
     "A window is 22:00..06:30 in the host's local time, its end not included; days stand before "
     "it: Mon..Fri 07:00..19:00, Sat..Sun. The day is the one on which a window opens, so Fri "
     "22:00..06:30 lasts into Saturday morning."},
    {"R0225",
     "share of the hosts",
     "`rollout:` takes a share as a range: ..5% is the first twentieth of all hosts, 5%..25% the "
     "next fifth. A host's place depends on its machine id and the document's name only; another "
     "document means the same hosts with `..5% of NAME`."},

    // --- R03xx: merging and resolving for a host ---
    {"R0301",
     "two places disagree",
     "The same key of the same cgroup is set to different values by two places of equal "
     "strength. reeve does not guess: remove one, or give one of the documents a higher "
     "`metadata.priority`. Both places are named."},
    {"R0302",
     "unbound variable",
     "The <variable> has no value here. The message lists those that have one."},
    {"R0303", "unknown profile", "`use:` names a profile that no file of the set has."},
    {"R0305",
     "too many instances",
     "A template would make more cgroups than its `max_instances` (default 1000) allows."},
    {"R0306",
     "data file",
     "The file behind `for_each` could not be read or is not what its name says: YAML, JSON or "
     "CSV."},
    {"R0307",
     "row of a data file",
     "A row of the data lacks a column that is used, or has an empty or unfit value in it."},
    {"R0308",
     "two rows, one name",
     "Two rows of a template's data give the same cgroup. Both places are named. Filter the "
     "rows, or put another variable into the template's name."},
    {"R0309",
     "unknown column of a data file",
     "The filter under `for_each` asks for a column that no row has. The message offers the "
     "nearest spelling."},
    {"R0311",
     "below zero on this host",
     "The amount is fine elsewhere but negative on this host. Use max(0, ...) or a `when:`."},
    {"R0312",
     "over 64 bits on this host",
     "The amount is larger than the kernel can hold on this host."},
    {"R0313",
     "out of range on this host",
     "The amount comes out at a number that the kernel does not take for this file."},
    {"R0314",
     "worked out from itself",
     "Amounts that refer to each other in a circle have no value. Give one of the keys a number. "
     "`of parent` takes the same key further up."},
    {"R0315",
     "rows for one device disagree",
     "Two rows of a list name the same disk in different words (by mount, by id, by number) and "
     "set the same column to different values. Both places are named."},
    {"R0316",
     "amount of the host is not known",
     "The expression needs to know how much of something this host has, and that could not be "
     "found out. `reevectl facts` shows what is known. Write the amount itself."},
    {"R0317",
     "not possible on this host",
     "The key is right, but this host can not have it in force: a controller, a file or a device "
     "is "
     "missing. Only `check --strict` makes that an error; otherwise plan and status show it and "
     "the "
     "rest is applied. `require: [KEY]` makes it count as not as described."},

    // --- R04xx: warnings ---
    {"R0401",
     "raw file",
     "`raw:` writes an interface file that reeve does not know, as it stands: no check, no "
     "units, no default to go back to."},
    {"R0402",
     "low pids.max",
     "`pids.max` counts threads, not processes. A value this low stops programs of every day: a "
     "compiler, a JVM, a browser have dozens."},
    {"R0403",
     "more protected than there is",
     "The `memory.min` or the `memory.low` of the outermost cgroups add up to more than this "
     "host's memory. The kernel cannot keep that promise: under pressure it kills although "
     "everybody is below his own `memory.min`, and takes from everybody's `memory.low`."},
    {"R0404",
     "protection without effect",
     "The kernel grants a cgroup no more `memory.min` or `memory.low` than its ancestors have. "
     "The cgroup above protects less, so the rest of this value does nothing."},
    {"R0405",
     "fits a template, but is in no row",
     "A literal name that fits a template changes one of its instances. This one is in no row of "
     "the template's data, so it stands for itself and gets nothing from the template; where it "
     "uses variables of the rows it is not made at all. The name may be misspelled, or the row "
     "is gone and the entry can go too."},
    {"R0406",
     "fact that nobody knows",
     "`when:` asks for a fact that this host does not have, spelled nearly like one of reeve's "
     "own. Unknown facts are false, so the document is passed over."},
    {"R0407",
     "no rows",
     "A template's data has no row that passes its filter, so it makes no cgroup at all. An "
     "export that went wrong looks exactly like this."},
    {"R0408",
     "less than a page",
     "The kernel rounds amounts of memory down to whole pages, so fewer bytes than a page are "
     "none. A number without a unit counts bytes."},
    {"R0409",
     "never comes into play",
     "The kernel takes both values, but one of them can never matter beside the other: a "
     "protection (memory.min, memory.low) above a limit of the same cgroup, memory.min above "
     "memory.low, memory.swap.high above memory.swap.max."},
    {"R0410",
     "partition without CPUs",
     "A cgroup becomes a partition root only with CPUs of its own. Set `cpuset.cpus` beside "
     "`cpuset.cpus.partition`; until then the kernel reads `root invalid`."},
    {"R0411",
     "a limit as large as the host",
     "One `memory.max` lets its cgroup have all of the memory that reeve may use, or all but a "
     "sixteenth of it, at most 256 MiB. The host itself runs out of memory before the limit takes "
     "hold, and then kills anywhere. Limits of several cgroups may well add up to more than the "
     "host has; a single one should leave the rest of the system something."},
    {"R0412",
     "no CPU left",
     "The partitions (`cpuset.cpus.partition: root` or `isolated`) take all CPUs that reeve may "
     "use. The kernel gives CPUs of a partition to nobody else, so nothing is left for cgroups "
     "beside them; a kernel that finds processes there refuses, and the partition is invalid."},
    {"R0413",
     "template without a bound",
     "The template's name says no more than a type, and there is no `where`: it means every unit "
     "of "
     "that type, systemd's own and sshd among them. Say which are meant, or which are not."},

    // --- R05xx: by hand ---
    {"R0501",
     "no such cgroup",
     "What is done by hand is done to cgroups that the policies in force describe, so that there "
     "is something to go back to. `reevectl status` lists them."},
    {"R0502",
     "without an end",
     "What is done by hand ends by itself, so that nobody has to remember it: `--for 2h` says "
     "when, and more than 24 hours need `--long`. What shall stay belongs into a policy."},
    {"R0503",
     "without a reason",
     "What is done by hand is shown to everybody until it ends, and whoever sees it wants to know "
     "why: `--why INC-4711`, one line of at most 1000 bytes."},
    {"R0504",
     "no way back",
     "The kernel does not let this interface file go back to what it was, so it can not be set "
     "for a time. It belongs into a policy."},
    {"R0505",
     "nothing to lift",
     "No cgroup that was named has a limit in force. `reevectl status` shows where limits are."},
    {"R0506",
     "name is taken",
     "There is a cgroup of the name that the clamp would use; most likely the process is clamped "
     "already. `reevectl release clamp-PID` ends that."},
};

}  // namespace

std::span<const Code> AllCodes() {
  return kCodes;
}

const Code* FindCode(std::string_view code) {
  const auto* row = std::ranges::lower_bound(kCodes, code, {}, &Code::code);
  return row != std::end(kCodes) && row->code == code ? row : nullptr;
}

}  // namespace reeve::policy
