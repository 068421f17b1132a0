// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/model/source_mark.h"
#include "core/policy/yaml_scan.h"

namespace reeve::policy {

struct YamlPlace {
  std::uint32_t line = 0;    // of the file, from 1
  std::uint32_t column = 0;  // in bytes, from 1
  std::size_t offset = 0;    // in the file's text
};

// Questions about the text around a place, for what yaml-cpp's events leave out.
class YamlText {
 public:
  YamlText(std::shared_ptr<const SourceFile> file, const YamlChunk& chunk)
      : file_(std::move(file)), text_(file_->text), chunk_(chunk) {}

  const std::shared_ptr<const SourceFile>& file() const { return file_; }

  // A place as yaml-cpp gives it: position, line and column in the chunk, all from 0.
  YamlPlace At(int position, int line, int column) const;

  YamlPlace Beginning() const { return {chunk_.first_line, chunk_.first_column, chunk_.offset}; }

  SourceMark Mark(const YamlPlace& place, std::size_t length) const;

  // '\0' behind the end.
  char CharAt(std::size_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }

  // From the place to the end of the whole file.
  std::string_view From(const YamlPlace& place) const { return text_.substr(place.offset); }

  // The line up to the place, and from the place on.
  std::string_view LineBefore(const YamlPlace& place) const;
  std::string_view LineFrom(const YamlPlace& place) const;

  // A tab among the blanks that begin the place's line, if the tab stands before the place; else
  // false.
  bool FindIndentationTab(const YamlPlace& place, YamlPlace* tab) const;

  // The first line that begins with `%`, other than `%YAML` before anything else.
  bool FindDirective(YamlPlace* place) const;

  // The line above the place's, if it looks like a key that lacks its colon: indented the same, and
  // without one.
  bool FindKeyWithoutColon(const YamlPlace& place, YamlPlace* above) const;

  // The closing quote of the text that opens at `place`; npos when there is none in this document.
  std::size_t EndOfQuoted(const YamlPlace& place) const;

  // The `-` in front of the place with nothing but blanks between; the place itself if it is none.
  YamlPlace ItemSignBefore(const YamlPlace& place) const;

  // One byte further.
  void Step(YamlPlace& place) const;

  // "this document cannot be read further; lines 36 to 61 were not judged"
  std::string NotJudgedBelow(std::uint32_t line) const;

 private:
  std::size_t LineStart(std::size_t offset) const;

  std::shared_ptr<const SourceFile> file_;
  std::string_view text_;
  YamlChunk chunk_;
};

}  // namespace reeve::policy
