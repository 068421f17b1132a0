// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cerrno>

namespace reeve::support {

// With what a write can fail (FAULTS.md F55): each is met by every test that sweeps failures.
inline constexpr std::array<int, 15> kWriteErrnos = {EINVAL,
                                                     ERANGE,
                                                     EBUSY,
                                                     ENODEV,
                                                     ENOENT,
                                                     EOPNOTSUPP,
                                                     EACCES,
                                                     EPERM,
                                                     EROFS,
                                                     EAGAIN,
                                                     EINTR,
                                                     ENOMEM,
                                                     ENOSPC,
                                                     ESRCH,
                                                     EIO};

}  // namespace reeve::support
