// SPDX-License-Identifier: Apache-2.0
#include "core/model/source_mark.h"

#include <fmt/format.h>

namespace reeve {

std::string SourceMark::FileLine() const {
  return known() ? fmt::format("{}:{}", file->name, line) : std::string();
}

std::string SourceMark::FileLineColumn() const {
  return known() ? fmt::format("{}:{}:{}", file->name, line, column) : std::string();
}

}  // namespace reeve
