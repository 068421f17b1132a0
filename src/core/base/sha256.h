// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace reeve {

// SHA-256 of a text in 64 lower-case hexadecimal digits, as sha256sum prints it.
// Sixty lines of our own instead of libcrypto, because core is pure and the daemon would map 4 MiB
// of library for one digest of a few kilobytes a generation. Names texts; guards no secret.
//   source   FIPS 180-4, section 6.2
std::string Sha256Hex(std::string_view text);

}  // namespace reeve
