// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace reeve {
namespace {

ErrorKind KindOfErrno(int value) {
  switch (value) {
    case EINVAL:
    case E2BIG:
      return ErrorKind::kInvalid;
    case ERANGE:
    case EOVERFLOW:
      return ErrorKind::kOutOfRange;
    case ENOENT:
      return ErrorKind::kNotFound;
    case ENODEV:
    case ESRCH:
      return ErrorKind::kGone;
    case EBUSY:
    case EAGAIN:
    case ENOSPC:
    case ENOMEM:
    case EEXIST:
      return ErrorKind::kBusy;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::kDenied;
    case EOPNOTSUPP:
    case ENOSYS:
      return ErrorKind::kUnsupported;
    case EXDEV:
    case ELOOP:
      return ErrorKind::kConflict;
    default:
      return ErrorKind::kIo;
  }
}

}  // namespace

std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return "invalid";
    case ErrorKind::kNotFound:
      return "not-found";
    case ErrorKind::kGone:
      return "gone";
    case ErrorKind::kBusy:
      return "busy";
    case ErrorKind::kDenied:
      return "denied";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kOutOfRange:
      return "out-of-range";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kIo:
      return "io";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

std::string Error::ToString() const {
  return subject.empty() ? message : subject + ": " + message;
}

std::string ErrnoName(int value) {
  switch (value) {
#define REEVE_ERRNO(name) \
  case name:              \
    return #name
    REEVE_ERRNO(E2BIG);
    REEVE_ERRNO(EACCES);
    REEVE_ERRNO(EAGAIN);
    REEVE_ERRNO(EBADF);
    REEVE_ERRNO(EBUSY);
    REEVE_ERRNO(EEXIST);
    REEVE_ERRNO(EINTR);
    REEVE_ERRNO(EINVAL);
    REEVE_ERRNO(EIO);
    REEVE_ERRNO(EISDIR);
    REEVE_ERRNO(ELOOP);
    REEVE_ERRNO(EMFILE);
    REEVE_ERRNO(ENAMETOOLONG);
    REEVE_ERRNO(ENFILE);
    REEVE_ERRNO(ENODATA);
    REEVE_ERRNO(ENODEV);
    REEVE_ERRNO(ENOENT);
    REEVE_ERRNO(ENOMEM);
    REEVE_ERRNO(ENOSPC);
    REEVE_ERRNO(ENOSYS);
    REEVE_ERRNO(ENOTDIR);
    REEVE_ERRNO(ENOTEMPTY);
    REEVE_ERRNO(EOPNOTSUPP);
    REEVE_ERRNO(EOVERFLOW);
    REEVE_ERRNO(EPERM);
    REEVE_ERRNO(ERANGE);
    REEVE_ERRNO(EROFS);
    REEVE_ERRNO(ESRCH);
    REEVE_ERRNO(EXDEV);
#undef REEVE_ERRNO
    default:
      return fmt::format("errno {}", value);
  }
}

Error ErrnoError(int errno_value, std::string subject, std::string_view what) {
  return Error{KindOfErrno(errno_value),
               errno_value,
               std::move(subject),
               fmt::format("{}: {} ({})",
                           what,
                           std::generic_category().message(errno_value),
                           ErrnoName(errno_value))};
}

}  // namespace reeve
