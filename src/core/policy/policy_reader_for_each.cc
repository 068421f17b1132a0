// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/policy_reader_parts.h"
#include "core/policy/template.h"

namespace reeve::policy {
namespace {

using Row = std::vector<std::pair<Scalar, Scalar>>;

bool IsVariableName(std::string_view name) {
  const std::string bracketed = fmt::format("<{}>", name);
  const std::vector<Variable> found = FindVariables(bracketed);
  return found.size() == 1 && found[0].length == bracketed.size();
}

std::optional<Row> ReadListRow(const YamlNode& item, const Scalar& name, FieldReader& reader) {
  Row row;
  if (!item.IsMap()) {
    const std::vector<Variable> variables = FindVariables(name.text);
    auto value = reader.Text(item, "an item of `list`");
    if (!value) return std::nullopt;
    if (variables.size() != 1) {
      reader.findings().Error("R0114",
                              item.mark(),
                              "an item of `list` is a map of variables and values",
                              "plain values do only where the name has exactly one <variable>");
      return std::nullopt;
    }
    row.emplace_back(Scalar{std::string(variables[0].name), value->mark, false}, *value);
    return row;
  }
  for (std::size_t i = 0; i < item.size(); ++i) {
    const YamlNode key = item.Key(i);
    const std::string shown = EscapeForTerminal(key.text());
    if (!IsVariableName(key.text())) {
      reader.findings().Error("R0125",
                              key.mark(),
                              fmt::format("`{}` is no name of a variable", shown),
                              "a letter, then letters, digits, `_` and `-`");
      continue;
    }
    if (auto value = reader.Text(item.Value(i), fmt::format("`{}`", shown))) {
      row.emplace_back(MakeScalar(key), *value);
    }
  }
  return row;
}

void ReadSource(const FieldEntry& entry, const Scalar& name, FieldReader& reader, ForEach& rows) {
  if (entry.field->key == "list") {
    rows.source = ForEach::Source::kList;
    for (std::size_t i = 0; i < entry.value.size() && !reader.TooManyErrors(); ++i) {
      if (auto row = ReadListRow(entry.value.Item(i), name, reader)) {
        rows.list.push_back(*std::move(row));
      }
    }
    return;
  }
  rows.source = entry.field->key == "file" ? ForEach::Source::kFile : ForEach::Source::kPath;
  if (auto text = reader.Text(entry.value, fmt::format("`{}`", entry.field->key))) {
    rows.name = *text;
  }
}

// Whether a source of a later version stands there, about which there is a finding already.
bool HasLaterSource(const YamlNode& map) {
  for (const Field& field : SectionOf(SectionId::kForEach).fields) {
    if (!field.later.empty() && map.Find(field.key)) return true;
  }
  return false;
}

// Without a source every other key looks like a filter, so a misspelled source is looked for among
// them.
void ReportNoSource(const YamlNode& node, const MapEntries& entries, FieldReader& reader) {
  static constexpr std::array<std::string_view, 3> kSources = {"list", "file", "path"};
  for (const YamlEntry& entry : entries.others) {
    if (const auto nearest = NearestSpelling(entry.key.text(), kSources)) {
      reader.findings().Error(
          "R0128",
          entry.key.mark(),
          fmt::format("`{}` is no source of rows", EscapeForTerminal(entry.key.text())),
          fmt::format("did you mean `{}`?", *nearest));
      return;
    }
  }
  reader.findings().Error("R0128",
                          node.mark(),
                          "`for_each` does not say where its rows come from",
                          "add `list`, `file` or `path`");
}

}  // namespace

std::optional<ForEach> ReadForEach(const YamlNode& node, const Scalar& name, FieldReader& reader) {
  ForEach rows;
  rows.mark = node.mark();
  const MapEntries entries = reader.Judge(node, SectionOf(SectionId::kForEach));
  for (const FieldEntry& entry : entries.fields) ReadSource(entry, name, reader, rows);
  if (entries.fields.empty() && !reader.truncated() && !HasLaterSource(node)) {
    ReportNoSource(node, entries, reader);
    return rows;
  }
  for (const YamlEntry& filter : entries.others) {
    const std::string what = fmt::format("the filter `{}`", EscapeForTerminal(filter.key.text()));
    if (auto value = reader.Text(filter.value, what)) {
      rows.filters.emplace_back(MakeScalar(filter.key), *value);
    }
  }
  if (entries.fields.size() > 1) {
    Diagnostic& finding = reader.findings().Error(
        "R0128",
        entries.fields[1].key.mark(),
        fmt::format(
            "`{}` stands beside `{}`", entries.fields[1].field->key, entries.fields[0].field->key),
        "rows come from exactly one of `list`, `file` and `path`");
    finding.related = RelatedPlace{entries.fields[0].key.mark(), "the first source"};
  }
  return rows;
}

}  // namespace reeve::policy
