// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace reeve::kernel {

// What a failed write(2) to an interface file of a cgroup that still exists means, by the file it
// was made to: the same errno says different things (ENODEV of io.max is a device, of cgroup.procs
// nothing the kernel sends).
//   subject   "PATH/FILE"
//   text      what was tried; shown escaped, long ones cut
//   source    kernel cgroup-v2 guide and probes on 6.1, 6.12, 6.18, 7.2
Error WriteError(int errno_value,
                 std::string subject,
                 std::string_view file,
                 std::string_view text);

// The same for a failed open or read.
Error ReadError(int errno_value, std::string subject, std::string_view file);

}  // namespace reeve::kernel
