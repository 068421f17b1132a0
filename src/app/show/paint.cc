// SPDX-License-Identifier: Apache-2.0
#include "app/show/paint.h"

#include <fmt/format.h>

namespace reeve::show {

std::string Paint::Wrap(std::string_view code, std::string_view text) const {
  return on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace reeve::show
