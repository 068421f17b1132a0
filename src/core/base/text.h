// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// Pieces between runs of any character in `separators`; empty pieces are left out.
std::vector<std::string_view> SplitWords(std::string_view text,
                                         std::string_view separators = " \t\n");

// Lines without their newline; a last line without newline counts, an empty tail does not.
std::vector<std::string_view> SplitLines(std::string_view text);

// Pieces between single separators; empty pieces are kept.
std::vector<std::string_view> Split(std::string_view text, char separator);

std::string_view Trim(std::string_view text);

std::string Join(std::span<const std::string> parts, std::string_view separator);

// Whole decimal number without sign, leading zeros allowed only for "0" itself; nullopt for
// anything else, overflow included. The kernel accepts hex, octal, suffixes and wraps around: we
// never do.
std::optional<std::uint64_t> ParseDecimal(std::string_view text);

// The same with an optional '-'.
std::optional<std::int64_t> ParseSignedDecimal(std::string_view text);

// The candidate with the smallest edit distance, if it is near enough to be a likely typo.
std::optional<std::string_view> NearestSpelling(std::string_view word,
                                                std::span<const std::string_view> candidates);

// Escapes everything that is not printable ASCII (C0, DEL, every byte >= 0x80 that is not
// well-formed UTF-8, and bidirectional controls) as \xNN, so that no name from outside can reach a
// terminal raw.
std::string EscapeForTerminal(std::string_view text);

bool IsValidUtf8(std::string_view text);

// Shell-style pattern: `*`, `?`, `[a-z]`, `[!a-z]`; everything else literally. Linear in practice:
// one point of backtracking only.
bool GlobMatches(std::string_view pattern, std::string_view text);

}  // namespace reeve
