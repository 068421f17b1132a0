// SPDX-License-Identifier: Apache-2.0
// What is said about keys and single values, exactly.
#include <gtest/gtest.h>

#include <string>

#include "load_testing.h"

namespace reeve::policy {
namespace {

TEST(FieldReader, UnknownKeysOfferTheNearestSpelling) {
  EXPECT_EQ(Wrong("cgroup:\n  web: {}\n"),
            "t.yaml:1:1-6 R0101 `cgroup` is no key of a document\n"
            "  hint: did you mean `cgroups`?\n");
  EXPECT_EQ(Wrong("cgroups:\n  web: {lables: {a: b}}\n"),
            "t.yaml:2:9-14 R0101 `lables` is no key of a cgroup\n"
            "  hint: did you mean `labels`?\n");
  EXPECT_EQ(Wrong("cgroups:\n  web: {memory.mx: 1GiB}\n"),
            "t.yaml:2:9-17 R0101 `memory.mx` is no interface file that reeve knows\n"
            "  hint: did you mean `memory.max`?\n");
}

TEST(FieldReader, KeysInTheWrongPlaceAreSentHome) {
  EXPECT_EQ(Wrong("priority: 10\n"),
            "t.yaml:1:1-8 R0101 `priority` is no key of a document\n"
            "  hint: `priority` stands in metadata\n");
  EXPECT_EQ(Wrong("memory.max: 1GiB\n"),
            "t.yaml:1:1-10 R0101 `memory.max` is an interface file, which cannot stand here\n"
            "  hint: interface files stand in a cgroup, in `self:` and in a profile\n");
  EXPECT_EQ(Wrong("cgroups:\n  web: {self: {shrink: wait}}\n"),
            "t.yaml:2:16-21 R0101 `shrink` is no key of self\n"
            "  hint: `shrink` stands in a cgroup\n");
}

TEST(FieldReader, NamesOfOtherToolsAreTranslated) {
  EXPECT_EQ(Wrong("cgroups:\n  web: {MemoryMax: 1GiB, memory.limit_in_bytes: 1, cpu.shares: 2}\n"),
            "t.yaml:2:9-17 R0101 `MemoryMax` is no key of a cgroup\n"
            "  hint: cgroup v2 calls it `memory.max`\n"
            "t.yaml:2:26-46 R0101 `memory.limit_in_bytes` is no interface file that reeve knows\n"
            "  hint: cgroup v2 calls it `memory.max`\n"
            "t.yaml:2:52-61 R0101 `cpu.shares` is no interface file that reeve knows\n"
            "  hint: cgroup v2 calls it `cpu.weight`\n");
}

TEST(FieldReader, FilesThatCannotBeKeptSayWhatToUse) {
  EXPECT_EQ(Wrong("cgroups:\n  web:\n    memory.current: 1GiB\n    cgroup.kill: 1\n"
                  "    io.cost.qos: []\n    hugetlb.<size>.max: 1GiB\n    acme.limit: 1\n"),
            "t.yaml:3:5-18 R0120 memory.current can only be read\n"
            "  hint: memory.max can be set\n"
            "t.yaml:4:5-15 R0121 cgroup.kill is a command, not a key\n"
            "  hint: it kills everything inside; the command is `reevectl kill CGROUP`\n"
            "t.yaml:5:5-15 R0122 io.cost.qos exists only at the root of the hierarchy\n"
            "  hint: it stands under the top-level `host:`, which comes with files of the host\n"
            "t.yaml:6:5-22 R0101 `hugetlb.<size>.max` stands for several files\n"
            "  hint: write the size as the kernel does: hugetlb.2MB.max\n"
            "t.yaml:7:5-14 R0101 `acme.limit` is no interface file that reeve knows\n"
            "  hint: `raw: {acme.limit: \"TEXT\"}` writes a file that reeve does not know\n");
}

TEST(FieldReader, KeysOfLaterVersionsSaySo) {
  EXPECT_EQ(
      Wrong("ignore:\n  - {exe: /bin/a}\n\ncgroups:\n  web: {match: 5, cases: }\n"),
      "t.yaml:1:1-6 R0119 `ignore` comes with process placement; this version does not know it "
      "yet\n"
      "  hint: take it out for now; a document that needs it can say `when: {reeve: "
      "VERSION..}`, then this version passes it over\n"
      "t.yaml:5:9-13 R0119 `match` comes with process placement; this version does not know "
      "it yet\n"
      "  hint: take it out for now; a document that needs it can say `when: {reeve: "
      "VERSION..}`, then this version passes it over\n"
      "t.yaml:5:19-23 R0119 `cases` comes with reactions to pressure, use and time; this "
      "version does not know it yet\n"
      "  hint: take it out for now; a document that needs it can say `when: {reeve: "
      "VERSION..}`, then this version passes it over\n");
}

TEST(FieldReader, EmptyValuesAreErrors) {
  EXPECT_EQ(Wrong("profiles:\ncgroups:\n  web:\n    labels:\n    why: \"\"\n    memory.max:\n"
                  "  api:\n"),
            "t.yaml:1:1-8 R0116 `profiles` has no value\n"
            "  hint: profiles: {quiet: {cpu.weight: 10}}\n"
            "t.yaml:4:5-10 R0116 `labels` has no value\n"
            "  hint: labels: {tenant: <customer>}\n"
            "t.yaml:5:10-11 R0116 `why` has no value\n"
            "t.yaml:6:5-14 R0116 memory.max has no value\n"
            "  hint: memory.max: 4GiB, 25% of host, 50% of parent, min(4GiB, 10% of host), max\n"
            "t.yaml:7:3-5 R0116 the cgroup `api` has no value\n"
            "  hint: `{cpu.max: 2 cores}`, or `{}` for one without limits\n");
}

TEST(FieldReader, ShapesAreJudged) {
  EXPECT_EQ(Wrong("cgroups: [web]\nrequire: {a: b}\n"),
            "t.yaml:1:10 R0114 `cgroups` takes a map, not a list\n"
            "  hint: cgroups: {web: {cpu.max: 2 cores}}\n"
            "t.yaml:2:10 R0114 `require` takes a value or a list of values, not a map\n"
            "  hint: require: [memory.zswap.max]\n");
  EXPECT_EQ(Wrong("cgroups:\n  web: 2 cores\n  api: {why: [a], memory.max: {a: 1}, pids.max: [1],"
                  " io.max: [x], io.latency: {device: /dev/sda, target: 5ms}}\n"),
            "t.yaml:2:8-14 R0114 the cgroup `web` is a map, not a single value\n"
            "  hint: `{cpu.max: 2 cores}`, or `{}` for one without limits\n"
            "t.yaml:3:14 R0114 `why` takes a single value, not a list\n"
            "  hint: why: INC-4711, until the database has moved\n"
            "t.yaml:3:31 R0216 memory.max takes a single value, not a map\n"
            "  hint: memory.max: 4GiB, 25% of host, 50% of parent, min(4GiB, 10% of host), max\n"
            "t.yaml:3:49 R0216 pids.max takes a single value, not a list\n"
            "  hint: pids.max takes 2000, 60% of host, max\n"
            "t.yaml:3:63 R0114 a row of io.max is a map, not a single value\n"
            "  hint: io.max: [{device: /dev/sda, rbps: 200MiB/s, wiops: 5000}, {mount: /srv, wbps: "
            "max}]\n"
            "t.yaml:3:79 R0216 io.latency takes a list of rows, not a map\n"
            "  hint: io.latency: [{device: /dev/sda, target: 5ms}]\n");
}

TEST(FieldReader, NorwayIsNoBoolean) {
  EXPECT_EQ(Wrong("when: {country: no}\ncgroups:\n  on: {}\n  web: {labels: {a: Yes, n: x},"
                  " cpu.idle: yes}\n"),
            "t.yaml:1:17-18 R0207 `no` is a boolean to some YAML readers and a text to others\n"
            "  hint: put it in quotes: \"no\"\n"
            "t.yaml:3:3-4 R0207 `on` is a boolean to some YAML readers and a text to others\n"
            "  hint: put it in quotes: \"on\"\n"
            "t.yaml:4:21-23 R0207 `Yes` is a boolean to some YAML readers and a text to others\n"
            "  hint: put it in quotes: \"Yes\"\n"
            "t.yaml:4:26 R0207 `n` is a boolean to some YAML readers and a text to others\n"
            "  hint: put it in quotes: \"n\"\n"
            "t.yaml:4:43-45 R0207 cpu.idle is true or false, not `yes`\n"
            "  hint: write `true`\n");
  Loaded("when: {country: \"no\", gpu: true}\ncgroups:\n  \"on\": {}\n");
}

TEST(FieldReader, NumbersThatReadersDisagreeAboutNeedQuotes) {
  for (const std::string_view number : {"0815",
                                        "010",
                                        "0x1f",
                                        "0o17",
                                        "0b11",
                                        "1_000",
                                        "22:30",
                                        "1:30",
                                        "1e3",
                                        "1.5E-3",
                                        "-007",
                                        ".inf"}) {
    const std::string text(number);
    EXPECT_EQ(Wrong("cgroups:\n  web: {why: " + text + "}\n"),
              "t.yaml:2:14-" + std::to_string(13 + text.size()) + " R0208 `" + text +
                  "` is not the same number to all YAML readers\n  hint: put it in quotes: \"" +
                  text + "\"\n");
  }
  for (const std::string_view text : {"4711",
                                      "0",
                                      "1.5",
                                      "2026-12-15",
                                      "12:ab",
                                      "1e",
                                      "e5",
                                      "0x",
                                      "7d",
                                      "5d0c2f4e-7a1e-4f0e",
                                      "22:00..06:30",
                                      "\"0815\"",
                                      "'1:30'"}) {
    EXPECT_EQ(Wrong("cgroups:\n  web: {why: " + std::string(text) + "}\n"), "") << text;
  }
}

TEST(FieldReader, WordsNumbersAndDates) {
  EXPECT_EQ(Wrong("cgroups:\n  web: {shrink: gentel, on_drift: always, account: none,\n"
                  "    max_instances: 0, expires: tomorrow}\n  api: {max_instances: 010}\n"),
            "t.yaml:2:17-22 R0209 `gentel` is no value of `shrink`\n"
            "  hint: did you mean `gentle`?\n"
            "t.yaml:2:35-40 R0209 `always` is no value of `on_drift`\n"
            "  hint: it takes repair, report, adopt\n"
            "t.yaml:3:20 R0201 `max_instances` takes a whole number from 1 up\n"
            "  hint: max_instances: 500\n"
            "t.yaml:3:32-39 R0221 `tomorrow` is no date\n"
            "  hint: write 2026-12-15, or 2026-12-15T05:10:00+01:00\n"
            "t.yaml:4:24-26 R0208 `max_instances` takes a whole number from 1 up\n"
            "  hint: max_instances: 500\n");
}

TEST(FieldReader, NamesHaveAGrammar) {
  EXPECT_EQ(
      Wrong("when: {a b: c}\nprofiles:\n  _x: {cpu.weight: 1}\ncgroups:\n  web: {labels: {a.b: c, "
            "\"\\u00e9\": d}}\n"),
      "t.yaml:1:8-10 R0131 `a b` is no name of a fact\n"
      "  hint: it begins with a letter or digit and goes on with those, `_` and `-`\n"
      "t.yaml:3:3-4 R0131 `_x` is no name of a profile\n"
      "  hint: it begins with a letter or digit and goes on with those, `_`, `-` and `.`\n"
      "t.yaml:5:18-20 R0131 `a.b` is no name of a label\n"
      "  hint: it begins with a letter or digit and goes on with those, `_` and `-`\n"
      "t.yaml:5:26-33 R0131 `\xc3\xa9` is no name of a label\n"
      "  hint: it begins with a letter or digit and goes on with those, `_` and `-`\n");
}

}  // namespace
}  // namespace reeve::policy
