// SPDX-License-Identifier: Apache-2.0
#include "core/policy/facts_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using reeve::testing::FindingsText;
using reeve::testing::TextFile;
using ::testing::ElementsAre;
using ::testing::Pair;

using Files = std::vector<std::shared_ptr<const SourceFile>>;

std::string WrongOwn(const Files& files) {
  Findings findings;
  ReadOwnFacts(files, findings);
  return FindingsText(findings);
}

TEST(OwnFacts, AreValuesOrListsOfValues) {
  Findings findings;

  const auto facts = ReadOwnFacts(
      {TextFile("host.yaml", "role: [web, api]\nring: canary\nrack: 12\n"), TextFile("x.yaml", "")},
      findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_THAT(facts,
              ElementsAre(Pair("rack", ElementsAre("12")),
                          Pair("ring", ElementsAre("canary")),
                          Pair("role", ElementsAre("web", "api"))));
}

TEST(OwnFacts, MayStandInTwoFilesThatAgree) {
  EXPECT_EQ(WrongOwn({TextFile("a.yaml", "role: web\n"), TextFile("b.yaml", "role: [web]\n")}), "");
  EXPECT_EQ(WrongOwn({TextFile("a.yaml", "role: web\n"), TextFile("b.yaml", "role: api\n")}),
            "b.yaml:1:1-4 R0301 the fact `role` is `api` here and `web` in a.yaml:1\n"
            "  hint: several values of one fact are a list: `role: [web, api]`\n"
            "  also: a.yaml:1:1 the other place\n");
}

TEST(OwnFacts, CannotHaveTheNamesOfBuiltInOnes) {
  EXPECT_EQ(WrongOwn({TextFile("a.yaml", "memory: 16GiB\n")}),
            "a.yaml:1:1-6 R0134 `memory` is a fact that reeve finds out itself\n"
            "  hint: give it another name, like `my_memory`\n");
}

TEST(OwnFacts, OtherShapesAreFoundAllOfThem) {
  EXPECT_EQ(WrongOwn({TextFile("a.yaml", "role: {is: web}\na b: c\nring:\n")}),
            "a.yaml:1:7 R0114 the fact `role` takes a single value, not a map\n"
            "a.yaml:2:1-3 R0131 `a b` is no name of a fact\n"
            "  hint: it begins with a letter or digit and goes on with those, `_` and `-`\n"
            "a.yaml:3:1-4 R0116 the fact `ring` has no value\n");
  EXPECT_EQ(WrongOwn({TextFile("a.yaml", "- role\n")}),
            "a.yaml:1:1 R0114 a facts file must be a map of names and values\n"
            "  hint: write `role: web`\n");
  EXPECT_EQ(WrongOwn({TextFile("a.yaml", "role: web\n---\nring: canary\n")}),
            "a.yaml:3:1 R0114 a facts file holds one document only\n");
}

HostFacts Everything() {
  HostFacts facts;
  facts.host = "web01";
  facts.arch = "x86_64";
  facts.kernel = "6.1.0-56-amd64";
  facts.os = "debian 12";
  facts.virt = "none";
  facts.systemd = "252.39";
  facts.reeve = "0.1.0";
  facts.machine_id = "0123456789abcdef0123456789abcdef";
  facts.boot_id = "5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10";
  facts.utc_offset = -12'600;
  facts.cpus = 8;
  facts.cpu_ids = IdSet{{{0, 3}, {8, 11}}};
  facts.memory_nodes = IdSet{{{0, 0}}};
  facts.memory = 17'179'869'184;
  facts.max_tasks = 32'768;
  facts.page_size = 65'536;
  facts.swap = 1'024;
  facts.own = {{"role", {"web", "a \"quoted\" \\ one"}}, {"none", {}}};
  facts.devices = {{"/dev/sda", {"8:0", "sda"}}, {"8:0", {"8:0", "sda"}}};
  facts.mounts = {{"/", BlockDevice{"8:0", "sda"}}, {"/tmp", std::nullopt}};
  facts.weighted_disks = {"8:0"};
  facts.units = {
      {"nginx.service", {"system.slice", true, 33, "www-data", {"www-data", "ssl-cert"}, {}}},
      {"user-1000.slice", {"user.slice", true, 1000, "", {}, {{"memory.max", "4096"}}}},
      {"dev-disk-by\\x2did.device", {}}};
  facts.controllers = {Controller::kCpu, Controller::kMemory};
  facts.files = {"cpu.max", "memory.max"};
  facts.limits_above = {{"memory.max", "8589934592"}};
  return facts;
}

void ExpectSame(const HostFacts& a, const HostFacts& b) {
  EXPECT_EQ(FormatFactsJson(a), FormatFactsJson(b));
  EXPECT_EQ(a.own, b.own);
  EXPECT_EQ(a.devices, b.devices);
  EXPECT_EQ(a.mounts, b.mounts);
  EXPECT_EQ(a.units, b.units);
  EXPECT_EQ(a.controllers, b.controllers);
  EXPECT_EQ(a.cpu_ids, b.cpu_ids);
  EXPECT_EQ(a.memory_nodes, b.memory_nodes);
}

TEST(FactsFile, IsReadBackAsItWasPrinted) {
  const HostFacts facts = Everything();
  Findings findings;

  const HostFacts read = ReadFactsFile(TextFile("web01.json", FormatFactsJson(facts)), findings);

  EXPECT_EQ(FindingsText(findings), "");
  ExpectSame(read, facts);
}

TEST(FactsFile, OfAHostOfWhichNothingIsKnown) {
  Findings findings;

  const HostFacts read = ReadFactsFile(TextFile("x.json", FormatFactsJson({})), findings);

  EXPECT_EQ(FindingsText(findings), "");
  ExpectSame(read, {});
  EXPECT_EQ(read.cpu_ids, std::nullopt);
}

TEST(FactsFile, HasOneTextThatScriptsMayRelyOn) {
  HostFacts facts;
  facts.host = "web01";
  facts.cpus = 2;
  facts.own = {{"role", {"web"}}};
  facts.mounts = {{"/", BlockDevice{"8:0", "sda"}}, {"/tmp", std::nullopt}};
  facts.controllers = {Controller::kCpu, Controller::kPids};

  EXPECT_EQ(FormatFactsJson(facts),
            "{\n"
            "  \"host\": \"web01\",\n"
            "  \"utc_offset\": 0,\n"
            "  \"cpus\": 2,\n"
            "  \"memory\": 0,\n"
            "  \"max_tasks\": 0,\n"
            "  \"page_size\": 4096,\n"
            "  \"swap\": 0,\n"
            "  \"own\": {\n"
            "    \"role\": [\"web\"]\n"
            "  },\n"
            "  \"devices\": {},\n"
            "  \"mounts\": {\n"
            "    \"/\": {\"number\": \"8:0\", \"name\": \"sda\"},\n"
            "    \"/tmp\": \"none\"\n"
            "  },\n"
            "  \"units\": {},\n"
            "  \"controllers\": [\"cpu\", \"pids\"],\n"
            "  \"files\": [],\n"
            "  \"limits_above\": {}\n"
            "}\n");
}

TEST(FactsFile, HostileNamesAreEscapedOrLeftOut) {
  HostFacts facts;
  facts.mounts = {{"/a\nb\x7f\"", std::nullopt}, {"/\xff", std::nullopt}};
  Findings findings;

  const HostFacts read = ReadFactsFile(TextFile("x.json", FormatFactsJson(facts)), findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_THAT(read.mounts, ElementsAre(Pair("/a\nb\x7f\"", std::nullopt)));
}

TEST(FactsFile, UnitsMayBeAMereListOfNames) {
  Findings findings;

  const HostFacts read =
      ReadFactsFile(TextFile("x.json", "units: [nginx.service, user.slice]\n"), findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_THAT(read.units,
              ElementsAre(Pair("nginx.service", UnitFact()), Pair("user.slice", UnitFact())));
}

TEST(FactsFile, WhatAUnitCannotHaveIsFound) {
  Findings findings;

  const HostFacts read = ReadFactsFile(
      TextFile("x.json", "units: {a.service: {active: yes-and-no, uid: -1, slice: b.slice}}\n"),
      findings);

  EXPECT_EQ(FindingsText(findings),
            "x.json:1:29-38 R0114 `yes-and-no` of `active` is no true or false\n"
            "x.json:1:46-47 R0114 `-1` of `uid` is no number\n");
  EXPECT_EQ(read.units.at("a.service").slice, "b.slice");
}

TEST(FactsFile, KeysOfANewerReeveAreWarnedOf) {
  Findings findings;

  const HostFacts read =
      ReadFactsFile(TextFile("x.json", R"({"host": "a", "gpus": 2, "cpus": 4})"), findings);

  EXPECT_EQ(FindingsText(findings),
            "x.json:1:15-20 warning R0101 `gpus` is no fact of this reeve\n"
            "  hint: one's own facts stand under `own`\n");
  EXPECT_EQ(read.cpus, 4U);
}

TEST(FactsFile, WrongValuesAreFoundAllOfThem) {
  Findings findings;

  ReadFactsFile(TextFile("x.yaml",
                         "cpus: many\n"
                         "page_size: 1000\n"
                         "utc_offset: 100000\n"
                         "devices: [sda]\n"
                         "mounts: {/srv: sda}\n"
                         "cpu_ids: 3-1\n"
                         "host: [a]\n"),
                findings);

  EXPECT_EQ(FindingsText(findings),
            "x.yaml:1:7-10 R0201 `many` of `cpus` is no number\n"
            "x.yaml:2:12-15 R0201 `1000` of `page_size` is no power of two\n"
            "x.yaml:3:13-18 R0201 `100000` of `utc_offset` is no number of seconds within a day\n"
            "x.yaml:4:10 R0114 `devices` must be a map\n"
            "x.yaml:5:16-18 R0114 `/srv` must be a disk\n"
            "  hint: write {number: \"8:0\", name: sda}\n"
            "x.yaml:6:10-12 R0217 `3-1` of `cpu_ids` is no list of numbers\n"
            "  hint: write 0-3,8\n"
            "x.yaml:7:7 R0114 `host` must be a single value\n");
}

}  // namespace
}  // namespace reeve::policy
