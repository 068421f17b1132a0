// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/policy/codes.h"
#include "core/policy/fields.h"
#include "core/policy/reference.h"
#include "core/policy/reference_chapters.h"
#include "core/policy/reference_words.h"

namespace reeve::policy {
namespace {

constexpr std::size_t kWidth = 100;

constexpr std::string_view kHead = R"(# Policy reference

Every key of a policy, with what it takes. Generated from the tables that reeve itself reads with;
a test keeps them the same. `reevectl help KEY` shows the same texts, and so do editors, as you
type, with the [JSON Schema](policy-v1.schema.json) that `reevectl schema` prints, named in a
file's first line:

    # yaml-language-server: $schema=/path/to/policy-v1.schema.json

)";

// Outside of code an angle bracket would begin an HTML element and vanish.
std::string Markdown(std::string_view text) {
  std::string out;
  bool code = false;
  for (const char c : text) {
    if (c == '`') code = !code;
    if (c == '<' && !code) {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Paragraph(std::string_view text, std::string_view indent = "") {
  return Wrap(Markdown(text), kWidth, indent);
}

void AddFields(std::string& out, const Section& section, bool later) {
  for (const Field& field : section.fields) {
    if (field.later.empty() == later) continue;
    std::string line = fmt::format("- **`{}`**: ", field.key);
    if (later) {
      line += fmt::format("comes with {}. ", field.later);
    } else {
      if (field.kind != FieldKind::kColumn) line += fmt::format("{}. ", TakesInWords(field));
      if (field.required) line += "Required. ";
    }
    line += field.doc;
    line += fmt::format(" Example: `{}: {}`", field.key, field.example);
    const std::string wrapped = Paragraph(line, "  ");
    out += wrapped.substr(2);
  }
}

void AddSection(std::string& out, const Section& section) {
  out += fmt::format("### {}\n\n{}\n", section.title, Paragraph(section.doc));
  AddFields(out, section, false);
  if (section.settings) {
    out += fmt::format("- every interface file of the list {}\n", section.test ? "above" : "below");
  }
  if (!section.others.empty()) {
    const std::string wrapped = Paragraph(fmt::format("- any other key: {}", section.others), "  ");
    out += wrapped.substr(2);
  }
  bool later = false;
  for (const Field& field : section.fields) later = later || !field.later.empty();
  if (later) {
    out += "\nKnown, but refused by this version:\n\n";
    AddFields(out, section, true);
  }
  out += '\n';
}

void AddSections(std::string& out, bool test) {
  for (const Section& section : AllSections()) {
    if (section.file.empty() && section.test == test) AddSection(out, section);
  }
}

void AddKnob(std::string& out, const Knob& knob) {
  out += fmt::format("#### `{}`\n\n", knob.file);
  out += fmt::format("    {}: {}\n\n", knob.file, knob.syntax);
  std::string facts;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!facts.empty()) facts += "; ";
    facts += fmt::format("{} {}", name, value);
  };
  add("range", RangeInWords(knob));
  add("default", knob.default_text);
  add("since kernel", knob.since);
  out += Paragraph(fmt::format("{} ({}.)", knob.doc, facts));
  out += '\n';
}

void AddKnobs(std::string& out) {
  out += "## Interface files\n\n";
  out += Wrap(
      "By the kernel's own names. A host that lacks one is served as far as it goes: the plan "
      "shows it "
      "as unsupported, `require:` makes it a fault.",
      kWidth,
      "");
  std::string_view controller;
  for (const Knob& knob : AllKnobs()) {
    const std::string_view name = ControllerName(knob.controller);
    if (name != controller) out += fmt::format("\n### {}\n\n", name);
    controller = name;
    AddKnob(out, knob);
    for (const Section& section : AllSections()) {
      if (section.file != knob.file) continue;
      out += fmt::format("{}\n", Paragraph(section.doc));
      AddFields(out, section, false);
      out += '\n';
    }
  }
}

void AddCodes(std::string& out) {
  out += "## Findings\n\n";
  out += Wrap(
      "What `reevectl check` says, by its code. R01xx: text and structure; R02xx: a single value; "
      "R03xx: "
      "merging and resolving for a host; R04xx: warnings, which do not keep a policy from being "
      "used.",
      kWidth,
      "");
  out += '\n';
  for (const Code& code : AllCodes()) {
    out += fmt::format("#### {}: {}\n\n{}\n", code.code, Markdown(code.title), Paragraph(code.doc));
  }
}

}  // namespace

std::string ReferenceMarkdown() {
  std::string out(kHead);
  for (const Chapter& chapter : AllChapters()) {
    out += fmt::format("## {}\n\n{}\n\n", chapter.title, chapter.text);
  }
  out += "## Keys\n\n";
  AddSections(out, false);
  AddKnobs(out);
  out += "## Policy tests\n\n";
  AddSections(out, true);
  AddCodes(out);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace reeve::policy
