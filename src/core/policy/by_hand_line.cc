// SPDX-License-Identifier: Apache-2.0
#include "core/policy/by_hand_line.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/by_hand_text.h"
#include "core/policy/field_reader.h"
#include "core/policy/file_names.h"
#include "core/policy/policy_reader_parts.h"
#include "core/policy/setting_parser.h"
#include "core/policy/template.h"
#include "core/policy/yaml_scan.h"
#include "core/policy/yaml_tree.h"

namespace reeve::policy {
namespace {

// Whether a text may stand in a policy, on one line.
bool IsPlainLine(std::string_view text) {
  const bool control = std::ranges::any_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  });
  if (control) return false;
  Findings findings;
  // A letter in front: what a file begins with can make it seem binary, or be a byte order mark.
  const auto file =
      std::make_shared<const SourceFile>(SourceFile{"", "x" + std::string(text), 1, ""});
  static_cast<void>(ScanYaml(file, findings));
  return findings.all().empty();
}

bool JudgePlainLine(std::string_view text,
                    const SourceMark& mark,
                    std::string_view what,
                    Findings& findings) {
  if (IsPlainLine(text)) return true;
  findings.Error(
      "R0129",
      mark,
      fmt::format("{} holds a line break, a control character or another one that cannot be seen",
                  what),
      "leave it out");
  return false;
}

// "[{device: /dev/sda, rbps: 1MiB/s}]" as rows; places come out as those of the command line.
std::optional<SettingText> ReadTable(const std::string& file,
                                     const std::string& value,
                                     const SourceMark& at,
                                     Findings& findings) {
  // The value stands in a text of its own in the column that it has in the line.
  const std::string key = file + ": ";
  const std::size_t room = at.column - 1;
  const std::string indent(room > key.size() ? room - key.size() : 0, ' ');
  const auto text = std::make_shared<const SourceFile>(SourceFile{"", indent + key + value, 1, ""});
  Findings found;
  std::vector<SettingText> settings;
  // The tree must outlive what points into it.
  const std::vector<YamlDocument> documents = ReadYaml(text, found);
  if (documents.size() == 1 && documents[0].root().IsMap()) {
    FieldReader reader(found, documents[0].truncated());
    ReadSettings(reader.Judge(documents[0].root(), SectionOf(SectionId::kSelf)), reader, settings);
  }
  const auto home = [&](SourceMark& mark) {
    if (mark.file == text) mark.file = at.file;
  };
  for (Diagnostic finding : found.all()) {
    home(finding.mark);
    if (finding.related) home(finding.related->mark);
    findings.Add(std::move(finding));
  }
  if (found.has_errors() || settings.size() != 1) return std::nullopt;
  for (RowText& row : settings[0].rows) {
    home(row.mark);
    for (auto& [column, cell] : row.fields) {
      home(column.mark);
      home(cell.mark);
    }
  }
  return std::move(settings[0]);
}

std::string RowsYaml(const std::vector<RowText>& rows) {
  std::string yaml;
  for (const RowText& row : rows) {
    yaml += yaml.empty() ? "{" : ", {";
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      yaml += fmt::format("{}{}: {}",
                          i == 0 ? "" : ", ",
                          QuotedYaml(row.fields[i].first.text),
                          QuotedYaml(row.fields[i].second.text));
    }
    yaml += '}';
  }
  return "[" + yaml + "]";
}

}  // namespace

HandLine::HandLine(const HandRequest& request) : verb_name_(HandVerbName(request.verb)) {
  verb_ = Add("", verb_name_);
  cgroup_ = pid_ = time_ = why_ = verb_;
  if (!request.cgroup.empty()) cgroup_ = Add(" ", request.cgroup);
  if (request.all) cgroup_ = Add(" ", "--all");
  if (request.pid != 0) pid_ = Add(" --pid ", fmt::format("{}", request.pid));
  for (const auto& [key, value] : request.settings) {
    keys_.push_back(Add(" ", key));
    values_.push_back(Add("=", value));
  }
  if (request.for_seconds != 0) time_ = Add(" --for ", FormatHandTime(request.for_seconds));
  if (!request.why.empty()) why_ = Add(" --why ", request.why);
  file_ = std::make_shared<const SourceFile>(SourceFile{"command line", text_, 1, ""});
}

