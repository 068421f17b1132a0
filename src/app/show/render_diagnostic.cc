// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_diagnostic.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/screen.h"
#include "core/base/text.h"
#include "core/policy/codes.h"

namespace reeve::show {
namespace {

constexpr std::size_t kTabStop = 8;
// What "   14 | " takes; the line and its caret share the rest.
constexpr std::size_t kGutter = 8;

std::string_view LineOf(const SourceMark& mark) {
  std::string_view rest = mark.file->text;
  for (std::uint32_t line = 1; line < mark.line; ++line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

// A piece of a line as a terminal shows it. `columns` goes on from what stands before it, for tabs.
std::string ShownPiece(std::string_view piece, std::size_t columns) {
  std::string out;
  std::string plain;
  const auto flush = [&] {
    out += Shown(plain);
    plain.clear();
  };
  for (char c : piece) {
    if (c != '\t') {
      plain += c;
      continue;
    }
    flush();
    const std::size_t at = columns + DisplayWidth(out);
    out.append(kTabStop - at % kTabStop, ' ');
  }
  flush();
  return out;
}

struct Excerpt {
  std::string text;
  std::size_t caret = 0;  // columns before the first marked one
  std::size_t width = 1;  // columns to mark
};

// The line with what is marked in it. Of a line that is too long, the part around the mark.
Excerpt Cut(const SourceMark& mark) {
  const std::string_view line = LineOf(mark);
  const std::size_t from =
      std::min<std::size_t>(mark.column == 0 ? 0 : mark.column - 1, line.size());
  const std::size_t length = std::min<std::size_t>(mark.length, line.size() - from);
  const std::string before = ShownPiece(line.substr(0, from), 0);
  const std::size_t start = DisplayWidth(before);
  const std::string marked = ShownPiece(line.substr(from, length), start);
  const std::string after = ShownPiece(line.substr(from + length), start + DisplayWidth(marked));

  const std::size_t room = kScreenWidth - kGutter;
  Excerpt cut{before + marked + after, start, std::max<std::size_t>(DisplayWidth(marked), 1)};
  if (DisplayWidth(cut.text) <= room) return cut;
  const std::string_view dots = "...";
  std::string_view text = cut.text;
  if (start + std::min(cut.width, room / 2) > room - dots.size()) {
    const std::string_view skipped = ClipToWidth(text, start - std::min(start, room / 3));
    text.remove_prefix(skipped.size());
    cut.caret = start - DisplayWidth(skipped) + dots.size();
    const std::string shown(ClipToWidth(text, room - 2 * dots.size()));
    const bool more = shown.size() < text.size();
    cut.text = std::string(dots) + shown + (more ? std::string(dots) : "");
  } else {
    cut.text = std::string(ClipToWidth(text, room - dots.size())) + std::string(dots);
  }
  const std::size_t end = DisplayWidth(cut.text);
  cut.width = std::min(cut.width, end > cut.caret ? end - cut.caret : 1);
  return cut;
}

std::string NumberedLine(const SourceMark& mark, const Excerpt& cut) {
  std::string line = fmt::format("{:>5} | {}", mark.line, cut.text);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Gutter(const Excerpt& cut) {
  return "      | " + std::string(cut.caret, ' ');
}

// Messages are our own words, but quote what the policy says; line breaks in hints are meant.
std::string ShownLines(std::string_view text) {
  std::string out;
  for (std::string_view line : Split(text, '\n')) {
    if (!out.empty()) out += '\n';
    out += Shown(line);
  }
  return out;
}

// Where most of the findings that are not shown belong: "R0101 (unknown key)".
std::string MostFrequentCode(const std::vector<policy::Diagnostic>& findings, std::size_t from) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = from; i < findings.size(); ++i) ++counts[findings[i].code];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      });
  const policy::Code* code = policy::FindCode(most->first);
  return code == nullptr ? most->first : fmt::format("{} ({})", most->first, code->title);
}

Json PlaceJson(const SourceMark& mark) {
  Json place = Json::object();
  const bool known = mark.known();
  place["file"] = mark.file == nullptr ? Json() : JsonString(mark.file->name);
  place["line"] = known ? Json(mark.line) : Json();
  place["column"] = known ? Json(mark.column) : Json();
  place["end"] = known ? Json(mark.column + mark.length) : Json();
  return place;
}

}  // namespace

