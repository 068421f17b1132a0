// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace reeve::kernel {

// Users and groups of /etc/passwd and /etc/group, read once. No name service is asked: whoever judges
// policies must not wait for a directory server.
class LocalAccounts {
 public:
  static LocalAccounts Read();

  // From texts of that form; lines that are not of it are passed over.
  LocalAccounts(std::string_view passwd, std::string_view group);

  // nullopt, "" and none when they are not there.
  std::optional<std::uint64_t> UidOf(std::string_view user) const;
  std::string NameOf(std::uint64_t uid) const;
  std::set<std::string> GroupsOf(const std::string& user) const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> uids_;
  std::map<std::uint64_t, std::string> names_;           // the first of several
  std::map<std::string, std::set<std::string>> groups_;  // by user
};

}  // namespace reeve::kernel
