// SPDX-License-Identifier: Apache-2.0
// First line: an interface file. The rest: what a kernel is said to have printed for it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/format/knob_text.h"
#include "fuzz/judge.h"

namespace {

using reeve::fuzz::Require;

void TryText(const reeve::Knob& knob, std::string_view text) {
  namespace format = reeve::format;
  const auto value = format::ParseKnob(knob, text);
  if (!value.has_value()) {
    Require(value.error().kind == reeve::ErrorKind::kInvalid);
    return;
  }
  // Columns that were not printed are printed at max, so the value may only mean the same.
  const std::string canonical = format::FormatKnob(knob, *value);
  const auto again = format::ParseKnob(knob, canonical);
  Require(again.has_value() && format::FormatKnob(knob, *again) == canonical);
  Require(format::SameValue(knob, *value, *again, 1) && format::SameValue(knob, *again, *value, 1));
  for (const std::uint64_t page_size : {4096U, 65536U}) {
    Require(format::SameValue(knob, *value, *value, page_size));
  }
  const reeve::KnobValue fallback = format::DefaultValue(knob);
  for (const bool there : {false, true}) {
    const auto& from = there ? *value : fallback;
    for (const std::string& line :
         format::WritesFor(knob, there ? fallback : *value, &from, true)) {
      Require(!line.empty() && (line == "\n" || line.find('\n') == std::string::npos));
    }
  }
  Require(format::WritesFor(knob, *value, &*value, true).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = input.find('\n');
  if (newline == std::string_view::npos) return 0;
  const reeve::Knob* knob = reeve::FindKnob(input.substr(0, newline));
  if (knob != nullptr) TryText(*knob, input.substr(newline + 1));
  return 0;
}
