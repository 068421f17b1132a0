// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::kernel {

// The name of a uid in /etc/passwd; "" when it is not there. No name service is asked: whoever needs a name for a line
// of text must not wait for a directory server.
std::string LocalUserName(std::uint32_t uid);

// The same in a given text of that form; lines that are not of it are passed over.
std::string UserNameIn(std::string_view passwd, std::uint32_t uid);

}  // namespace reeve::kernel
