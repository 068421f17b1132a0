// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/local_accounts.h"

#include <vector>

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::kernel {

LocalAccounts LocalAccounts::Read() {
  const auto passwd = io::ReadWholeFile("/etc/passwd");
  const auto group = io::ReadWholeFile("/etc/group");
  return LocalAccounts(passwd.has_value() ? *passwd : "", group.has_value() ? *group : "");
}

LocalAccounts::LocalAccounts(std::string_view passwd, std::string_view group) {
  std::map<std::uint64_t, std::string> group_names;
  for (const std::string_view line : SplitLines(group)) {
    const std::vector<std::string_view> fields = Split(line, ':');  // name, password, gid, members
    const auto gid = fields.size() < 4 ? std::nullopt : ParseDecimal(fields[2]);
    if (!gid) continue;
    group_names.try_emplace(*gid, fields[0]);
    for (const std::string_view member : SplitWords(fields[3], ",")) {
      groups_[std::string(member)].emplace(fields[0]);
    }
  }
  for (const std::string_view line : SplitLines(passwd)) {
    const std::vector<std::string_view> fields = Split(line, ':');  // name, password, uid, gid, ...
    const auto uid = fields.size() < 4 ? std::nullopt : ParseDecimal(fields[2]);
    const auto gid = fields.size() < 4 ? std::nullopt : ParseDecimal(fields[3]);
    if (!uid || !gid) continue;
    uids_.try_emplace(std::string(fields[0]), *uid);
    names_.try_emplace(*uid, fields[0]);
    const auto primary = group_names.find(*gid);
    if (primary != group_names.end()) groups_[std::string(fields[0])].insert(primary->second);
  }
}

std::optional<std::uint64_t> LocalAccounts::UidOf(std::string_view user) const {
  const auto found = uids_.find(user);
  if (found != uids_.end()) return found->second;
  return ParseDecimal(user);
}

std::string LocalAccounts::NameOf(std::uint64_t uid) const {
  const auto found = names_.find(uid);
  return found == names_.end() ? "" : found->second;
}

std::set<std::string> LocalAccounts::GroupsOf(const std::string& user) const {
  const auto found = groups_.find(user);
  return found == groups_.end() ? std::set<std::string>() : found->second;
}

}  // namespace reeve::kernel
