// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/lock_holder.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::kernel {

std::optional<std::int64_t> LockHolder(const std::string& root,
                                       LockKind kind,
                                       const std::string& proc) {
  struct stat directory = {};
  const auto locks = io::ReadWholeFile(proc + "/locks");
  if (::stat(root.c_str(), &directory) != 0 || !locks.has_value()) return std::nullopt;
  // "5: FLOCK  ADVISORY  WRITE 812 00:26:44 0 EOF"; waiting ones have "->" after the number.
  const std::string inode = fmt::format(
      "{:02x}:{:02x}:{}", major(directory.st_dev), minor(directory.st_dev), directory.st_ino);
  const std::string_view how = kind == LockKind::kExclusive ? "WRITE" : "READ";
  for (const std::string_view line : SplitLines(*locks)) {
    const auto words = SplitWords(line);
    if (words.size() < 6 || words[1] != "FLOCK" || words[3] != how || words[5] != inode) continue;
    // Holders in other pid namespaces are shown as 0 or less.
    const auto pid = ParseDecimal(words[4]);
    if (pid && *pid > 0) return static_cast<std::int64_t>(*pid);
  }
  return std::nullopt;
}

}  // namespace reeve::kernel
