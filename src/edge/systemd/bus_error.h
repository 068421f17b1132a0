// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace reeve::systemd {

// An error that came over the bus, by its D-Bus name and the words of whoever sent it.
//   kBusy         nobody answered, or the peer is not there now: worth trying again
//   kNotFound     no such unit or object
//   kUnsupported  no such method or property in this version
//   kDenied, kInvalid, kConflict   as everywhere
Error BusError(std::string_view name, std::string_view words, std::string subject);

}  // namespace reeve::systemd
