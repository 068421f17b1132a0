// SPDX-License-Identifier: Apache-2.0
#include "core/policy/reference_words.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/file_names.h"

namespace reeve::policy {
namespace {

// "a cgroup", "`metadata`"
std::string InSentence(SectionId id) {
  const std::string_view title = SectionOf(id).title;
  std::string text = FirstLetterDown(title);
  if (text != title || text.find(' ') != std::string::npos) return text;
  return fmt::format("`{}`", title);
}

}  // namespace

std::string TakesInWords(const Field& field) {
  switch (field.kind) {
    case FieldKind::kText:
      return "a text";
    case FieldKind::kWord: {
      const std::vector<std::string_view> words = SplitWords(field.words);
      return words.size() == 1 ? fmt::format("`{}`", words[0]) : "one of " + Enumerate(words, "or");
    }
    case FieldKind::kInteger:
      return "a whole number";
    case FieldKind::kCount:
      return "a whole number from 1 up";
    case FieldKind::kMoment:
      return "a date, or a date and time with its zone";
    case FieldKind::kTextList:
      return "a value or a list of values";
    case FieldKind::kKeyList:
      return "an interface file or a list of them";
    case FieldKind::kSection:
      return "a map with the keys of " + InSentence(field.section);
    case FieldKind::kSections:
      return "a map of names, each with the keys of " + InSentence(field.section);
    case FieldKind::kSectionList:
      return "a list of maps with the keys of " + InSentence(field.section);
    case FieldKind::kRows:
      return "a list of maps";
    case FieldKind::kTexts:
      return "a map of names and texts";
    case FieldKind::kFree:
      return "a map";
    case FieldKind::kCondition:
      return "a map, or a list of maps of which one must hold";
    case FieldKind::kColumn:
      return "a value";
  }
  return "";
}

std::string RangeInWords(const Knob& knob) {
  if (knob.kind == ValueKind::kWord) return Enumerate(SplitWords(knob.words), "or");
  if (knob.kind == ValueKind::kBool) return "true or false";
  if (knob.kind == ValueKind::kNice) {
    return fmt::format(
        "{} to {}", static_cast<std::int64_t>(knob.min), static_cast<std::int64_t>(knob.max));
  }
  if (knob.min == 0 && knob.max == 0) return "";
  const std::string unit = knob.unit.empty() ? "" : fmt::format(" {}", knob.unit);
  if (knob.kind == ValueKind::kPercent) {
    return fmt::format("{} to {} percent", knob.min / 100, knob.max / 100);
  }
  if (knob.max == UINT64_MAX) return fmt::format("{}{} and up", knob.min, unit);
  return fmt::format("{} to {}{}", knob.min, knob.max, unit);
}

std::string Enumerate(std::span<const std::string_view> words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? fmt::format(" {} ", last) : ", ";
    text += words[i];
  }
  return text;
}

std::string Wrap(std::string_view text, std::size_t width, std::string_view indent) {
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (line.empty()) return;
    out += indent;
    out += line;
    out += '\n';
    line.clear();
  };
  for (const std::string_view source : Split(text, '\n')) {
    if (source.empty() || source.starts_with("    ")) {
      flush();
      if (!source.empty()) {
        out += indent;
        out += source;
      }
      out += '\n';
      continue;
    }
    for (const std::string_view word : SplitWords(source)) {
      if (!line.empty() && indent.size() + line.size() + 1 + word.size() > width) flush();
      if (!line.empty()) line += ' ';
      line += word;
    }
  }
  flush();
  return out;
}

}  // namespace reeve::policy
