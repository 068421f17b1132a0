// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace reeve::io {

// Writes a few lines on somebody's terminal, by the rules of write(1): only where its owner lets
// messages in (mode g+w, `mesg y`), only on a character device that is a terminal and belongs to
// one of `owners`, and never waiting for it: what does not fit now is lost.
//   tty      name below /dev: "pts/3"; anything with ".." or a leading '/' is refused
//   text     printable but for newlines, which start each line anew
//   errors   NotFound, Denied (not theirs, or they do not want any), Invalid (no terminal), Busy
Result<> TellTerminal(std::string_view tty,
                      const std::set<std::uint32_t>& owners,
                      std::string_view text);

}  // namespace reeve::io
