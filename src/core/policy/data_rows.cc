// SPDX-License-Identifier: Apache-2.0
#include "core/policy/data_rows.h"

#include <string_view>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/data_rows_csv.h"
#include "core/policy/yaml_tree.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kYamlExample = "write one map a row, like `- {name: acme, plan: gold}`";

// A value a variable can stand for; nullopt with a finding.
bool ReadField(const YamlNode& key, const YamlNode& value, DataRow& row, Findings& findings) {
  if (value.IsMap() || value.IsSequence()) {
    findings.Error("R0307",
                   value.mark(),
                   fmt::format("`{}` must be a single value", EscapeForTerminal(key.text())),
                   "a variable stands for one text; give each value a column of its own");
    return false;
  }
  row.fields.emplace_back(std::string(key.text()),
                          Scalar{std::string(value.text()), value.mark(), value.quoted()});
  return true;
}

DataTable ReadYamlRows(const std::shared_ptr<const SourceFile>& file, Findings& findings) {
  DataTable table;
  const std::size_t errors = findings.error_count();
  const std::vector<YamlDocument> documents = ReadYaml(file, findings);
  const auto wrong = [&](const YamlNode& node, std::string message) {
    findings.Error("R0306", node.mark(), std::move(message), std::string(kYamlExample));
  };
  if (documents.size() > 1) wrong(documents[1].root(), "a data file holds one document only");
  if (!documents.empty()) {
    const YamlNode root = documents[0].root();
    if (root.IsSequence()) {
      if (root.size() > kMaxDataRows) {
        wrong(root, fmt::format("{} rows; at most {} are read", root.size(), kMaxDataRows));
      }
      for (std::size_t i = 0; i < root.size() && i < kMaxDataRows; ++i) {
        const YamlNode item = root.Item(i);
        if (!item.IsMap()) {
          wrong(item, "a row must be a map of variables and values");
          continue;
        }
        DataRow row;
        row.mark = item.mark();
        row.fields.reserve(item.size());
        for (std::size_t k = 0; k < item.size(); ++k) {
          ReadField(item.Key(k), item.Value(k), row, findings);
        }
        table.rows.push_back(std::move(row));
      }
    } else if (!documents[0].truncated()) {
      wrong(root, "a data file must be a list of rows");
    }
  }
  table.complete = findings.error_count() == errors;
  return table;
}

}  // namespace

DataTable ReadRows(const std::shared_ptr<const SourceFile>& file, Findings& findings) {
  const std::string_view name = file->name;
  if (name.ends_with(".csv")) return ReadCsvRows(file, findings);
  if (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json")) {
    return ReadYamlRows(file, findings);
  }
  DataTable table;
  table.complete = false;
  findings.Error(
      "R0306",
      {},
      fmt::format("{}: a data file ends in .yaml, .json or .csv", EscapeForTerminal(name)));
  return table;
}

}  // namespace reeve::policy
