// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/observed.h"

namespace reeve::format {

// Every file system that keeps extended attributes takes this much for one, and cgroupfs takes 8
// KiB.
inline constexpr std::size_t kLargestOwnerMark = 4096;

// The text of a cgroup's xattr:
//
//   reeve/1
//   created
//   path web/api
//   set memory.max
//   set raw.file 5%0A
//
// One word a line and its values; in a value every byte outside [A-Za-z0-9_.@+/:=,-] is %XX, so
// that any path or text survives. `created` is there or not; a `set` without a second value means
// the kernel's default.
//   errors   OutOfRange when it would not fit in kLargestOwnerMark. Then nothing may be written to
//   the cgroup:
//            what is not remembered can not be reset. All known files with a path of 1 KiB fit;
//            only long raw texts or paths do not.
Result<std::string> FormatOwnerMark(const OwnerMark& mark);

//   errors   Invalid for another version ("reeve/2" is a newer reeve's: the cgroup is not ours to
//   touch), an
//            unknown or repeated word, a bad escape, or more than kLargestOwnerMark bytes
Result<OwnerMark> ParseOwnerMark(std::string_view text);

}  // namespace reeve::format
