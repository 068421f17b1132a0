// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

// The kernel's own reading of numbers and lists, wrap-around, octal and ignored tails included.
// What reeve itself takes is core/base/text.h; nothing here may be used outside the fake kernel.
//   source   lib/kstrtox.c, lib/vsprintf.c, lib/cmdline.c, lib/bitmap-str.c
namespace reeve::support {

// 0 or an errno, positive.
using Errno = int;

std::string_view Strstrip(std::string_view text);

// The whole text is one number, base by prefix (0x, 0), one newline at the end allowed.
//   errors   EINVAL, ERANGE on overflow
Errno Kstrtoull(std::string_view text, std::uint64_t* value);
Errno Kstrtoll(std::string_view text, std::int64_t* value);
Errno Kstrtoint(std::string_view text, int* value);

// What numbers that do not fit become where the kernel does not look: 10^20-1 wraps around to some other
// number on 6.x, and is the largest one on 7.2, where a suffix without digits is no number any more either.
enum class Overflow { kWraps, kSaturates };

// Number with an optional suffix K M G T P E, taken off the front.
std::uint64_t Memparse(std::string_view* text, Overflow overflow);

// sscanf "%llu": leading space skipped, decimal digits taken off the front.
bool ScanUnsigned(std::string_view* text, std::uint64_t* value, Overflow overflow);

// sscanf "%lld".
bool ScanSigned(std::string_view* text, std::int64_t* value);

// sscanf "%<most>s": leading space skipped, then at most `most` other characters.
std::string_view ScanWord(std::string_view* text, std::size_t most);

std::string_view SkipSpaces(std::string_view text);

// CPU and node lists: "0-3,8", "all", "N", "0-7:1/2".
//   bits     ids at or above it are ERANGE
//   errors   EINVAL, ERANGE
Errno ParseIdList(std::string_view text, unsigned bits, std::set<unsigned>* ids);

// "0-3,8"
std::string FormatIdList(const std::set<unsigned>& ids);

}  // namespace reeve::support
