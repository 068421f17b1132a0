// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand_rows.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::policy {

std::optional<std::string> DataFileName(const ForEach& for_each, const FactValues& facts) {
  Replaced name = ReplaceVariables(for_each.name.text, nullptr, facts);
  if (name.unbound) return std::nullopt;
  return std::move(name.text);
}

const DataTable* RowSource::FileTable(const ForEach& for_each) {
  const auto name = DataFileName(for_each, facts_);
  if (!name) {
    findings_.Error(
        "R0302",
        for_each.name.mark,
        fmt::format("`{}` holds a variable that is no fact of this host",
                    EscapeForTerminal(for_each.name.text)),
        "the name of a data file can hold facts only: files are read before there are rows");
    return nullptr;
  }
  const auto known = files_.find(*name);
  if (known != files_.end()) return &known->second;
  const auto file = data_.files.find(*name);
  if (file == data_.files.end()) {
    const auto problem = data_.problems.find(*name);
    findings_.Error("R0306",
                    for_each.name.mark,
                    fmt::format("`{}` cannot be read{}{}",
                                EscapeForTerminal(*name),
                                problem == data_.problems.end() ? "" : ": ",
                                problem == data_.problems.end() ? "" : problem->second),
                    "a relative name lies in `data.d` beside the policy directory");
    return nullptr;
  }
  return &files_.emplace(*name, ReadRows(file->second, findings_)).first->second;
}

const DataTable* RowSource::ListTable(const ForEach& for_each) {
  const auto [place, fresh] = lists_.try_emplace(&for_each);
  if (!fresh) return &place->second;
  for (const auto& row : for_each.list) {
    DataRow read;
    read.mark = row.empty() ? for_each.mark : row.front().first.mark;
    for (const auto& [variable, value] : row) read.fields.emplace_back(variable.text, value);
    place->second.rows.push_back(std::move(read));
  }
  return &place->second;
}

const DataTable* RowSource::PathTable(const ForEach& for_each, const Scope* scope) {
  const std::string& pattern = for_each.name.text;
  std::set<std::string_view> seen;
  for (const Variable& variable : FindVariables(pattern)) {
    if (seen.insert(variable.name).second) continue;
    findings_.Error("R0302",
                    for_each.name.mark,
                    fmt::format("`<{}>` stands twice in the path", variable.name),
                    "give the second one another name");
    return nullptr;
  }
  const std::string glob = PatternAsGlob(pattern);
  const auto paths = data_.paths.find(glob);
  if (paths == data_.paths.end()) {
    const auto problem = data_.problems.find(glob);
    findings_.Error("R0306",
                    for_each.name.mark,
                    fmt::format("the paths `{}` could not be looked for{}{}",
                                EscapeForTerminal(glob),
                                problem == data_.problems.end() ? "" : ": ",
                                problem == data_.problems.end() ? "" : problem->second));
    return nullptr;
  }
  DataTable& table = paths_.emplace_back();
  for (const std::string& path : paths->second) {
    const auto captures = Capture(pattern, path, scope);
    if (!captures) continue;
    const auto scalar = [&](std::string text) {
      return Scalar{std::move(text), for_each.name.mark, false};
    };
    DataRow row;
    row.mark = for_each.name.mark;
    for (const auto& [variable, text] : *captures) row.fields.emplace_back(variable, scalar(text));
    // Behind the captures: a `<name>` in the pattern is the more specific one.
    row.fields.emplace_back("path", scalar(path));
    row.fields.emplace_back("name", scalar(path.substr(path.rfind('/') + 1)));
    table.rows.push_back(std::move(row));
  }
  return &table;
}

const DataTable* RowSource::Table(const ForEach& for_each, const Scope* scope) {
  switch (for_each.source) {
    case ForEach::Source::kList:
      return ListTable(for_each);
    case ForEach::Source::kFile:
      return FileTable(for_each);
    case ForEach::Source::kPath:
      return PathTable(for_each, scope);
  }
  return nullptr;
}

bool RowSource::JudgeFilter(const Scalar& column, const DataTable& table) {
  const auto [place, fresh] = columns_.try_emplace(&table);
  std::set<std::string_view>& columns = place->second;
  if (fresh) {
    for (const DataRow& row : table.rows) {
      for (const auto& field : row.fields) columns.insert(field.first);
    }
  }
  if (columns.empty() || columns.count(column.text) != 0) return true;
  const std::vector<std::string_view> names(columns.begin(), columns.end());
  const auto nearest = NearestSpelling(column.text, names);
  findings_.Error("R0309",
                  column.mark,
                  fmt::format("no row has a column `{}`", EscapeForTerminal(column.text)),
                  nearest
                      ? fmt::format("did you mean `{}`?", EscapeForTerminal(*nearest))
                      : fmt::format("the columns are: {}",
                                    EscapeForTerminal(fmt::format("{}", fmt::join(names, ", ")))));
  return false;
}

RowSource::Rows RowSource::For(const ForEach& for_each, const Scope* scope) {
  Rows result;
  const DataTable* table = Table(for_each, scope);
  if (table == nullptr || !table->complete) {
    result.judged = false;
    return result;
  }
  // The same column several times: alternatives.
  std::map<std::string_view, std::vector<std::string>> filters;
  for (const auto& [column, wanted] : for_each.filters) {
    if (!JudgeFilter(column, *table)) result.judged = false;
    Replaced text = ReplaceVariables(wanted.text, scope, facts_);
    if (text.unbound) {
      findings_.Error("R0302",
                      wanted.mark,
                      fmt::format("`<{}>` has no value here", text.unbound->name),
                      "a filter can use facts and the variables of the templates around it");
      result.judged = false;
    }
    filters[column.text].push_back(std::move(text.text));
  }
  if (!result.judged) return result;
  for (const DataRow& row : table->rows) {
    const Scope here{nullptr, &row};
    const bool passes = std::all_of(filters.begin(), filters.end(), [&](const auto& filter) {
      const Scalar* value = here.Find(filter.first);
      return value != nullptr &&
             std::any_of(
                 filter.second.begin(), filter.second.end(), [&](const std::string& wanted) {
                   return GlobMatches(wanted, value->text);
                 });
    });
    if (passes) result.rows.push_back(&row);
  }
  return result;
}

}  // namespace reeve::policy
