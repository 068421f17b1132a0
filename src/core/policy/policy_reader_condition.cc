// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/policy_reader_parts.h"

namespace reeve::policy {
namespace {

Condition Fact(const YamlNode& key, const YamlNode& value, FieldReader& reader) {
  Condition condition;
  condition.kind = Condition::Kind::kFact;
  condition.mark = key.mark();
  condition.fact = key.text();
  condition.values =
      reader.Texts(value, fmt::format("the fact `{}`", EscapeForTerminal(key.text())));
  return condition;
}

// A list of maps: one of them must hold.
Condition AnyOf(const YamlNode& list, SectionId section, FieldReader& reader) {
  Condition any;
  any.kind = Condition::Kind::kAny;
  any.mark = list.mark();
  if (list.size() == 0 && !reader.truncated()) {
    reader.findings().Error("R0116",
                            list.mark(),
                            "an empty list of conditions never holds",
                            section == SectionId::kWhere ? "[{user: media}, {slice: batch.slice}]"
                                                         : "[{host: web*}, {memory: 16GiB..}]");
  }
  for (std::size_t i = 0; i < list.size() && !reader.TooManyErrors(); ++i) {
    any.children.push_back(ReadCondition(list.Item(i), section, reader));
  }
  return any;
}

}  // namespace

Condition ReadCondition(const YamlNode& node, SectionId section, FieldReader& reader) {
  if (node.IsSequence()) return AnyOf(node, section, reader);
  Condition all;
  all.mark = node.mark();
  const std::string_view example =
      section == SectionId::kWhere ? "{uid: 1000..}" : "{host: web*, memory: 16GiB..}";
  if (!reader.WantMap(node, "a condition", example)) return all;
  const MapEntries entries = reader.Judge(node, SectionOf(section));
  for (const FieldEntry& entry : entries.fields) {
    if (entry.field->kind != FieldKind::kCondition) {
      all.children.push_back(Fact(entry.key, entry.value, reader));
      continue;
    }
    Condition inner = ReadCondition(entry.value, section, reader);
    if (entry.field->key == "not") {
      Condition negated;
      negated.kind = Condition::Kind::kNot;
      negated.mark = entry.key.mark();
      negated.children.push_back(std::move(inner));
      inner = std::move(negated);
    }
    all.children.push_back(std::move(inner));
  }
  for (const YamlEntry& own : entries.others) {
    if (reader.JudgeName(own.key.text(), own.key.mark(), "a fact", false)) {
      all.children.push_back(Fact(own.key, own.value, reader));
    }
  }
  return all;
}

}  // namespace reeve::policy
