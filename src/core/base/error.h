// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace reeve {

// What a caller branches on. Everything else about a failure is text for people.
enum class ErrorKind {
  kInvalid,      // the value or text itself is wrong; trying again is pointless
  kNotFound,     // was never there
  kGone,         // was there and was removed while we looked
  kBusy,         // the kernel refuses for as long as somebody else does something (EBUSY, EAGAIN)
  kDenied,       // privilege or read-only file system
  kUnsupported,  // this kernel or host cannot; nothing to try again until its facts change
  kOutOfRange,   // a number the kernel does not take
  kConflict,     // somebody else owns it, or it changed under us
  kIo,           // device or file system failed
  kInternal,     // our own mistake
};

// The name of a kind as it stands in JSON and metrics: "not-found", "out-of-range", ...
std::string_view ErrorKindName(ErrorKind kind);

// One failed operation.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  int errno_value = 0;  // 0 when no system call failed
  std::string subject;  // path, file or key the operation was about
  std::string message;  // what and why, in words; no trailing full stop

  bool operator==(const Error&) const = default;

  // "subject: message"
  std::string ToString() const;
};

// Makes an error from an errno: kind by the table below, message "WHAT: words of errno".
//   source   errno values of cgroupfs as measured in the kernel contract suite
Error ErrnoError(int errno_value, std::string subject, std::string_view what);

// ENOENT, ENODEV, EBUSY, ... by name, for messages that people search for. "errno 123" if unknown.
std::string ErrnoName(int errno_value);

}  // namespace reeve
