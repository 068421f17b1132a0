// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/policy/fields.h"
#include "core/policy/json_writer.h"
#include "core/policy/reference.h"
#include "core/policy/reference_words.h"
#include "core/policy/schema_values.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kAbsent = "absent";
constexpr std::string_view kNamePattern = "^[A-Za-z0-9][A-Za-z0-9_-]*$";
constexpr std::string_view kDottedNamePattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$";
constexpr std::string_view kMomentPattern =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?"
    "$";

// Names of definitions stand in URIs, where angle brackets may not.
std::string DefinitionName(std::string_view name) {
  std::string plain(name);
  std::erase_if(plain, [](char c) { return c == '<' || c == '>'; });
  std::replace(plain.begin(), plain.end(), ' ', '-');
  return plain;
}

std::string Reference(std::string_view definition) {
  return fmt::format("#/definitions/{}", DefinitionName(definition));
}

// The section whose rows an interface file takes; nullptr when it takes none.
const Section* RowsOf(const Knob& knob) {
  for (const Section& section : AllSections()) {
    const Knob* first = section.file.empty() ? nullptr : FindKnob(section.file);
    if (first != nullptr && first->kind == knob.kind && first->words == knob.words) return &section;
  }
  return nullptr;
}

class SchemaWriter {
 public:
  std::string Write() {
    json_.BeginObject();
    json_.Member("$schema", "http://json-schema.org/draft-07/schema#");
    json_.Member("title", "reeve policy, reeve/v1");
    WriteKinds();
    json_.Key("definitions");
    json_.BeginObject();
    WriteCommon();
    for (const Section& section : AllSections()) {
      if (section.file.empty()) WriteSection(section);
    }
    for (const Knob& knob : AllKnobs()) {
      if (!knob.host_only) WriteKnob(knob);
    }
    json_.EndObject();
    json_.EndObject();
    return json_.Take();
  }

 private:
  // A file holds policies and tests alike; `kind` tells them apart.
  void WriteKinds() {
    json_.Key("if");
    json_.BeginObject();
    json_.Key("properties");
    json_.BeginObject();
    json_.Key("kind");
    json_.BeginObject();
    json_.Member("const", "PolicyTest");
    json_.EndObject();
    json_.EndObject();
    json_.Key("required");
    json_.BeginArray();
    json_.String("kind");
    json_.EndArray();
    json_.EndObject();
    ReferMember("then", SectionOf(SectionId::kTest).name);
    ReferMember("else", SectionOf(SectionId::kDocument).name);
  }

  void Refer(std::string_view definition) {
    json_.BeginObject();
    json_.Member("$ref", Reference(definition));
    json_.EndObject();
  }

  void ReferMember(std::string_view key, std::string_view definition) {
    json_.Key(key);
    Refer(definition);
  }

  // Shapes that several keys share.
  void WriteCommon() {
    json_.Key("text");
    json_.BeginObject();
    json_.Key("type");
    json_.BeginArray();
    for (const std::string_view type : {"string", "number", "boolean"}) json_.String(type);
    json_.EndArray();
    json_.EndObject();
    json_.Key("texts");
    json_.BeginObject();
    json_.Key("anyOf");
    json_.BeginArray();
    Refer("text");
    json_.BeginObject();
    json_.Member("type", "array");
    ReferMember("items", "text");
    json_.EndObject();
    json_.EndArray();
    json_.EndObject();
    json_.Key("raw");
    json_.BeginObject();
    json_.Member("type", "object");
    json_.Key("propertyNames");
    json_.BeginObject();
    json_.Member("pattern", "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+$");
    json_.EndObject();
    ReferMember("additionalProperties", "text");
    json_.EndObject();
  }

  void WriteSection(const Section& section) {
    json_.Key(DefinitionName(section.name));
    json_.BeginObject();
    if (section.id == SectionId::kWhen || section.id == SectionId::kWhere) {
      // A list of conditions, of which one must hold.
      json_.Key("anyOf");
      json_.BeginArray();
      json_.BeginObject();
      WriteObject(section);
      json_.EndObject();
      json_.BeginObject();
      json_.Member("type", "array");
      ReferMember("items", section.name);
      json_.EndObject();
      json_.EndArray();
    } else {
      WriteObject(section);
    }
    json_.EndObject();
  }

