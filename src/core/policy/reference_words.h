// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/knob.h"
#include "core/policy/fields.h"

// Phrases that help, reference and schema share.
namespace reeve::policy {

// "one of wait, gentle, kill"
std::string TakesInWords(const Field& field);

// "1 to 10000 tasks", "0 bytes and up", "" for files without numbers.
std::string RangeInWords(const Knob& knob);

// Paragraphs broken at `width` columns, each line after `indent`. Lines that begin with four blanks
// are examples and stay as they are.
std::string Wrap(std::string_view text, std::size_t width, std::string_view indent);

// "a, b and c"
std::string Enumerate(std::span<const std::string_view> words, std::string_view last);

}  // namespace reeve::policy
