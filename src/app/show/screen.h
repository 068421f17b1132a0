// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::show {

// Columns no line of ours goes beyond, so that mails, tickets and serial consoles show what was
// meant.
inline constexpr std::size_t kScreenWidth = 100;

// A status is read on the console of a machine in trouble.
inline constexpr std::size_t kStatusWidth = 80;

// Columns a terminal gives a text: combining marks take none, East Asian wide characters and most
// emoji two. The text must be well-formed UTF-8 (EscapeForTerminal's result is).
std::size_t DisplayWidth(std::string_view text);

// The longest prefix that fits into `columns`, cut between characters.
std::string_view ClipToWidth(std::string_view text, std::size_t columns);

// Appends spaces up to `columns`; longer texts stay as they are.
std::string PadRight(std::string text, std::size_t columns);

std::string PadLeft(std::string text, std::size_t columns);

// Breaks a text between words into lines of at most `columns`; newlines in it break as well. A word
// that is longer than a line is cut after a '/', ',' or '-' if there is one, else where the line
// ends: nothing is lost.
std::vector<std::string> WrapWords(std::string_view text, std::size_t columns);

// `first` and then the wrapped text, further lines indented to where it begins; ends with a
// newline.
std::string Hanging(std::string_view first,
                    std::string_view text,
                    std::size_t columns = kScreenWidth);

// "1 error", "2 errors"; `many` when adding an s is wrong ("processes").
std::string Count(std::size_t number, std::string_view one, std::string_view many = "");

// The one door to a terminal for texts that others wrote: see EscapeForTerminal. Newlines are
// escaped too.
std::string Shown(std::string_view text);

}  // namespace reeve::show