  void WriteObject(const Section& section) {
    test_ = section.test;
    json_.Member("type", "object");
    json_.Member("description", section.doc);
    json_.Key("properties");
    json_.BeginObject();
    for (const Field& field : section.fields) WriteField(field);
    if (section.settings) {
      for (const Knob& knob : AllKnobs()) {
        if (!knob.host_only && !IsFamily(knob)) WriteSetting(section, knob.file, knob);
      }
    }
    json_.EndObject();
    if (section.settings) WriteFamilies(section);
    WriteRequired(section);
    if (section.id == SectionId::kForEach) WriteOneSource(section);
    if (section.others.empty()) {
      json_.Key("additionalProperties");
      json_.Literal("false");
    } else {
      json_.Key("propertyNames");
      json_.BeginObject();
      json_.Member("pattern", section.id == SectionId::kForEach ? "^[^.]+$" : kNamePattern);
      json_.EndObject();
      ReferMember("additionalProperties", section.id == SectionId::kForEach ? "text" : "texts");
    }
  }

  static bool IsFamily(const Knob& knob) { return knob.file.find('<') != std::string_view::npos; }

  // An interface file where a section may hold one. In a test it may also be `absent`, and a table
  // as the kernel prints it.
  void WriteSetting(const Section& section, std::string_view key, const Knob& knob) {
    if (!section.test) {
      ReferMember(key, knob.file);
      return;
    }
    json_.Key(key);
    json_.BeginObject();
    json_.Key("anyOf");
    json_.BeginArray();
    Refer(knob.file);
    json_.BeginObject();
    if (RowsOf(knob) != nullptr) {
      json_.Member("type", "string");
    } else {
      json_.Member("const", kAbsent);
    }
    json_.EndObject();
    json_.EndArray();
    json_.EndObject();
  }

  // "hugetlb.<size>.max" as a pattern of property names.
  void WriteFamilies(const Section& section) {
    json_.Key("patternProperties");
    json_.BeginObject();
    for (const Knob& knob : AllKnobs()) {
      if (!IsFamily(knob)) continue;
      std::string pattern = "^";
      for (const char c : knob.file.substr(0, knob.file.find('<'))) {
        pattern += c == '.' ? "\\." : std::string(1, c);
      }
      pattern += "[0-9]+[KMG]B";
      for (const char c : knob.file.substr(knob.file.find('>') + 1)) {
        pattern += c == '.' ? "\\." : std::string(1, c);
      }
      WriteSetting(section, pattern + "$", knob);
    }
    json_.EndObject();
  }

  void WriteRequired(const Section& section) {
    if (std::ranges::none_of(section.fields, &Field::required)) return;
    json_.Key("required");
    json_.BeginArray();
    for (const Field& field : section.fields) {
      if (field.required) json_.String(field.key);
    }
    json_.EndArray();
  }

