// SPDX-License-Identifier: Apache-2.0
#include "core/policy/policy_test_reader.h"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/cgroup_path.h"
#include "core/policy/codes.h"
#include "core/policy/condition_time.h"
#include "core/policy/field_reader.h"
#include "core/policy/policy_reader_parts.h"
#include "core/policy/recorded_tree.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kAbsent = "absent";

bool IsAbsent(const YamlNode& node) {
  return node.IsScalar() && !node.quoted() && node.text() == kAbsent;
}

class TestReader {
 public:
  TestReader(FieldReader& reader, const HostReader& read_host)
      : reader_(reader), read_host_(read_host) {}

  PolicyTest Read(const YamlNode& root) {
    PolicyTest test;
    test.mark = root.mark();
    const MapEntries entries = reader_.Judge(root, SectionOf(SectionId::kTest));
    // `facts` and `tree` are laid over the host's, wherever they stand.
    for (const FieldEntry& entry : entries.fields) {
      if (entry.field->key == "host") ReadHost(entry, test);
    }
    for (const FieldEntry& entry : entries.fields) ReadField(entry, test);
    return test;
  }

 private:
  std::string TextOf(const FieldEntry& entry) {
    auto text = reader_.Value(entry.value, fmt::format("`{}`", entry.field->key));
    return text ? std::move(text->text) : "";
  }

  void ReadHost(const FieldEntry& entry, PolicyTest& test) {
    test.host = TextOf(entry);
    if (test.host.empty()) return;
    auto host = read_host_(test.host, reader_.findings());
    if (host.has_value()) {
      test.facts = std::move(host->facts);
      test.tree = std::move(host->tree);
      return;
    }
    reader_.findings().Error(
        "R0135",
        entry.value.mark(),
        fmt::format("`{}` can not be read: {}", EscapeForTerminal(test.host), host.error().message),
        "a relative name begins at this file's directory; `reevectl record` "
        "writes such a file");
  }

  void ReadField(const FieldEntry& entry, PolicyTest& test) {
    const std::string_view key = entry.field->key;
    if (key == "apiVersion" || key == "kind") {
      static_cast<void>(reader_.Word(entry));
    } else if (key == "metadata") {
      const Section& section = SectionOf(SectionId::kTestMetadata);
      for (const FieldEntry& field : reader_.Judge(entry.value, section).fields) {
        (field.field->key == "name" ? test.name : test.why) = TextOf(field);
      }
    } else if (key == "policies") {
      test.policies = reader_.Texts(entry.value, "`policies`");
    } else if (key == "paths") {
      test.paths = reader_.Texts(entry.value, "`paths`");
    } else if (key == "facts") {
      ReadFactsMap(entry.value, test.facts, reader_.findings());
    } else if (key == "now") {
      if (const auto moment = reader_.Moment(entry)) test.now = ParseMoment(moment->text);
    } else if (key == "tree") {
      test.tree = ReadRecordedTree(entry.value, reader_.findings());
    } else if (key == "expect") {
      test.expect = ReadExpectations(entry.value);
    }
  }

  Expectations ReadExpectations(const YamlNode& map) {
    Expectations expect;
    expect.mark = map.mark();
    for (const FieldEntry& entry : reader_.Judge(map, SectionOf(SectionId::kExpect)).fields) {
      const std::string_view key = entry.field->key;
      if (key == "cgroups") {
        ReadCgroups(entry.value, expect.cgroups);
      } else if (key == "units") {
        ReadCgroups(entry.value, expect.units);
      } else if (key == "nothing_else") {
        expect.nothing_else = reader_.Word(entry) == "true";
        expect.nothing_else_mark = entry.key.mark();
      } else if (key == "as_described") {
        const auto word = reader_.Word(entry);
        if (word) expect.as_described = *word == "true";
        expect.as_described_mark = entry.key.mark();
      } else if (key == "findings") {
        expect.findings = ReadList<ExpectedFinding>(entry);
        expect.findings_mark = entry.key.mark();
      } else if (key == "gaps") {
        expect.gaps = ReadList<ExpectedGap>(entry);
        expect.gaps_mark = entry.key.mark();
      } else if (key == "care") {
        expect.care = ReadList<ExpectedCare>(entry);
        expect.care_mark = entry.key.mark();
      } else if (key == "held") {
        expect.held = ReadList<ExpectedCare>(entry);
        expect.held_mark = entry.key.mark();
      }
    }
    return expect;
  }

  template <typename T>
  std::vector<T> ReadList(const FieldEntry& entry) {
    std::vector<T> list;
    for (std::size_t i = 0; i < entry.value.size() && !reader_.TooManyErrors(); ++i) {
      const YamlNode item = entry.value.Item(i);
      if (!reader_.WantMap(
              item, fmt::format("an item of `{}`", entry.field->key), entry.field->example)) {
        continue;
      }
      T expected;
      expected.mark = item.mark();
      for (const FieldEntry& field : reader_.Judge(item, SectionOf(entry.field->section)).fields) {
        ReadItemField(field, expected);
      }
      list.push_back(std::move(expected));
    }
    return list;
  }