HandLine::Word HandLine::Add(std::string_view before, std::string_view word) {
  text_ += before;
  const std::size_t offset = text_.size();
  text_ += EscapeForTerminal(word);
  return {offset, text_.size() - offset};
}

SourceMark HandLine::Mark(const Word& word) const {
  return {file_,
          1,
          static_cast<std::uint32_t>(word.offset + 1),
          static_cast<std::uint32_t>(std::max<std::size_t>(word.length, 1))};
}

void JudgeHand(const HandRequest& request, const HandLine& line, Findings& findings) {
  if (request.for_seconds <= 0) {
    findings.Error("R0502",
                   line.time(),
                   fmt::format("`{}` does not say when it ends", line.verb_name()),
                   "--for 2h (90s, 30m, 2h, 1d)");
  } else if (request.for_seconds > kLongestTime) {
    findings.Error("R0502",
                   line.time(),
                   fmt::format("{} is more than ten years", FormatHandTime(request.for_seconds)),
                   "write a policy for what shall stay");
  } else if (request.for_seconds > kLongestHandSeconds && !request.long_time) {
    findings.Error("R0502",
                   line.time(),
                   fmt::format("{} is more than 24 hours", FormatHandTime(request.for_seconds)),
                   "say `--long` beside it, or write a policy for what shall stay");
  }
  if (Trim(request.why).empty()) {
    findings.Error("R0503",
                   line.why(),
                   fmt::format("`{}` does not say why", line.verb_name()),
                   "--why INC-4711");
  } else if (request.why.size() > kLongestWhy) {
    findings.Error(
        "R0503",
        line.why(),
        fmt::format("the reason has {} bytes; {} are possible", request.why.size(), kLongestWhy),
        "name a ticket that says more");
  } else {
    JudgePlainLine(request.why, line.why(), "the reason", findings);
  }
}

std::optional<HandSetting> JudgeHandSetting(const std::pair<std::string, std::string>& typed,
                                            const HandLine& line,
                                            std::size_t index,
                                            Findings& findings) {
  const auto& [file, value] = typed;
  if (!JudgeFileKey(file, line.key(index), findings)) return std::nullopt;
  if (file == "cgroup.type") {
    findings.Error("R0504",
                   line.key(index),
                   "cgroup.type can not go back when the time is over",
                   "the kernel takes `threaded` and nothing else");
    return std::nullopt;
  }
  const SourceMark at = line.value(index);
  if (!JudgePlainLine(value, at, "the value", findings)) return std::nullopt;
  if (HasVariables(value)) {
    findings.Error("R0201",
                   at,
                   fmt::format("`{}` has a variable, which stands for nothing here", value),
                   "write its value");
    return std::nullopt;
  }
  const std::string_view trimmed = Trim(value);
  HandSetting result;
  if (trimmed.starts_with('[') || trimmed.starts_with('{')) {
    const auto table = ReadTable(file, value, at, findings);
    if (!table) return std::nullopt;
    Findings said;  // the reader has said it
    auto setting = ParseSetting(*table, said);
    if (!setting) return std::nullopt;
    result.setting = *std::move(setting);
    result.yaml = RowsYaml(table->rows);
    result.is_rows = true;
    return result;
  }
  SettingText text;
  text.file = file;
  text.key_mark = line.key(index);
  text.value = {value, at, value.empty()};  // nothing at all is a text: an empty list of CPUs
  auto setting = ParseSetting(text, findings);
  if (!setting) return std::nullopt;
  result.setting = *std::move(setting);
  result.yaml = QuotedYaml(value);
  return result;
}

std::string PlainLine(std::string_view text) {
  if (IsPlainLine(text)) return std::string(text);
  // Only ASCII that can be seen: each byte that can not becomes \xNN.
  std::string plain;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      plain += c;
    } else {
      plain += fmt::format("\\x{:02x}", byte);
    }
  }
  return plain;
}

}  // namespace reeve::policy