  void WriteOneSource(const Section& section) {
    json_.Key("oneOf");
    json_.BeginArray();
    for (const Field& field : section.fields) {
      if (!field.later.empty()) continue;
      json_.BeginObject();
      json_.Key("required");
      json_.BeginArray();
      json_.String(field.key);
      json_.EndArray();
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteField(const Field& field) {
    json_.Key(field.key);
    json_.BeginObject();
    if (!field.later.empty()) {
      json_.Member(
          "description",
          fmt::format("Comes with {}; this version refuses it. {}", field.later, field.doc));
      json_.Key("not");
      json_.BeginObject();
      json_.EndObject();
    } else {
      json_.Member("description",
                   fmt::format("{}\n\nExample: {}: {}", field.doc, field.key, field.example));
      WriteFieldType(field);
    }
    json_.EndObject();
  }

  void AllOf(std::string_view definition) {
    json_.Key("allOf");
    json_.BeginArray();
    Refer(definition);
    json_.EndArray();
  }

  void WriteFieldType(const Field& field) {
    switch (field.kind) {
      case FieldKind::kText:
        if (field.required && !test_) {
          // A name of digits only is a number to whoever reads the YAML for the editor.
          json_.Key("type");
          json_.BeginArray();
          json_.String("string");
          json_.String("integer");
          json_.EndArray();
          json_.Member("pattern", kDottedNamePattern);
          return;
        }
        AllOf("text");
        return;
      case FieldKind::kWord:
        // The booleans are words to us and something else to who reads the YAML for the editor.
        if (field.words == "true false") {
          json_.Member("type", "boolean");
          return;
        }
        json_.Key("enum");
        json_.BeginArray();
        for (const std::string_view word : SplitWords(field.words)) json_.String(word);
        json_.EndArray();
        return;
      case FieldKind::kInteger:
        json_.Member("type", "integer");
        return;
      case FieldKind::kCount:
        json_.Member("type", "integer");
        json_.Key("minimum");
        json_.Literal("1");
        return;
      case FieldKind::kMoment:
        json_.Member("type", "string");
        json_.Member("pattern", kMomentPattern);
        return;
      case FieldKind::kTextList:
      case FieldKind::kKeyList:
        AllOf("texts");
        return;
      case FieldKind::kSection:
      case FieldKind::kCondition:
        AllOf(SectionOf(field.section).name);
        return;
      case FieldKind::kSections:
        WriteNamed(field);
        return;
      case FieldKind::kSectionList:
        json_.Member("type", "array");
        ReferMember("items", SectionOf(field.section).name);
        return;
      case FieldKind::kFree:
        json_.Member("type", "object");
        return;
      case FieldKind::kRows:
        json_.Member("type", "array");
        json_.Key("items");
        json_.BeginObject();
        json_.Key("anyOf");
        json_.BeginArray();
        Refer("text");
        json_.BeginObject();
        json_.Member("type", "object");
        ReferMember("additionalProperties", "text");
        json_.EndObject();
        json_.EndArray();
        json_.EndObject();
        return;
      case FieldKind::kTexts:
        if (field.key == "raw") {
          AllOf("raw");
          return;
        }
        json_.Member("type", "object");
        json_.Key("propertyNames");
        json_.BeginObject();
        json_.Member("pattern", kNamePattern);
        json_.EndObject();
        ReferMember("additionalProperties", "text");
        return;
      case FieldKind::kColumn:
        return;
    }
  }

  void WriteNamed(const Field& field) {
    json_.Member("type", "object");
    if (field.section == SectionId::kExpectedCgroup) {
      json_.Key("additionalProperties");
      json_.BeginObject();
      json_.Key("anyOf");
      json_.BeginArray();
      Refer(SectionOf(field.section).name);
      json_.BeginObject();
      json_.Member("const", kAbsent);
      json_.EndObject();
      json_.EndArray();
      json_.EndObject();
      return;
    }
    json_.Key("propertyNames");
    json_.BeginObject();
    json_.Member("pattern",
                 field.section == SectionId::kCgroup ? CgroupNamePattern()
                 : field.section == SectionId::kUnit ? UnitNamePattern()
                                                     : kDottedNamePattern);
    json_.EndObject();
    ReferMember("additionalProperties", SectionOf(field.section).name);
  }

  void WriteKnob(const Knob& knob) {
    json_.Key(DefinitionName(knob.file));
    json_.BeginObject();
    const std::string range = RangeInWords(knob);
    json_.Member("description",
                 fmt::format("{}\n\nTakes {}{}. Since kernel {}.",
                             knob.doc,
                             knob.syntax,
                             range.empty() ? "" : fmt::format("; range {}", range),
                             knob.since));
    const Section* rows = RowsOf(knob);
    if (rows == nullptr) {
      WriteKnobValue(knob, "", json_);
    } else if (knob.kind == ValueKind::kDeviceWeights) {
      json_.Key("anyOf");
      json_.BeginArray();
      json_.BeginObject();
      WriteRows(knob, *rows);
      json_.EndObject();
      json_.BeginObject();
      WriteKnobValue(knob, "", json_);
      json_.EndObject();
      json_.EndArray();
    } else {
      WriteRows(knob, *rows);
    }
    json_.EndObject();
  }

  void WriteRows(const Knob& knob, const Section& rows) {
    json_.Member("type", "array");
    json_.Key("minItems");
    json_.Literal("1");
    json_.Key("items");
    json_.BeginObject();
    json_.Member("type", "object");
    json_.Key("properties");
    json_.BeginObject();
    for (const Field& field : rows.fields) {
      json_.Key(field.key);
      json_.BeginObject();
      json_.Member("description",
                   fmt::format("{}\n\nExample: {}: {}", field.doc, field.key, field.example));
      if (IsSelector(field.key)) {
        json_.Member("type", "string");
      } else {
        WriteKnobValue(knob, field.key, json_);
      }
      json_.EndObject();
    }
    json_.EndObject();
    WriteRequired(rows);
    json_.Key("additionalProperties");
    json_.Literal("false");
    json_.EndObject();
  }

  static bool IsSelector(std::string_view column) {
    return column == "device" || column == "mount" || column == "name";
  }

  JsonWriter json_;
  bool test_ = false;  // the section at hand is part of a policy test
};

}  // namespace

std::string JsonSchema() {
  return SchemaWriter().Write();
}

}  // namespace reeve::policy
