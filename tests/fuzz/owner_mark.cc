// SPDX-License-Identifier: Apache-2.0
// The xattr of a cgroup: somebody else may have written it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/format/owner_mark.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto mark = reeve::format::ParseOwnerMark(text);
  if (!mark.has_value()) return 0;
  const auto again = reeve::format::FormatOwnerMark(*mark);
  // What was understood is understood the same after we wrote it, unless our escapes make it too long.
  if (!again.has_value()) return 0;
  const auto reread = reeve::format::ParseOwnerMark(*again);
  if (!reread.has_value() || *reread != *mark) std::abort();
  return 0;
}
