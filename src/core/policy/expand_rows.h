// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/model/policy.h"
#include "core/policy/data_rows.h"
#include "core/policy/diagnostic.h"
#include "core/policy/expand.h"
#include "core/policy/template.h"

namespace reeve::policy {

// The name under which a data file is asked for: facts replaced. nullopt when a variable has no
// value.
std::optional<std::string> DataFileName(const ForEach& for_each, const FactValues& facts);

// The rows of templates, read once each. Rows live as long as the source.
class RowSource {
 public:
  RowSource(const DataFiles& data, const FactValues& facts, Findings& findings)
      : data_(data), facts_(facts), findings_(findings) {}

  struct Rows {
    std::vector<const DataRow*> rows;
    bool judged = true;  // false: the data could not be had, and a finding says so
  };

  // The rows of one `for_each` that pass its filters. `scope`: the template around it, nullptr
  // without one.
  Rows For(const ForEach& for_each, const Scope* scope);

 private:
  const DataTable* Table(const ForEach& for_each, const Scope* scope);
  const DataTable* FileTable(const ForEach& for_each);
  const DataTable* ListTable(const ForEach& for_each);
  const DataTable* PathTable(const ForEach& for_each, const Scope* scope);

  // Whether at least one row has the column; finds the misspelled filter otherwise.
  bool JudgeFilter(const Scalar& column, const DataTable& table);

  const DataFiles& data_;
  const FactValues& facts_;
  Findings& findings_;
  std::map<std::string, DataTable> files_;
  std::unordered_map<const ForEach*, DataTable> lists_;
  std::map<const DataTable*, std::set<std::string_view>> columns_;
  std::deque<DataTable> paths_;  // one for each scope: what is bound around it narrows the match
};

}  // namespace reeve::policy
