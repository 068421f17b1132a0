// SPDX-License-Identifier: Apache-2.0
#include "core/policy/yaml_syntax.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::policy {
namespace {

struct Row {
  std::string_view complaint;  // how yaml-cpp's text begins
  std::string_view code;
  std::string_view message;
  std::string_view hint;
  bool names_opener = false;
};

constexpr Row kRows[] = {
    {"illegal map value",
     "R0109",
     "this `:` belongs to no key",
     "a key stands in a line of its own, indented like its neighbours; a value that holds `: ` "
     "goes "
     "in quotes"},
    {"illegal map key",
     "R0109",
     "a key cannot begin here",
     "a key stands in a line of its own, indented like its neighbours"},
    {"illegal block entry",
     "R0109",
     "a `- ` item cannot begin here",
     "a list begins in the line below its key; inside [...] items are separated by commas"},
    {"end of map not found",
     "R0109",
     "this fits neither the map above it nor what is around it",
     "indent it like the entries it belongs to; a value that begins with a quote ends with it"},
    {"end of sequence not found",
     "R0109",
     "this fits neither the list above it nor what is around it",
     "indent it like the `- ` items it belongs to"},
    {"end of map flow not found", "R0109", "`,` or `}` is missing before this", "", true},
    {"end of sequence flow not found", "R0109", "`,` or `]` is missing before this", "", true},
    {"illegal flow end", "R0109", "this bracket closes nothing that is open", "", true},
    {"illegal EOF in scalar", "R0109", "the text ends inside a quoted value", ""},
    {"illegal document indicator in scalar",
     "R0109",
     "the document ends inside a quoted value",
     ""},
    {"cannot set zero indentation", "R0109", "the indentation after | or > is 1 to 9", ""},
    {"unexpected character in block scalar",
     "R0110",
     "| and > begin a text of several lines, which starts in the next line",
     "put the value in quotes"},
    {"cannot assign multiple tags", "R0112", "tags are not allowed", "remove it"},
    {"cannot assign multiple anchors", "R0123", "a value can have one anchor only", "remove one"},
    {"aliases can't have any content", "R0123", "an alias (`*name`) stands alone", ""},
    {"alias not found after *",
     "R0110",
     "`*` cannot start a plain YAML value",
     "a pattern that begins with `*` goes in quotes"},
    {"illegal character found while scanning alias",
     "R0110",
     "`*` cannot start a plain YAML value",
     "a pattern that begins with `*` goes in quotes"},
    {"anchor not found after &",
     "R0110",
     "`&` cannot start a plain YAML value",
     "put the value in quotes"},
    {"illegal character found while scanning anchor",
     "R0110",
     "`&` cannot start a plain YAML value",
     "put the value in quotes"},
    {"unknown escape character",
     "R0109",
     "this `\\` escapes nothing",
     "inside \"...\" a backslash is written `\\\\`; '...' takes everything as it stands"},
    {"bad character found while scanning hex number", "R0109", "this escape needs hex digits", ""},
    {"invalid unicode", "R0109", "this escape is no character", ""},
    {"illegal tab when looking for indentation",
     "R0111",
     "a tab in the indentation",
     "indent with spaces"},
};

std::string_view FirstWord(std::string_view rest) {
  return rest.substr(0, std::min(rest.find_first_of(" \t\r,]}#"), rest.size()));
}

SyntaxWords BadStart(std::string_view before, std::string_view rest) {
  const std::string_view word = FirstWord(rest);
  const std::string_view behind = Trim(rest.substr(word.size()));
  SyntaxWords words{"R0110", "", "put the value in quotes", std::max<std::size_t>(word.size(), 1)};
  words.message = rest.starts_with('`') ? "a backtick cannot start a plain YAML value"
                                        : fmt::format("`{}` cannot start a plain YAML value",
                                                      EscapeForTerminal(rest.substr(0, 1)));
  if (word.size() > 1 && word[0] == '@' && before.ends_with("user: ")) {
    words.hint = fmt::format("for \"is in the group {0}\" write {{group: {0}}}",
                             EscapeForTerminal(word.substr(1)));
  } else if (behind.empty() || std::string_view(",]}#").find(behind[0]) != std::string_view::npos) {
    words.hint = fmt::format("put it in quotes: \"{}\"", EscapeForTerminal(word));
  }
  return words;
}

SyntaxWords UnknownAlias(std::string_view rest) {
  const std::string_view word = FirstWord(rest);
  return {
      "R0123",
      fmt::format("`{}` names no anchor (`&{}`) of this document",
                  EscapeForTerminal(word),
                  EscapeForTerminal(word.substr(std::min<std::size_t>(1, word.size())))),
      "a pattern that begins with `*` goes in quotes; aliases do not reach into other documents",
      std::max<std::size_t>(word.size(), 1)};
}

}  // namespace

SyntaxWords DescribeSyntaxError(std::string_view complaint,
                                std::string_view before,
                                std::string_view rest) {
  if (complaint.starts_with("unknown token")) return BadStart(before, rest);
  if (complaint.starts_with("the referenced anchor is not defined")) return UnknownAlias(rest);
  const auto* row =
      std::ranges::find_if(kRows, [&](const Row& r) { return complaint.starts_with(r.complaint); });
  if (row == std::end(kRows)) {
    return {"R0109", fmt::format("this is no YAML: {}", EscapeForTerminal(complaint)), ""};
  }
  return {std::string(row->code),
          std::string(row->message),
          std::string(row->hint),
          1,
          row->names_opener};
}

}  // namespace reeve::policy
