// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "edge/io/unique_fd.h"

namespace reeve::io {

// Everything an open descriptor gives from where it stands.
//   limit    bytes; more than that is OutOfRange, so that no file is taken in by half
//   subject  for the error
Result<std::string> ReadWhole(int fd, std::size_t limit, const std::string& subject);

// The same for a file by name. Never blocks on a pipe; directories and other special files are
// Invalid, but files of /proc and /sys, which have no size, are read.
Result<std::string> ReadWholeFile(const std::string& path, std::size_t limit = 8U << 20);

// What a symbolic link says; "" when it can not be read.
std::string TargetOf(const std::string& link);

// Where an open descriptor lies, symlinks resolved; "" when proc does not tell.
std::string PathOf(int fd);

// A descriptor of a directory, close-on-exec, for reading names and opening what is inside.
Result<UniqueFd> OpenDirectory(const std::string& path);

// Makes `name` in an open directory hold `text`, or leaves it as it was: a temporary file beside
// it, fsync, rename, fsync of the directory. Whoever reads `name` sees all of the old or all of the
// new, also after a power cut. The temporary file starts with '.' and is removed when something
// fails.
Result<> WriteFileAtomically(int directory,
                             const std::string& name,
                             std::string_view text,
                             mode_t mode);

// Whether it is the name of such a temporary file, which only a process that was killed leaves behind.
bool IsTemporary(std::string_view name);

// mkdir for each missing part of an absolute path, then its descriptor.
Result<UniqueFd> MakeDirectory(const std::string& path, mode_t mode);

}  // namespace reeve::io
