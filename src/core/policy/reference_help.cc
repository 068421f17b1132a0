// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/policy/codes.h"
#include "core/policy/fields.h"
#include "core/policy/file_names.h"
#include "core/policy/reference.h"
#include "core/policy/reference_chapters.h"
#include "core/policy/reference_words.h"

namespace reeve::policy {
namespace {

constexpr std::size_t kWidth = 80;

void AddLine(std::string& text, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  constexpr std::string_view kIndent = "            ";
  const std::string wrapped = Wrap(value, kWidth, kIndent);
  text += fmt::format("  {:<10}{}", name, std::string_view(wrapped).substr(kIndent.size()));
}

// Help is read on a terminal, where backquotes are noise.
std::string Plain(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '`');
  return plain;
}

std::string KnobHelp(const Knob& knob, std::string_view file) {
  std::string text =
      fmt::format("{}: interface file{}, since kernel {}\n\n",
                  file,
                  knob.controller == Controller::kCore
                      ? " of every cgroup"
                      : fmt::format(", controller {}", ControllerName(knob.controller)),
                  knob.since);
  AddLine(text, "takes", knob.syntax);
  AddLine(text, "range", RangeInWords(knob));
  AddLine(text, "default", knob.default_text);
  if (knob.host_only) AddLine(text, "where", "under the top-level `host:`");
  text += '\n';
  text += Wrap(Plain(knob.doc), kWidth, "  ");
  return text;
}

// "key of a cgroup and of a unit of systemd"
std::string FieldHelp(std::string_view places, const Field& field) {
  std::string text = fmt::format("{}: {}\n\n", field.key, places);
  if (!field.later.empty()) {
    AddLine(
        text, "later", fmt::format("comes with {}; refused by this version", Plain(field.later)));
  } else {
    AddLine(text, "takes", Plain(TakesInWords(field)));
    if (field.required) AddLine(text, "required", "yes");
  }
  AddLine(text, "example", fmt::format("{}: {}", field.key, field.example));
  text += '\n';
  text += Wrap(Plain(field.doc), kWidth, "  ");
  return text;
}

struct KeyHelp {
  const Field* field = nullptr;
  std::string places;
};

// The keys of this name; those that mean the same in several places once.
std::vector<KeyHelp> KeysOf(std::string_view name) {
  std::vector<KeyHelp> keys;
  for (const Section& section : AllSections()) {
    const Field* field = FindField(section, name);
    if (field == nullptr) continue;
    const std::string place = fmt::format(
        "{} {}", section.file.empty() ? "of" : "column of", FirstLetterDown(section.title));
    if (!keys.empty() && section.file.empty() && keys.back().field->doc == field->doc &&
        keys.back().field->kind == field->kind) {
      keys.back().places += " and " + place;
    } else {
      keys.push_back({field, section.file.empty() ? "key " + place : place});
    }
  }
  return keys;
}

std::string CodeHelp(const Code& code) {
  return fmt::format("{}: {}\n\n{}", code.code, code.title, Wrap(Plain(code.doc), kWidth, "  "));
}

std::string FileThatIsNoKey(std::string_view file) {
  std::string_view why;
  if (IsVerbFile(file, &why)) {
    return fmt::format(
        "{}: a command of the kernel, not a key\n\n{}", file, Wrap(Plain(why), kWidth, "  "));
  }
  if (IsReadOnlyFile(file)) {
    return fmt::format(
        "{}: can only be read, so it is no key\n\n{}",
        file,
        Wrap("`reevectl status CGROUP` and the metrics show what it holds.", kWidth, "  "));
  }
  return "";
}

}  // namespace

std::string HelpText(std::string_view topic) {
  if (const Knob* knob = FindKnob(topic)) return KnobHelp(*knob, topic);
  if (const Code* code = FindCode(topic)) return CodeHelp(*code);
  std::string text = FileThatIsNoKey(topic);
  for (const Chapter& chapter : AllChapters()) {
    if (chapter.topic != topic) continue;
    text += fmt::format("{}\n\n{}", chapter.title, Wrap(Plain(chapter.text), kWidth, "  "));
  }
  for (const KeyHelp& key : KeysOf(topic)) {
    if (!text.empty()) text += '\n';
    text += FieldHelp(key.places, *key.field);
  }
  for (const Section& section : AllSections()) {
    if (section.name != topic) continue;
    if (!text.empty()) text += '\n';
    std::vector<std::string_view> keys;
    for (const Field& field : section.fields) keys.push_back(field.key);
    text += fmt::format("{}\n\n{}\n", section.title, Wrap(Plain(section.doc), kWidth, "  "));
    AddLine(text, "keys", Enumerate(keys, "and"));
    if (section.settings) AddLine(text, "also", "interface files (`reevectl help memory.max`)");
    if (!section.others.empty()) AddLine(text, "others", section.others);
  }
  return text;
}

std::vector<std::string> HelpTopics() {
  std::set<std::string> topics;
  for (const Knob& knob : AllKnobs()) topics.emplace(knob.file);
  for (const Code& code : AllCodes()) topics.emplace(code.code);
  for (const Chapter& chapter : AllChapters()) topics.emplace(chapter.topic);
  for (const Section& section : AllSections()) {
    topics.emplace(section.name);
    for (const Field& field : section.fields) topics.emplace(field.key);
  }
  return {topics.begin(), topics.end()};
}

std::string NearestHelpTopic(std::string_view topic) {
  const std::vector<std::string> topics = HelpTopics();
  const std::vector<std::string_view> views(topics.begin(), topics.end());
  const auto nearest = NearestSpelling(topic, views);
  return nearest ? std::string(*nearest) : "";
}

}  // namespace reeve::policy
