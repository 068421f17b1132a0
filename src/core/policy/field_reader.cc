// SPDX-License-Identifier: Apache-2.0
#include "core/policy/field_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/policy/condition_time.h"
#include "core/policy/file_names.h"
#include "core/policy/yaml_plain.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kLaterHint =
    "take it out for now; a document that needs it can say `when: {reeve: VERSION..}`, then this "
    "version passes it over";

bool TakesMap(FieldKind kind) {
  return kind == FieldKind::kSection || kind == FieldKind::kSections || kind == FieldKind::kTexts ||
         kind == FieldKind::kCondition || kind == FieldKind::kFree;
}

bool TakesMapsOnly(FieldKind kind) {
  return kind == FieldKind::kRows || kind == FieldKind::kSectionList;
}

bool TakesList(FieldKind kind) {
  return kind == FieldKind::kTextList || kind == FieldKind::kKeyList ||
         kind == FieldKind::kCondition || TakesMapsOnly(kind);
}

bool TakesScalar(FieldKind kind) {
  return !TakesMap(kind) && !TakesMapsOnly(kind);
}

bool HasShape(FieldKind kind, YamlNode::Kind shape) {
  switch (shape) {
    case YamlNode::Kind::kScalar:
      return TakesScalar(kind);
    case YamlNode::Kind::kMap:
      return TakesMap(kind);
    case YamlNode::Kind::kSequence:
      return TakesList(kind);
    case YamlNode::Kind::kNull:
      break;
  }
  return false;
}

std::string_view ShapeInWords(FieldKind kind) {
  if (TakesMap(kind)) return "a map";
  if (kind == FieldKind::kRows) return "a list of rows";
  if (kind == FieldKind::kSectionList) return "a list of maps";
  return TakesList(kind) ? "a value or a list of values" : "a single value";
}

std::string Example(const Field& field) {
  return fmt::format("{}: {}", field.key, field.example);
}

// Where else the key may stand; "" when nowhere.
std::string_view OtherSection(std::string_view key, const Section& section) {
  for (const Section& other : AllSections()) {
    if (other.id == section.id || other.test != section.test || !other.file.empty()) continue;
    if (FindField(other, key) != nullptr) {
      return other.title;
    }
  }
  return "";
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string_view KindInWords(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a single value";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kSequence:
      return "a list";
  }
  return "nothing";
}

Scalar MakeScalar(const YamlNode& node) {
  return {std::string(node.text()), node.mark(), node.quoted()};
}

MapEntries FieldReader::Judge(const YamlNode& map, const Section& section) {
  MapEntries entries;
  for (std::size_t i = 0; i < map.size() && !TooManyErrors(); ++i) {
    const YamlNode key = map.Key(i);
    const YamlNode value = map.Value(i);
    if (const Field* field = FindField(section, key.text())) {
      JudgeShape(*field, key, value, entries);
    } else if (section.settings && key.text().find('.') != std::string_view::npos) {
      if (JudgeFileKey(key, findings_)) entries.settings.push_back({key, value});
    } else if (!section.others.empty() && key.text().find('.') == std::string_view::npos) {
      if (JudgePlain(key)) entries.others.push_back({key, value});
    } else {
      UnknownKey(key, section);
    }
  }
  if (truncated_ || TooManyErrors()) return entries;
  for (const Field& field : section.fields) {
    if (!field.required || map.Find(field.key)) continue;
    findings_.Error(
        "R0115", map.mark(), fmt::format("the key `{}` is missing", field.key), Example(field));
  }
  return entries;
}

void FieldReader::JudgeShape(const Field& field,
                             const YamlNode& key,
                             const YamlNode& value,
                             MapEntries& out) {
  if (!field.later.empty()) {
    findings_.Error(
        "R0119",
        key.mark(),
        fmt::format(
            "`{}` comes with {}; this version does not know it yet", field.key, field.later),
        std::string(kLaterHint));
    return;
  }
  if (value.IsNull()) {
    if (!truncated_) {
      findings_.Error(
          "R0116", value.mark(), fmt::format("`{}` has no value", field.key), Example(field));
    }
    return;
  }
  if (!HasShape(field.kind, value.kind())) {
    findings_.Error("R0114",
                    value.mark(),
                    fmt::format("`{}` takes {}, not {}",
                                field.key,
                                ShapeInWords(field.kind),
                                KindInWords(value.kind())),
                    Example(field));
    return;
  }
  out.fields.push_back({&field, key, value});
}

