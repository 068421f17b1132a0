// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/hand_files.h"

#include <unistd.h>

#include <cerrno>

#include "edge/io/files.h"

namespace reeve::daemon {

Result<> HandFiles::Write(const policy::HandDocument& document) {
  REEVE_TRY(const UniqueFd directory, io::MakeDirectory(directory_, 0755));
  REEVE_TRY_VOID(io::WriteFileAtomically(directory.get(), document.file_name, document.text, 0644));
  for (const std::string& name : document.replaces) {
    if (name == document.file_name) continue;
    REEVE_TRY_VOID(Remove(name));
  }
  return {};
}

Result<> HandFiles::Remove(const std::string& file_name) {
  const std::string path = PathOf(file_name);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoError(errno, path, "removing");
  return {};
}

}  // namespace reeve::daemon