  void ReadItemField(const FieldEntry& entry, ExpectedFinding& expected) {
    if (entry.field->key == "line") {
      expected.line = reader_.Count(entry);
    } else if (entry.field->key == "file") {
      expected.file = TextOf(entry);
    } else {
      expected.code = TextOf(entry);
      if (FindCode(expected.code) != nullptr) return;
      reader_.findings().Error(
          "R0209",
          entry.value.mark(),
          fmt::format("`{}` is no finding's code", EscapeForTerminal(expected.code)),
          "`reevectl help` lists them");
    }
  }

  void ReadItemField(const FieldEntry& entry, ExpectedGap& expected) {
    if (entry.field->key == "kind") {
      const auto word = reader_.Word(entry);
      if (word) expected.kind = *word == "pending" ? Gap::Kind::kPending : Gap::Kind::kUnsupported;
    } else {
      (entry.field->key == "cgroup" ? expected.cgroup : expected.key) = TextOf(entry);
    }
  }

  void ReadItemField(const FieldEntry& entry, ExpectedCare& expected) {
    if (entry.field->key == "class") {
      const auto word = reader_.Word(entry);
      for (const Danger danger : kAllDangers) {
        if (word == DangerName(danger)) expected.danger = danger;
      }
    } else if (entry.field->key == "cgroup") {
      expected.cgroup = TextOf(entry);
    } else {
      expected.key = TextOf(entry);
    }
  }

  void ReadCgroups(const YamlNode& map, std::vector<ExpectedCgroup>& cgroups) {
    for (std::size_t i = 0; i < map.size() && !reader_.TooManyErrors(); ++i) {
      const YamlNode key = map.Key(i);
      const auto path = CgroupPath::Parse(key.text());
      if (!path.has_value() || path->is_root()) {
        reader_.findings().Error(
            "R0117",
            key.mark(),
            fmt::format("`{}` is no cgroup's path", EscapeForTerminal(key.text())),
            "write web/workers: the names from the managed root down");
        continue;
      }
      ExpectedCgroup expected;
      expected.path = MakeScalar(key);
      expected.absent = IsAbsent(map.Value(i));
      if (!expected.absent) {
        const std::string what = fmt::format("`{}`", EscapeForTerminal(key.text()));
        if (!reader_.WantMap(map.Value(i), what, "web: {cpu.max: 2 cores}, or db: absent"))
          continue;
        ReadExpectedSettings(map.Value(i), expected.settings);
      }
      cgroups.push_back(std::move(expected));
    }
  }

  void ReadExpectedSettings(const YamlNode& map, std::vector<ExpectedSetting>& settings) {
    MapEntries entries = reader_.Judge(map, SectionOf(SectionId::kExpectedCgroup));
    std::erase_if(entries.settings, [&](const YamlEntry& entry) {
      const Knob* knob = FindKnob(entry.key.text());
      const bool table =
          knob != nullptr &&
          (knob->kind == ValueKind::kDeviceLimits || knob->kind == ValueKind::kDeviceLatency ||
           knob->kind == ValueKind::kNamedCounts || knob->kind == ValueKind::kNamedBytes);
      const bool absent = IsAbsent(entry.value);
      if (!absent && !(table && entry.value.IsScalar())) return false;
      ExpectedSetting expected;
      expected.setting.file = entry.key.text();
      expected.setting.key_mark = entry.key.mark();
      expected.setting.value = MakeScalar(entry.value);
      expected.absent = absent;
      expected.kernel_text = !absent;
      settings.push_back(std::move(expected));
      return true;
    });
    std::vector<SettingText> texts;
    // That nobody checks a file of `raw:` is no news in a test.
    Findings found;
    FieldReader quiet(found, reader_.truncated());
    ReadSettings(entries, quiet, texts);
    for (const Diagnostic& finding : found.all()) {
      if (finding.code != "R0401") reader_.findings().Add(finding);
    }
    for (SettingText& text : texts) {
      settings.push_back({std::move(text), false, false});
      if (settings.back().setting.raw && settings.back().setting.value.text == kAbsent) {
        settings.back().absent = !settings.back().setting.value.quoted;
      }
    }
  }

  FieldReader& reader_;
  const HostReader& read_host_;
};

}  // namespace

std::vector<PolicyTest> ReadPolicyTests(const std::shared_ptr<const SourceFile>& file,
                                        const HostReader& read_host,
                                        Findings& findings) {
  std::vector<PolicyTest> tests;
  for (const YamlDocument& document : ReadYaml(file, findings)) {
    const YamlNode root = document.root();
    const auto kind = root.IsMap() ? root.Find("kind") : std::nullopt;
    if (!kind || kind->text() != "PolicyTest") continue;
    const std::size_t errors = findings.error_count();
    FieldReader reader(findings, document.truncated());
    PolicyTest test = TestReader(reader, read_host).Read(root);
    if (findings.error_count() == errors && !document.truncated()) tests.push_back(std::move(test));
  }
  return tests;
}

}  // namespace reeve::policy
