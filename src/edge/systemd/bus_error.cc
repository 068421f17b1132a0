// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/bus_error.h"

#include <systemd/sd-bus.h>

#include <array>
#include <utility>

#include <fmt/format.h>

namespace reeve::systemd {
namespace {

struct Row {
  std::string_view ends_with;  // the last part of the name
  ErrorKind kind;
};

constexpr std::array kRows = {
    Row{".NoSuchUnit", ErrorKind::kNotFound},
    Row{".UnknownObject", ErrorKind::kNotFound},
    Row{".NoSuchProcess", ErrorKind::kGone},
    Row{".UnixProcessIdUnknown", ErrorKind::kGone},
    Row{".UnknownMethod", ErrorKind::kUnsupported},
    Row{".UnknownInterface", ErrorKind::kUnsupported},
    Row{".UnknownProperty", ErrorKind::kUnsupported},
    Row{".PropertyReadOnly", ErrorKind::kUnsupported},
    Row{".NotSupported", ErrorKind::kUnsupported},
    Row{".AccessDenied", ErrorKind::kDenied},
    Row{".AuthFailed", ErrorKind::kDenied},
    Row{".InteractiveAuthorizationRequired", ErrorKind::kDenied},
    Row{".InvalidArgs", ErrorKind::kInvalid},
    Row{".InvalidSignature", ErrorKind::kInvalid},
    Row{".InconsistentMessage", ErrorKind::kInvalid},
    Row{".BadUnitSetting", ErrorKind::kInvalid},
    Row{".LoadFailed", ErrorKind::kInvalid},
    Row{".UnitExists", ErrorKind::kConflict},
    Row{".UnitMasked", ErrorKind::kConflict},
    Row{".OnlyByDependency", ErrorKind::kConflict},
    Row{".Failed", ErrorKind::kIo},
    Row{".NoReply", ErrorKind::kBusy},
    Row{".Timeout", ErrorKind::kBusy},
    Row{".TimedOut", ErrorKind::kBusy},
    Row{".NoServer", ErrorKind::kBusy},
    Row{".Disconnected", ErrorKind::kBusy},
    Row{".ServiceUnknown", ErrorKind::kBusy},
    Row{".NameHasNoOwner", ErrorKind::kBusy},
    Row{".LimitsExceeded", ErrorKind::kBusy},
    Row{".NoMemory", ErrorKind::kBusy},
    Row{".TransactionIsDestructive", ErrorKind::kBusy},
    Row{".TransactionJobsConflicting", ErrorKind::kBusy},
    Row{".ShuttingDown", ErrorKind::kBusy},
};

}  // namespace

Error BusError(std::string_view name, std::string_view words, std::string subject) {
  std::string message = words.empty() ? std::string(name) : fmt::format("{} ({})", words, name);
  for (const Row& row : kRows) {
    if (name.ends_with(row.ends_with)) return {row.kind, 0, std::move(subject), std::move(message)};
  }
  // System.Error.EBUSY and the like; what nobody knows is EIO there.
  const std::string terminated(name);
  const sd_bus_error error = {terminated.c_str(), "", 0};
  const int value = sd_bus_error_get_errno(&error);
  Error translated = ErrnoError(value, std::move(subject), "");
  translated.message = std::move(message);
  return translated;
}

}  // namespace reeve::systemd
