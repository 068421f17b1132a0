// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/source_mark.h"

namespace reeve::port {

// What `for_each` reads: data files and paths of this host.
class DataSource {
 public:
  virtual ~DataSource() = default;

  // A relative name lies in `data.d` beside the policy directory. Same size limit and ownership
  // rules as policies. The mark's name is the name as written.
  virtual Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) = 0;

  // Absolute paths that match the glob, sorted; no match is an empty list.
  virtual Result<std::vector<std::string>> MatchPaths(const std::string& glob) = 0;
};

}  // namespace reeve::port
