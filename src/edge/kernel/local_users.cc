// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/local_users.h"

#include <algorithm>

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::kernel {

std::string UserNameIn(std::string_view passwd, std::uint32_t uid) {
  while (!passwd.empty()) {
    const std::string_view line = passwd.substr(0, passwd.find('\n'));
    passwd.remove_prefix(std::min(line.size() + 1, passwd.size()));
    const std::size_t name = line.find(':');
    const std::size_t password = name == line.npos ? line.npos : line.find(':', name + 1);
    const std::size_t id = password == line.npos ? line.npos : line.find(':', password + 1);
    if (id == line.npos) continue;
    const auto number = ParseDecimal(line.substr(password + 1, id - password - 1));
    if (number && *number == uid) return std::string(line.substr(0, name));
  }
  return "";
}

std::string LocalUserName(std::uint32_t uid) {
  const auto text = io::ReadWholeFile("/etc/passwd");
  return text.has_value() ? UserNameIn(*text, uid) : "";
}

}  // namespace reeve::kernel