void FieldReader::UnknownKey(const YamlNode& key, const Section& section) {
  const std::string_view name = key.text();
  const std::string shown = EscapeForTerminal(name);
  if (section.id == SectionId::kUnit) {
    if (std::string why = WhyNoKeyOfUnit(name); !why.empty()) {
      findings_.Error("R0136",
                      key.mark(),
                      fmt::format("`{}` makes no sense for a unit of systemd", shown),
                      std::move(why));
      return;
    }
  }
  if (!section.settings && name.find('.') != std::string_view::npos && FindKnob(name) != nullptr) {
    findings_.Error("R0101",
                    key.mark(),
                    fmt::format("`{}` is an interface file, which cannot stand here", shown),
                    "interface files stand in a cgroup, in `self:` and in a profile");
    return;
  }
  std::vector<std::string_view> names;
  for (const Field& field : section.fields) names.push_back(field.key);
  if (section.settings) {
    for (const Knob& knob : AllKnobs()) names.push_back(knob.file);
  }
  std::string hint = section.settings ? SuggestForForeign(name) : "";
  if (!hint.empty()) {
    // Somebody comes from cgroup v1 or from unit files.
  } else if (const auto nearest = NearestSpelling(name, names)) {
    hint = fmt::format("did you mean `{}`?", *nearest);
  } else if (const std::string_view other = OtherSection(name, section); !other.empty()) {
    hint = fmt::format("`{}` stands in {}", shown, FirstLetterDown(other));
  }
  findings_.Error("R0101",
                  key.mark(),
                  fmt::format("`{}` is no key of {}", shown, FirstLetterDown(section.title)),
                  std::move(hint));
}

bool FieldReader::WantMap(const YamlNode& node, std::string_view what, std::string_view example) {
  if (node.IsMap()) return true;
  if (node.IsNull()) {
    if (!truncated_) {
      findings_.Error(
          "R0116", node.mark(), fmt::format("{} has no value", what), std::string(example));
    }
    return false;
  }
  findings_.Error("R0114",
                  node.mark(),
                  fmt::format("{} is a map, not {}", what, KindInWords(node.kind())),
                  std::string(example));
  return false;
}

bool FieldReader::JudgePlain(const YamlNode& node) {
  if (node.quoted()) return true;
  const std::string_view text = node.text();
  const bool norway = IsNorwayBoolean(text);
  if (!norway && !IsDisputedNumber(text)) return true;
  const std::string shown = EscapeForTerminal(text);
  findings_.Error(norway ? "R0207" : "R0208",
                  node.mark(),
                  fmt::format("`{}` is {}",
                              shown,
                              norway ? "a boolean to some YAML readers and a text to others"
                                     : "not the same number to all YAML readers"),
                  fmt::format("put it in quotes: \"{}\"", shown));
  return false;
}

// Control bytes can be written as escapes; they would reach terminals, file names and metrics.
bool FieldReader::JudgeBytes(const YamlNode& node, std::string_view what) {
  const std::string_view text = node.text();
  const auto control = std::ranges::find_if(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
  });
  if (control == text.end()) return true;
  findings_.Error(
      "R0129",
      node.mark(),
      fmt::format("{} holds the control byte 0x{:02x}", what, static_cast<unsigned char>(*control)),
      "remove it");
  return false;
}

std::optional<Scalar> FieldReader::Value(const YamlNode& node, std::string_view what) {
  if (node.IsScalar() && !node.text().empty()) {
    if (JudgeBytes(node, what)) return MakeScalar(node);
    return std::nullopt;
  }
  if (node.IsNull() || node.IsScalar()) {
    if (!truncated_) findings_.Error("R0116", node.mark(), fmt::format("{} has no value", what));
    return std::nullopt;
  }
  findings_.Error("R0114",
                  node.mark(),
                  fmt::format("{} takes a single value, not {}", what, KindInWords(node.kind())));
  return std::nullopt;
}

std::optional<Scalar> FieldReader::Text(const YamlNode& node, std::string_view what) {
  std::optional<Scalar> text = Value(node, what);
  if (text && !JudgePlain(node)) return std::nullopt;
  return text;
}

