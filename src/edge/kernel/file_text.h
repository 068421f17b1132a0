// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reeve::kernel {

// How an interface file comes out of read(2).
enum class FileShape {
  kOnePiece,  // made whole on the first read, so that a short read is its end
  kRecords,   // a record at a time: a read may end early with more to come (cgroup.procs)
};

// Reads an open interface file from its beginning. At most `limit` bytes are kept.
//   returns  0 or the errno
int ReadText(int fd, FileShape shape, std::size_t limit, std::string* text);

// One write(2) of the whole text, repeated whole while a signal interrupts it. A short write is
// EIO: a second one would be read by the kernel as a value of its own.
//   returns  0 or the errno
int WriteText(int fd, std::string_view text);

}  // namespace reeve::kernel
