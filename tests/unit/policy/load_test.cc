// SPDX-License-Identifier: Apache-2.0
#include "core/policy/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

#include "load_testing.h"

namespace reeve::policy {
namespace {

using testing::FindingsText;
using testing::TextFile;

std::string Pairs(const std::vector<std::pair<std::string, Scalar>>& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) text += fmt::format("{}={} ", key, value.text);
  return text;
}

// "memory.max=4GiB io.max=[{mount: /srv, rbps: 1MB/s}] raw:x.y=1"
std::string Settings(const std::vector<SettingText>& settings) {
  std::string text;
  for (const SettingText& setting : settings) {
    text +=
        fmt::format("{}{}{}=", text.empty() ? "" : " ", setting.raw ? "raw:" : "", setting.file);
    if (!setting.is_rows) text += setting.value.text;
    for (const RowText& row : setting.rows) {
      text += "{";
      for (const auto& [key, value] : row.fields)
        text += fmt::format("{}: {};", key.text, value.text);
      text += "}";
    }
  }
  return text;
}

TEST(LoadPolicy, ReadsMetadata) {
  Findings findings;
  const Policy policy = LoadPolicy({TextFile("t.yaml",
                                             "apiVersion: reeve/v1\n"
                                             "kind: Policy\n"
                                             "metadata:\n"
                                             "  name: web.2\n"
                                             "  labels: {tenant: acme, cost-center: \"0815\"}\n"
                                             "  mode: observe\n"
                                             "  expires: 2026-12-15T05:10:00+01:00\n"
                                             "  boot: 5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10\n"
                                             "  owner: web@example.org\n"
                                             "  why: \"shop front, SLO 4\"\n"
                                             "  priority: -10\n"
                                             "require: [memory.zswap.max, io.stat]\n")},
                                   findings);

  EXPECT_EQ(FindingsText(findings), "");
  ASSERT_EQ(policy.documents.size(), 1U);
  const Metadata& metadata = policy.documents[0].metadata;
  EXPECT_EQ(metadata.name.text, "web.2");
  EXPECT_EQ(metadata.name.mark.FileLineColumn(), "t.yaml:4:9");
  EXPECT_EQ(Pairs(metadata.labels), "tenant=acme cost-center=0815 ");
  EXPECT_EQ(metadata.mode, Mode::kObserve);
  EXPECT_EQ(metadata.expires->text, "2026-12-15T05:10:00+01:00");
  EXPECT_EQ(metadata.boot->text, "5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10");
  EXPECT_EQ(metadata.owner, "web@example.org");
  EXPECT_EQ(metadata.why, "shop front, SLO 4");
  EXPECT_EQ(metadata.priority, -10);
  EXPECT_EQ(policy.documents[0].require.size(), 2U);
}

TEST(LoadPolicy, ReadsEveryKeyOfACgroup) {
  const Policy policy = Loaded(
      "profiles:\n"
      "  quiet: {cpu.weight: 10, raw: {}}\n"
      "cgroups:\n"
      "  web:\n"
      "    cpu.max: 2.5 cores\n"
      "    io.max:\n"
      "      - {device: /dev/sda, rbps: 200MiB/s}\n"
      "      - {mount: /srv, wbps: 50MB/s}\n"
      "    self: {memory.max: 1GiB}\n"
      "    use: quiet\n"
      "    labels: {tier: front}\n"
      "    require: io.latency\n"
      "    account: none\n"
      "    shrink: gentle\n"
      "    on_drift: adopt\n"
      "    expires: 2026-12-15\n"
      "    why: INC-4711\n"
      "    cgroups:\n"
      "      api: {}\n"
      "      encode: {cpu.weight: 300, shrink: kill, on_drift: report, account: all}\n");

  const Document& document = policy.documents.at(0);
  EXPECT_EQ(document.profiles.at(0).name.text, "quiet");
  EXPECT_EQ(Settings(document.profiles.at(0).settings), "cpu.weight=10");
  const CgroupSpec& web = document.cgroups.at(0);
  EXPECT_EQ(web.name.text, "web");
  EXPECT_EQ(web.name.mark.FileLineColumn(), "t.yaml:7:3");
  EXPECT_EQ(
      Settings(web.settings),
      "cpu.max=2.5 cores io.max={device: /dev/sda;rbps: 200MiB/s;}{mount: /srv;wbps: 50MB/s;}");
  EXPECT_EQ(web.settings.at(0).key_mark.FileLineColumn(), "t.yaml:8:5");
  EXPECT_EQ(web.settings.at(1).rows.at(1).mark.FileLineColumn(), "t.yaml:11:9");
  EXPECT_EQ(Settings(web.self), "memory.max=1GiB");
  EXPECT_EQ(web.use.at(0).text, "quiet");
  EXPECT_EQ(Pairs(web.labels), "tier=front ");
  EXPECT_EQ(web.require.at(0).text, "io.latency");
  EXPECT_FALSE(web.account);
  EXPECT_EQ(web.shrink, Shrink::kGentle);
  EXPECT_EQ(web.on_drift, OnDrift::kAdopt);
  EXPECT_EQ(web.expires->text, "2026-12-15");
  EXPECT_EQ(web.why, "INC-4711");
  ASSERT_EQ(web.children.size(), 2U);
  EXPECT_EQ(web.children[0].name.text, "api");
  EXPECT_FALSE(web.children[0].shrink.has_value());
  EXPECT_TRUE(web.children[1].account);
  EXPECT_EQ(web.children[1].shrink, Shrink::kKill);
  EXPECT_EQ(web.children[1].on_drift, OnDrift::kReport);
}

TEST(LoadPolicy, ReadsTemplates) {
  const Policy policy = Loaded(
      "cgroups:\n"
      "  <name>: {for_each: {file: customers.yaml, state: active}, max_instances: 20,\n"
      "           cpu.weight: 100 * <cores>, io.max: [{mount: /home/<name>, rbps: <speed>}]}\n"
      "  job-<id>-x: {for_each: {list: [{id: 1, image: alma9}, {id: 2, image: node}]}}\n"
      "  q-<queue>: {for_each: {list: [fast, slow]}}\n"
      "  site-<site>: {for_each: {path: /srv/sites/<site>}}\n");

  const auto& cgroups = policy.documents.at(0).cgroups;
  const ForEach& file = *cgroups.at(0).for_each;
  EXPECT_EQ(file.source, ForEach::Source::kFile);
  EXPECT_EQ(file.name.text, "customers.yaml");
  ASSERT_EQ(file.filters.size(), 1U);
  EXPECT_EQ(file.filters[0].first.text + "=" + file.filters[0].second.text, "state=active");
  EXPECT_EQ(cgroups.at(0).max_instances, 20U);
  EXPECT_EQ(Settings(cgroups.at(0).settings),
            "cpu.weight=100 * <cores> io.max={mount: /home/<name>;rbps: <speed>;}");
  const ForEach& list = *cgroups.at(1).for_each;
  EXPECT_EQ(list.source, ForEach::Source::kList);
  EXPECT_EQ(list.list.at(1).at(1).first.text + "=" + list.list.at(1).at(1).second.text,
            "image=node");
  const ForEach& plain = *cgroups.at(2).for_each;
  EXPECT_EQ(plain.list.at(1).at(0).first.text + "=" + plain.list.at(1).at(0).second.text,
            "queue=slow");
  EXPECT_EQ(cgroups.at(3).for_each->source, ForEach::Source::kPath);
  EXPECT_EQ(cgroups.at(3).for_each->name.text, "/srv/sites/<site>");
}

TEST(LoadPolicy, TemplatesAreJudgedAsFarAsTheyAreKnown) {
  EXPECT_EQ(Wrong("cgroups:\n"
                  "  <a>: {for_each: {lst: [1]}}\n"
                  "  <aa>: {for_each: {state: x}}\n"
                  "  <b>: {for_each: {file: x.csv, list: [1]}}\n"
                  "  <c>-<d>: {for_each: {list: [1, {<x>: 2}]}}\n"
                  "  <e>: {io.max: [{mount: /home/<e>, rbsp: 1MB/s}]}\n"),
            "t.yaml:2:20-22 R0128 `lst` is no source of rows\n"
            "  hint: did you mean `list`?\n"
            "t.yaml:3:20 R0128 `for_each` does not say where its rows come from\n"
            "  hint: add `list`, `file` or `path`\n"
            "t.yaml:4:33-36 R0128 `list` stands beside `file`\n"
            "  hint: rows come from exactly one of `list`, `file` and `path`\n"
            "  also: t.yaml:4:20 the first source\n"
            "t.yaml:5:31 R0114 an item of `list` is a map of variables and values\n"
            "  hint: plain values do only where the name has exactly one <variable>\n"
            "t.yaml:5:35-37 R0125 `<x>` is no name of a variable\n"
            "  hint: a letter, then letters, digits, `_` and `-`\n"
            "t.yaml:6:37-40 R0213 io.max has no column `rbsp`\n"
            "  hint: did you mean `rbps`?\n");
}

TEST(LoadPolicy, NamesOfCgroupsAreJudged) {
  EXPECT_EQ(
      Wrong("cgroups:\n  memory.max: {}\n  a/b: {}\n  _self: {}\n  <a: {}\n  x-<1>: {}\n"
            "  io.<x>: {}\n  user-<uid>.slice: {}\n  <a><b>: {}\n"),
      "t.yaml:2:3-12 R0117 `memory.max` cannot be a cgroup's name: names that begin with "
      "'memory.' are the kernel's interface files\n"
      "t.yaml:3:3-5 R0117 `a/b` cannot be a cgroup's name: '/' is not allowed; letters, digits "
      "and _ . @ + - are\n"
      "t.yaml:4:3-7 R0117 `_self` cannot be a cgroup's name: '_self' is one of reeve's own\n"
      "t.yaml:5:3-4 R0125 `<a` has brackets that hold no variable\n"
      "  hint: <name>: a letter, then letters, digits, `_` and `-`\n"
      "t.yaml:6:3-7 R0125 `x-<1>` has brackets that hold no variable\n"
      "  hint: <name>: a letter, then letters, digits, `_` and `-`\n"
      "t.yaml:7:3-8 R0117 `io.<x>` cannot be a cgroup's name: names that begin with 'io.' are "
      "the kernel's interface files\n");
}

TEST(LoadPolicy, NamesOfEscapedInstancesAreThoseThatEscapingGives) {
  EXPECT_EQ(Loaded("cgroups: {a%2Fb: {}}\n").documents[0].cgroups.size(), 1U);
  for (const char* name : {"a%2fb", "a%41", "a%", "a%2", "a%zz"}) {
    EXPECT_NE(Wrong("cgroups: {" + std::string(name) + ": {}}\n").find("R0117"), std::string::npos)
        << name;
  }
}

TEST(LoadPolicy, ReadsConditions) {
  const Policy policy = Loaded(
      "when:\n"
      "  host: [web*, api01]\n"
      "  role: web\n"
      "  not: {ring: canary}\n"
      "  any: [{cpus: 8..}, {memory: 16GiB..}]\n");

  const Condition& when = policy.documents.at(0).when;
  EXPECT_EQ(when.kind, Condition::Kind::kAll);
  ASSERT_EQ(when.children.size(), 4U);
  EXPECT_EQ(when.children[0].fact, "host");
  EXPECT_EQ(when.children[0].values.at(1).text, "api01");
  EXPECT_EQ(when.children[1].kind, Condition::Kind::kNot);
  EXPECT_EQ(when.children[1].children.at(0).children.at(0).fact, "ring");
  EXPECT_EQ(when.children[2].kind, Condition::Kind::kAny);
  EXPECT_EQ(when.children[2].children.at(1).children.at(0).values.at(0).text, "16GiB..");
  EXPECT_EQ(when.children[3].fact, "role");
}

TEST(LoadPolicy, ConditionsAreJudgedWithoutAHost) {
  EXPECT_EQ(Wrong("when: {cpus: many, not: [web], any: {a: {b: c}}}\n"),
            "t.yaml:1:14-17 R0222 `many` is no number and no range of them\n"
            "  hint: write `cpus: 8..`, `..64` or `8..16`\n"
            "t.yaml:1:26-28 R0114 a condition is a map, not a single value\n"
            "  hint: {host: web*, memory: 16GiB..}\n"
            "t.yaml:1:41 R0114 the fact `a` takes a single value, not a map\n");
}

TEST(LoadPolicy, ADocumentForALaterVersionIsPassedOverUnjudged) {
  const std::string text =
      "apiVersion: reeve/v2\nkind: Zauberei\nmetadata: {name: later, magic: 1}\n"
      "when: {reeve: 2.0.., role: web}\nspells: [1]\n";
  Findings findings;
  const Policy policy = LoadPolicy({TextFile("t.yaml", text)}, findings, "1.9.3");

  EXPECT_EQ(FindingsText(findings), "");
  ASSERT_EQ(policy.documents.size(), 1U);
  EXPECT_EQ(policy.documents[0].metadata.name.text, "later");
  EXPECT_EQ(policy.documents[0].when.children.size(), 2U);
  EXPECT_TRUE(policy.documents[0].cgroups.empty());

  Findings judged;
  LoadPolicy({TextFile("t.yaml", text)}, judged, "2.0.0");
  EXPECT_TRUE(judged.has_errors());
}

TEST(LoadPolicy, AConditionThatIsWrongExcludesNothing) {
  EXPECT_EQ(Wrong("when: {not: [x]}\ncgroup: {}\n"),
            "t.yaml:1:14 R0114 a condition is a map, not a single value\n"
            "  hint: {host: web*, memory: 16GiB..}\n"
            "t.yaml:2:1-6 R0101 `cgroup` is no key of a document\n"
            "  hint: did you mean `cgroups`?\n");
  EXPECT_EQ(Wrong("when: {any: []}\n"),
            "t.yaml:1:13 R0116 an empty list of conditions never holds\n"
            "  hint: [{host: web*}, {memory: 16GiB..}]\n");
  EXPECT_EQ(Wrong("when: {reeve: 99.., weather: {sky: blue}}\ncgroup: {}\n"), "");
}

TEST(LoadPolicy, WhatIsNoPolicySaysSoOnce) {
  const std::string head =
      "  hint: a policy begins with `apiVersion: reeve/v1` and `kind: Policy`\n"
      "  note: the rest of this document was not judged\n";
  EXPECT_EQ(WrongText("services: {a: {image: b}}\nvolumes: {c: }\n"),
            "t.yaml:1:1 R0118 this is no policy: `apiVersion` and `kind` are missing\n" + head);
  EXPECT_EQ(WrongText("apiVersion: v1\nkind: Pod\nspec: {}\n"),
            "t.yaml:1:13-14 R0118 `v1` is no version that this reeve knows\n" + head);
  EXPECT_EQ(WrongText("apiVersion: reeve/v1\nkind: Polcy\nspec: {}\n"),
            "t.yaml:2:7-11 R0118 `Polcy` is no kind of document that reeve knows\n" + head);
  EXPECT_EQ(WrongText("- a\n- b\n"),
            "t.yaml:1:1 R0114 a policy is a map, not a list\n"
            "  hint: a policy begins with `apiVersion: reeve/v1` and `kind: Policy`\n");
}

TEST(LoadPolicy, TariffsComeLater) {
  EXPECT_EQ(
      WrongText("apiVersion: reeve/v1\nkind: Tariff\nmetadata: {name: t}\nitems: {}\n"),
      "t.yaml:2:7-12 R0119 documents of the kind Tariff come with accounting; this version does "
      "not know them yet\n"
      "  hint: take the document out for now\n");
}

TEST(LoadPolicy, MissingKeysAreNamedWithAnExample) {
  EXPECT_EQ(WrongText("cgroups: {}\nmetadata: {owner: me}\n"),
            "t.yaml:1:1 R0115 the key `apiVersion` is missing\n"
            "  hint: apiVersion: reeve/v1\n"
            "t.yaml:2:11 R0115 the key `name` is missing\n"
            "  hint: name: web\n");
}

TEST(LoadPolicy, ABootIdHasAShape) {
  EXPECT_EQ(WrongText("apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p, boot: 5d0c2f4e}\n"),
            "t.yaml:3:27-34 R0201 `5d0c2f4e` is no boot id\n"
            "  hint: write what /proc/sys/kernel/random/boot_id says\n");
}

TEST(LoadPolicy, ControlBytesCannotBeSmuggledInAsEscapes) {
  EXPECT_EQ(Wrong("cgroups:\n  web: {why: \"a\\e[31mb\", labels: {t: \"x\\0\"}, use: \"\\x7f\"}\n"
                  "  api: {why: \"two\\nlines\\tand a tab\"}\n"),
            "t.yaml:2:14-23 R0129 `why` holds the control byte 0x1b\n"
            "  hint: remove it\n"
            "t.yaml:2:38-42 R0129 the label `t` holds the control byte 0x00\n"
            "  hint: remove it\n"
            "t.yaml:2:51-56 R0129 `use` holds the control byte 0x7f\n"
            "  hint: remove it\n");
}

TEST(LoadPolicy, NothingIsMissingWhereTheTextBreaksOff) {
  EXPECT_EQ(WrongText("apiVersion: reeve/v1\nkind: Policy\ncgroups:\n  web:\n    memory.max: 25%\n"
                      "    labels:\n      a: @b\nmetadata: {name: x}\n"),
            "t.yaml:5:17-19 R0204 a percentage must say of what\n"
            "  hint: `25% of host` or `25% of parent`\n"
            "t.yaml:7:10-11 R0110 `@` cannot start a plain YAML value\n"
            "  hint: put it in quotes: \"@b\"\n"
            "  note: this document cannot be read further; line 8 was not judged\n");
}

TEST(LoadPolicy, RawFilesWarn) {
  EXPECT_EQ(
      Wrong(
          "cgroups:\n  web:\n    raw:\n      memory.future: \"1\"\n      memory.max: \"1\"\n"
          "      ../x.y: \"1\"\n      cgroup.procs: \"0\"\n      memory.stat: \"0\"\n      a.b:\n"),
      "t.yaml:4:7-19 warning R0401 memory.future is written as it stands, without checks and "
      "units\n"
      "t.yaml:5:7-16 warning R0401 memory.max is written as it stands, without checks and units\n"
      "  hint: reeve knows this file: write `memory.max: VALUE` outside of `raw:`\n"
      "t.yaml:6:7-12 R0101 `../x.y` is no name of an interface file\n"
      "  hint: CONTROLLER.NAME, like memory.max\n"
      "t.yaml:7:7-18 R0121 cgroup.procs is a command, not a key\n"
      "  hint: processes are placed by `match:`; by hand `reevectl run CGROUP -- COMMAND` "
      "starts one inside\n"
      "t.yaml:8:7-17 R0120 memory.stat can only be read\n"
      "t.yaml:9:7-9 R0116 `a.b` has no value\n");
}

TEST(LoadPolicy, NamesOfRawFilesLeadNowhereElse) {
  const std::string head = "cgroups:\n  web:\n    raw:\n      ";
  for (const std::string name : {"..",
                                 ".",
                                 "../cgroup.freeze",
                                 "/sys/fs/cgroup/memory.max",
                                 "other/memory.max",
                                 "memory.max/",
                                 ".hidden",
                                 "memory",
                                 "memory max",
                                 "memory.max*"}) {
    EXPECT_EQ(Wrong(fmt::format("{}\"{}\": \"1\"\n", head, name)),
              fmt::format("t.yaml:4:7-{} R0101 `{}` is no name of an interface file\n"
                          "  hint: CONTROLLER.NAME, like memory.max\n",
                          8 + name.size(),
                          name));
  }
  EXPECT_EQ(Wrong(head + "\"a.\\e[31m\": \"1\"\n"),
            "t.yaml:4:7-16 R0101 `a.\\x1b[31m` is no name of an interface file\n"
            "  hint: CONTROLLER.NAME, like memory.max\n");
  EXPECT_EQ(Wrong(head + "\"a.\\0\": \"1\"\n"),
            "t.yaml:4:7-12 R0101 `a.\\x00` is no name of an interface file\n"
            "  hint: CONTROLLER.NAME, like memory.max\n");
  const std::string long_name = "a." + std::string(199, 'x');
  EXPECT_THAT(Wrong(head + long_name + ": \"1\"\n"),
              ::testing::HasSubstr("R0101 `" + long_name + "` is no name of an interface file"));
}

TEST(LoadPolicy, NoRawFileIsACommand) {
  for (const std::string name :
       {"cgroup.procs", "cgroup.threads", "cgroup.kill", "memory.reclaim", "memory.peak"}) {
    EXPECT_THAT(Wrong(fmt::format("profiles:\n  p:\n    raw: {{{}: \"1\"}}\n", name)),
                ::testing::StartsWith(fmt::format(
                    "t.yaml:3:11-{} R0121 {} is a command, not a key\n", 10 + name.size(), name)));
  }
}

TEST(LoadPolicy, RequiredFilesMustExistSomewhere) {
  EXPECT_EQ(Wrong("require: [memory.mx, io.stat, cgroup.kill, memory.max]\n"),
            "t.yaml:1:11-19 R0101 `memory.mx` is no interface file that reeve knows\n"
            "  hint: did you mean `memory.max`?\n");
}

TEST(LoadPolicy, ProfilesAreUniqueOverAllFilesAndMustExist) {
  const std::string head(kTestHead);
  Findings findings;
  LoadPolicy({TextFile("a.yaml", head + "profiles: {quiet: {cpu.weight: 10}}\n"),
              TextFile("b.yaml",
                       head + "profiles: {quiet: {cpu.weight: 10}}\n"
                              "cgroups: {web: {use: [quiet, quite, plan-<x>]}}\n")},
             findings);

  EXPECT_EQ(FindingsText(findings),
            "b.yaml:4:12-16 R0126 there is a profile `quiet` already\n"
            "  hint: names of profiles are unique over all files; rename one\n"
            "  also: a.yaml:4:12 the first one\n"
            "b.yaml:5:30-34 R0303 no profile is called `quite`\n"
            "  hint: did you mean `quiet`?\n");
}

TEST(LoadPolicy, AProfileInABrokenFileIsNotCalledMissing) {
  const std::string head(kTestHead);
  Findings findings;
  LoadPolicy({TextFile("a.yaml", head + "profiles: @quiet\n"),
              TextFile("b.yaml", head + "cgroups: {web: {use: quiet}}\n")},
             findings);

  ASSERT_EQ(findings.all().size(), 1U) << FindingsText(findings);
  EXPECT_EQ(findings.all()[0].code, "R0110");
}

TEST(LoadPolicy, FindingsComeByLayerFileAndPlace) {
  const std::string head(kTestHead);
  Findings findings;
  LoadPolicy({TextFile("z.yaml", head + "b: 1\na: 1\n", 0),
              TextFile("a.yaml", head + "d: 1\n", 1),
              TextFile("b.yaml", head + "c: 1\n", 1),
              TextFile("a.yaml", head + "e: 1\n", 2)},
             findings);

  std::string order;
  for (const Diagnostic& finding : findings.all()) order += finding.message.substr(1, 1);
  EXPECT_EQ(order, "badce");
}

TEST(LoadPolicy, ASetHasASizeAsWell) {
  const std::string text(kMaxFileBytes, '#');
  std::vector<std::shared_ptr<const SourceFile>> files{TextFile("00.yaml", "broken: [")};
  for (int i = 1; i <= 8; ++i) files.push_back(TextFile(fmt::format("{}.yaml", i), text));
  Findings findings;
  LoadPolicy(files, findings);

  EXPECT_EQ(FindingsText(findings),
            "8.yaml:1:1 R0103 with this file the set has more than 67108864 bytes (64 MiB)\n"
            "  hint: write many similar cgroups as a template: for_each: {file: NAME.csv}\n"
            "  note: nothing of this set was judged\n");
}

}  // namespace
}  // namespace reeve::policy
