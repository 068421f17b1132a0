// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace reeve {

// One text that people wrote. Immutable and shared by every mark into it, so that a finding can show
// the line it is about without a look-up.
struct SourceFile {
  std::string name;  // as people shall see it: "20-login.yaml"
  std::string text;
  int layer = 1;  // 0 /usr/lib, 1 /etc (also files named on a command line), 2 /run: stronger wins
  std::string directory;  // where relative names (data.d) start; "" when there is none
};

// A place in a source file. Lines and columns count from 1, columns in bytes; 0 = no place.
struct SourceMark {
  std::shared_ptr<const SourceFile> file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0;  // bytes to underline, at least 1 when there is a place

  bool known() const { return file != nullptr && line != 0; }

  // "web.yaml:14", "" when unknown
  std::string FileLine() const;

  // "web.yaml:14:17"
  std::string FileLineColumn() const;

  bool operator==(const SourceMark&) const = default;
};

}  // namespace reeve
