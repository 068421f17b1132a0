// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/format/knob_text.h"
#include "core/model/plan.h"

namespace reeve::show {

// Hand-made parts of plans: renderers are tested without the code that makes real ones.

inline CgroupPath Path(const std::string& text) {
  return *CgroupPath::Parse(text);
}

inline SourceMark Mark(const std::string& file, std::uint32_t line, std::uint32_t column = 5) {
  const auto source = std::make_shared<const SourceFile>(SourceFile{file, "", 1, ""});
  return {source, line, column, 1};
}

inline Action Make(const std::string& path, ActionKind kind, SourceMark mark = {}) {
  Action action;
  action.path = Path(path);
  action.kind = std::move(kind);
  action.reason.mark = std::move(mark);
  return action;
}

inline Action Set(const std::string& path,
                  const std::string& file,
                  const std::string& now,
                  const std::string& wanted,
                  SourceMark mark = {},
                  const std::string& template_name = "") {
  SetFile set;
  set.file = file;
  set.text = wanted;
  set.knob = FindKnob(file);
  if (set.knob != nullptr) {
    set.wanted = *format::ParseKnob(*set.knob, wanted);
  } else {
    set.wanted = wanted;
  }
  Action action = Make(path, std::move(set), std::move(mark));
  action.reason.now = now;
  action.reason.wanted = wanted;
  action.reason.template_name = template_name;
  return action;
}

}  // namespace reeve::show
