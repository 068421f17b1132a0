// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/file_text.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace reeve::kernel {

int ReadText(int fd, FileShape shape, std::size_t limit, std::string* text) {
  text->clear();
  std::array<char, 4096> buffer;  // nearly every interface file is smaller
  while (text->size() < limit) {
    const std::size_t room = std::min(buffer.size(), limit - text->size());
    const ssize_t size = ::pread(fd, buffer.data(), room, static_cast<off_t>(text->size()));
    if (size < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    const auto got = static_cast<std::size_t>(size);
    text->append(buffer.data(), got);
    if (got == 0 || (shape == FileShape::kOnePiece && got < room)) return 0;
  }
  return 0;
}

int WriteText(int fd, std::string_view text) {
  while (true) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size == static_cast<ssize_t>(text.size())) return 0;
    if (size >= 0) return EIO;
    if (errno != EINTR) return errno;
  }
}

}  // namespace reeve::kernel
