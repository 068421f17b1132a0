// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/model/source_mark.h"
#include "core/policy/diagnostic.h"

// What is judged of a YAML text before a parser sees it: bytes, encoding, size. One pass, no
// allocation a byte.
namespace reeve::policy {

// The text of one document: from its `---` line (or the file's beginning) to before the next one.
struct YamlChunk {
  std::size_t offset = 0;  // bytes from the beginning of the file's text
  std::size_t size = 0;
  std::uint32_t first_line = 1;
  std::uint32_t first_column = 1;  // 4 behind a byte order mark
  std::uint32_t last_line = 1;     // the last one that is not blank
};

// Empty when the file was refused as a whole; the reason is in `findings`. `---` at the beginning
// of a line is a document's end everywhere in YAML, in quoted and block scalars too, so no lexer is
// needed to find it.
std::vector<YamlChunk> ScanYaml(const std::shared_ptr<const SourceFile>& file, Findings& findings);

// Counts what makes a YAML reader's work, without knowing the grammar: the same character in a
// quoted text counts as well, so the result is an upper bound.
class YamlMeter {
 public:
  void Add(std::string_view bytes);

  // Characters that begin or end a node within a line: , [ { and :.
  std::size_t marks() const { return marks_; }

  std::size_t lines() const { return lines_; }

  // Bytes since the last of these.
  std::size_t run() const { return run_; }

  // Brackets and braces opened and not closed; never below 0.
  std::size_t nesting() const { return nesting_; }

 private:
  std::size_t marks_ = 0;
  std::size_t lines_ = 0;
  std::size_t run_ = 0;
  std::size_t nesting_ = 0;
};

}  // namespace reeve::policy
