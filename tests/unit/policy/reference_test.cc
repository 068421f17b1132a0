// SPDX-License-Identifier: Apache-2.0
// The reader, the help, the reference and the schema say the same about every key.
#include "core/policy/reference.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/policy/codes.h"
#include "core/policy/fields.h"
#include "core/policy/load.h"
#include "core/policy/setting_parser.h"
#include "load_testing.h"
#include "support/source_tree.h"

namespace reeve::policy {
namespace {

std::string InTree(const std::string& path) {
  return support::SourceTree() / path;
}

// The file in the tree is what the tables give; REEVE_UPDATE_GOLDEN=1 writes it.
void ExpectGenerated(const std::string& path, const std::string& text) {
  if (std::getenv("REEVE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(InTree(path), std::ios::binary) << text;
    return;
  }
  std::ifstream in(InTree(path), std::ios::binary);
  const std::string there{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(there == text) << path << " is not what the tables give; "
                             << "REEVE_UPDATE_GOLDEN=1 ctest -R Reference writes it anew";
}

TEST(Reference, ThePageInTheTreeIsWhatTheTablesGive) {
  ExpectGenerated("config/policy-reference.md", ReferenceMarkdown());
}

TEST(Reference, TheSchemaInTheTreeIsWhatTheTablesGive) {
  ExpectGenerated("config/policy-v1.schema.json", JsonSchema());
}

// A document that has the field in its section, with its example.
std::string DocumentWith(const Section& section, const Field& field) {
  const std::string entry = fmt::format("{}: {}", field.key, field.example);
  switch (section.id) {
    case SectionId::kDocument: {
      std::string text(kTestHead);
      const std::size_t line = text.find(std::string(field.key) + ":");
      if (line != std::string::npos) text.erase(line, text.find('\n', line) + 1 - line);
      return text + entry + "\n";
    }
    case SectionId::kMetadata:
      return fmt::format("apiVersion: reeve/v1\nkind: Policy\nmetadata: {{{}{}}}\n",
                         field.key == "name" ? "" : "name: p, ",
                         entry);
    case SectionId::kWhen:
      return fmt::format("{}when: {{{}}}\n", kTestHead, entry);
    case SectionId::kProfile:
      return fmt::format("{}profiles: {{p: {{{}}}}}\n", kTestHead, entry);
    case SectionId::kCgroup:
      return fmt::format("{}profiles: {{quiet: {{}}}}\ncgroups:\n  c:\n    {}\n", kTestHead, entry);
    case SectionId::kUnit:
      return fmt::format(
          "{}profiles: {{quiet: {{}}}}\nunits:\n  c-<n>.service:\n    {}\n", kTestHead, entry);
    case SectionId::kWhere:
      return fmt::format("{}units: {{c-<n>.service: {{where: {{{}}}}}}}\n", kTestHead, entry);
    case SectionId::kSelf:
      return fmt::format("{}cgroups: {{c: {{self: {{{}}}}}}}\n", kTestHead, entry);
    case SectionId::kForEach:
      return fmt::format("{}cgroups: {{<name>: {{for_each: {{{}}}}}}}\n", kTestHead, entry);
    default:
      return "";
  }
}

// Codes of the errors, each once; "" when there are none.
std::string Errors(const std::string& text) {
  Findings findings;
  LoadPolicy({testing::TextFile("t.yaml", text)}, findings);
  std::string codes;
  for (const Diagnostic& finding : findings.all()) {
    if (finding.severity == Severity::kError && codes.find(finding.code) == std::string::npos) {
      codes += finding.code;
    }
  }
  return codes;
}

TEST(Reference, TheReaderTakesEveryKeyWithItsExample) {
  for (const Section& section : AllSections()) {
    if (!section.file.empty()) continue;
    for (const Field& field : section.fields) {
      const std::string text = DocumentWith(section, field);
      const std::string expected = field.later.empty() ? "" : "R0119";
      EXPECT_EQ(Errors(text), expected) << section.name << ": " << field.key << "\n"
                                        << WrongText(text);
    }
  }
}

TEST(Reference, TheReaderTakesEveryInterfaceFile) {
  for (const Knob& knob : AllKnobs()) {
    if (knob.host_only) continue;
    std::string file(knob.file);
    const std::size_t size = file.find("<size>");
    if (size != std::string::npos) file.replace(size, 6, "2MB");
    EXPECT_EQ(Errors(fmt::format("{}cgroups: {{<x>: {{{}: <x>}}}}\n", kTestHead, file)), "")
        << file;
  }
}

// Lines of a file that are no comments.
std::vector<std::string> Bodies(const std::string& path) {
  std::ifstream in(InTree(path));
  std::vector<std::string> bodies;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('#')) bodies.push_back(line);
  }
  return bodies;
}

// tests/lint/policy_schema.py shows the same of the schema.
TEST(Reference, TheReaderJudgesTheLinesThatTheSchemaIsTriedWith) {
  const auto good = Bodies("tests/lint/policy-good.txt");
  const auto bad = Bodies("tests/lint/policy-bad.txt");
  EXPECT_GT(good.size(), 40U);
  EXPECT_GT(bad.size(), 40U);
  for (const std::string& body : good) EXPECT_EQ(Errors(std::string(kTestHead) + body), "") << body;
  for (const std::string& body : bad) EXPECT_NE(Errors(std::string(kTestHead) + body), "") << body;
}

TEST(Reference, RowsOfInterfaceFilesHaveTheColumnsOfTheTable) {
  for (const Section& section : AllSections()) {
    if (section.file.empty()) continue;
    const Knob* knob = FindKnob(section.file);
    ASSERT_NE(knob, nullptr) << section.file;
    for (const std::string_view column : SplitWords(knob->words)) {
      EXPECT_NE(FindField(section, column), nullptr) << section.file << " " << column;
    }
    for (const Field& field : section.fields) {
      SettingText setting;
      setting.file = section.file;
      setting.is_rows = true;
      RowText row;
      const bool selects = field.key == "device" || field.key == "mount" || field.key == "name" ||
                           field.key == "default";
      if (!selects) {
        const std::string_view selector = section.fields.front().key;
        row.fields.push_back({{std::string(selector), {}, false},
                              {std::string(section.fields.front().example), {}, false}});
      }
      row.fields.push_back(
          {{std::string(field.key), {}, false}, {std::string(field.example), {}, false}});
      setting.rows.push_back(row);
      Findings findings;
      static_cast<void>(ParseSetting(setting, findings));
      for (const Diagnostic& finding : findings.all()) {
        EXPECT_EQ(finding.code, "R0214")
            << section.file << " " << field.key << ": " << finding.message;
        EXPECT_EQ(finding.message, "the row sets nothing");
      }
    }
  }
}

TEST(Reference, EveryKeyFileAndCodeIsInHelpPageAndSchema) {
  const std::string page = ReferenceMarkdown();
  const std::string schema = JsonSchema();
  for (const Section& section : AllSections()) {
    for (const Field& field : section.fields) {
      const std::string help = HelpText(field.key);
      EXPECT_NE(help.find(fmt::format("{}: ", field.key)), std::string::npos) << field.key;
      EXPECT_NE(page.find(fmt::format("- **`{}`**: ", field.key)), std::string::npos) << field.key;
      EXPECT_NE(schema.find(fmt::format("\"{}\": {{", field.key)), std::string::npos) << field.key;
    }
  }
  for (const Knob& knob : AllKnobs()) {
    EXPECT_NE(HelpText(knob.file).find("interface file"), std::string::npos) << knob.file;
    EXPECT_NE(page.find(fmt::format("#### `{}`\n", knob.file)), std::string::npos) << knob.file;
    if (knob.host_only) continue;
    std::string name(knob.file);
    std::erase_if(name, [](char c) { return c == '<' || c == '>'; });
    EXPECT_NE(schema.find(fmt::format("\"{}\": {{", name)), std::string::npos) << knob.file;
  }
  for (const Code& code : AllCodes()) {
    EXPECT_NE(HelpText(code.code).find(code.title), std::string::npos) << code.code;
    EXPECT_NE(page.find(fmt::format("#### {}: ", code.code)), std::string::npos) << code.code;
  }
}

TEST(Reference, HelpKnowsFilesThatAreNoKeysAndFamilies) {
  EXPECT_EQ(HelpText("cgroup.kill"),
            "cgroup.kill: a command of the kernel, not a key\n\n"
            "  it kills everything inside; the command is reevectl kill CGROUP\n");
  EXPECT_EQ(HelpText("memory.current"),
            "memory.current: can only be read, so it is no key\n\n"
            "  `reevectl status CGROUP` and the metrics show what it holds.\n");
  EXPECT_EQ(HelpText("hugetlb.2MB.max").substr(0, 43),
            "hugetlb.2MB.max: interface file, controller");
  EXPECT_EQ(HelpText("memory.mx"), "");
  EXPECT_EQ(NearestHelpTopic("memory.mx"), "memory.max");
  EXPECT_EQ(NearestHelpTopic("profil"), "profile");
  EXPECT_EQ(NearestHelpTopic("zzzzzzzz"), "");
}

TEST(Reference, HelpReadsLikeThis) {
  EXPECT_EQ(HelpText("shrink"),
            "shrink: key of a cgroup and of a unit of systemd\n\n"
            "  takes     one of wait, gentle or kill\n"
            "  example   shrink: gentle\n\n"
            "  What happens when a memory limit is lowered below what is in use: wait\n"
            "  (default) reclaims in slices for as long as nobody misses what is taken, and\n"
            "  else keeps the old limit and tries again; gentle reclaims harder, up to heavy\n"
            "  pressure; kill writes it at once and lets the kernel's OOM killer make room.\n"
            "  Reclaiming is the daemon's: reevectl apply and reeved --once only hold back.\n");
  EXPECT_EQ(HelpText("cases"),
            "cases: key of a cgroup and of a unit of systemd\n\n"
            "  later     comes with reactions to pressure, use and time; refused by this\n"
            "            version\n"
            "  example   cases: [{when: {pressure: memory, full: 20%..}, set: {cpu.max: 1\n"
            "            core}}]\n\n"
            "  What holds while a condition is true: pressure, use, time of day.\n");
}

TEST(Reference, EveryTopicHasATextOfAtMostEightyColumns) {
  for (const std::string& topic : HelpTopics()) {
    const std::string text = HelpText(topic);
    EXPECT_FALSE(text.empty()) << topic;
    for (const std::string_view line : SplitLines(text)) EXPECT_LE(line.size(), 80U) << line;
  }
}

}  // namespace
}  // namespace reeve::policy