std::string RenderDiagnostic(const policy::Diagnostic& diagnostic, const Paint& paint) {
  const bool is_error = diagnostic.severity == policy::Severity::kError;
  const std::string kind = is_error ? "error" : "warning";
  // A file that can not be read at all is no matter of its text and has no code.
  const std::string head = diagnostic.code.empty() ? kind : kind + "[" + diagnostic.code + "]";
  const std::string place = diagnostic.mark.known() ? Shown(diagnostic.mark.FileLineColumn()) + ": "
                            : diagnostic.mark.file  ? Shown(diagnostic.mark.file->name) + ": "
                                                    : "";
  std::string out = paint.Bold(place) + (is_error ? paint.Red(head) : paint.Yellow(head)) + ": " +
                    Shown(diagnostic.message) + "\n";
  if (diagnostic.mark.known()) {
    const Excerpt cut = Cut(diagnostic.mark);
    out += NumberedLine(diagnostic.mark, cut);
    out += Gutter(cut) +
           (is_error ? paint.Red("^" + std::string(cut.width - 1, '~'))
                     : paint.Yellow("^" + std::string(cut.width - 1, '~'))) +
           "\n";
  }
  if (diagnostic.related && diagnostic.related->mark.known()) {
    const SourceMark& mark = diagnostic.related->mark;
    const bool elsewhere =
        !diagnostic.mark.known() || mark.file->name != diagnostic.mark.file->name;
    if (elsewhere) out += "   " + Shown(mark.FileLineColumn()) + ":\n";
    const Excerpt cut = Cut(mark);
    out += NumberedLine(mark, cut);
    const std::string bar = Gutter(cut) + std::string(cut.width, '-');
    const std::string message = Shown(diagnostic.related->message);
    // Where both do not fit on the line, the words go below the dashes they explain.
    if (DisplayWidth(bar) + 1 + DisplayWidth(message) <= kScreenWidth) {
      out += bar + " " + message + "\n";
    } else {
      out += bar + "\n" + Hanging("      | ", message);
    }
  }
  if (!diagnostic.hint.empty()) out += Hanging("   hint: ", ShownLines(diagnostic.hint));
  if (!diagnostic.note.empty()) out += Hanging("   note: ", ShownLines(diagnostic.note));
  return out;
}

std::string RenderFindings(const std::vector<policy::Diagnostic>& findings, const Paint& paint) {
  std::string out;
  const std::size_t shown = std::min(findings.size(), kShownFindings);
  for (std::size_t i = 0; i < shown; ++i) out += RenderDiagnostic(findings[i], paint) + "\n";
  if (shown < findings.size()) {
    out += fmt::format("... and {} more, mostly {}\n\n",
                       findings.size() - shown,
                       MostFrequentCode(findings, shown));
  }
  return out;
}

std::string CountFindings(const std::vector<policy::Diagnostic>& findings) {
  const auto errors = static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [](const policy::Diagnostic& d) {
        return d.severity == policy::Severity::kError;
      }));
  return Count(errors, "error") + ", " + Count(findings.size() - errors, "warning");
}

std::string NameOfBrokenFile(const std::vector<policy::Diagnostic>& findings) {
  std::set<std::string> names;
  for (const policy::Diagnostic& d : findings) {
    if (d.severity != policy::Severity::kError) continue;
    names.insert(d.mark.file == nullptr ? "" : d.mark.file->name);
  }
  if (names.size() != 1 || names.begin()->empty()) return "this set of files";
  return Shown(*names.begin());
}

Json FindingsJson(const std::vector<policy::Diagnostic>& findings) {
  Json list = Json::array();
  for (const policy::Diagnostic& d : findings) {
    Json one = Json::object();
    one["severity"] = d.severity == policy::Severity::kError ? "error" : "warning";
    one["code"] = d.code.empty() ? Json() : Json(d.code);
    one.update(PlaceJson(d.mark));
    one["message"] = JsonString(d.message);
    one["hint"] = d.hint.empty() ? Json() : JsonString(d.hint);
    one["note"] = d.note.empty() ? Json() : JsonString(d.note);
    one["related"] = Json();
    if (d.related) {
      one["related"] = PlaceJson(d.related->mark);
      one["related"]["message"] = JsonString(d.related->message);
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace reeve::show