std::vector<Scalar> FieldReader::Texts(const YamlNode& node, std::string_view what) {
  std::vector<Scalar> texts;
  const auto add = [&](const YamlNode& item) {
    if (auto text = Text(item, what)) texts.push_back(*std::move(text));
  };
  if (!node.IsSequence()) {
    add(node);
    return texts;
  }
  for (std::size_t i = 0; i < node.size() && !TooManyErrors(); ++i) add(node.Item(i));
  return texts;
}

std::optional<std::string_view> FieldReader::Word(const FieldEntry& entry) {
  const std::vector<std::string_view> words = SplitWords(entry.field->words);
  const auto word = std::ranges::find(words, entry.value.text());
  if (word != words.end()) return *word;
  const auto nearest = NearestSpelling(entry.value.text(), words);
  std::string choices;
  for (const std::string_view w : words) {
    if (!choices.empty()) choices += ", ";
    choices += w;
  }
  findings_.Error(
      "R0209",
      entry.value.mark(),
      fmt::format(
          "`{}` is no value of `{}`", EscapeForTerminal(entry.value.text()), entry.field->key),
      nearest ? fmt::format("did you mean `{}`?", *nearest) : fmt::format("it takes {}", choices));
  return std::nullopt;
}

std::optional<std::int64_t> FieldReader::Integer(const FieldEntry& entry) {
  const auto number = ParseSignedDecimal(entry.value.text());
  if (number && !entry.value.quoted()) return number;
  findings_.Error(IsDisputedNumber(entry.value.text()) ? "R0208" : "R0201",
                  entry.value.mark(),
                  fmt::format("`{}` takes a whole number", entry.field->key),
                  Example(*entry.field));
  return std::nullopt;
}

std::optional<std::uint64_t> FieldReader::Count(const FieldEntry& entry) {
  const auto number = ParseDecimal(entry.value.text());
  if (number && *number != 0 && !entry.value.quoted()) return number;
  findings_.Error(IsDisputedNumber(entry.value.text()) ? "R0208" : "R0201",
                  entry.value.mark(),
                  fmt::format("`{}` takes a whole number from 1 up", entry.field->key),
                  Example(*entry.field));
  return std::nullopt;
}

std::optional<Scalar> FieldReader::Moment(const FieldEntry& entry) {
  if (ParseMoment(entry.value.text())) return MakeScalar(entry.value);
  findings_.Error("R0221",
                  entry.value.mark(),
                  fmt::format("`{}` is no date", EscapeForTerminal(entry.value.text())),
                  "write 2026-12-15, or 2026-12-15T05:10:00+01:00");
  return std::nullopt;
}

std::vector<Scalar> FieldReader::Keys(const FieldEntry& entry) {
  std::vector<Scalar> keys = Texts(entry.value, fmt::format("`{}`", entry.field->key));
  std::erase_if(keys, [&](const Scalar& key) { return !JudgeFileName(key, findings_); });
  return keys;
}

std::vector<std::pair<std::string, Scalar>> FieldReader::Labels(const FieldEntry& entry) {
  std::vector<std::pair<std::string, Scalar>> labels;
  for (std::size_t i = 0; i < entry.value.size() && !TooManyErrors(); ++i) {
    const YamlNode key = entry.value.Key(i);
    if (!JudgePlain(key) || !JudgeName(key.text(), key.mark(), "a label", false)) continue;
    const std::string what = fmt::format("the label `{}`", EscapeForTerminal(key.text()));
    if (auto text = Text(entry.value.Value(i), what)) {
      labels.emplace_back(std::string(key.text()), *std::move(text));
    }
  }
  return labels;
}

bool FieldReader::JudgeName(std::string_view name,
                            const SourceMark& mark,
                            std::string_view what,
                            bool dots) {
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c);
  };
  const bool good = !name.empty() && name.size() <= 200 && letter_or_digit(name[0]) &&
                    std::ranges::all_of(name, [&](char c) {
                      return letter_or_digit(c) || c == '_' || c == '-' || (dots && c == '.');
                    });
  if (good) return true;
  findings_.Error("R0131",
                  mark,
                  fmt::format("`{}` is no name of {}", EscapeForTerminal(name.substr(0, 80)), what),
                  fmt::format("it begins with a letter or digit and goes on with those, {}",
                              dots ? "`_`, `-` and `.`" : "`_` and `-`"));
  return false;
}

}  // namespace reeve::policy
