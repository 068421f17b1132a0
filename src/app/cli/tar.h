// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::cli {

// A tar archive (ustar, POSIX.1-1988) of plain files. Sixty lines of our own instead of libarchive:
// this is all that a report needs, and a fifth of a megabyte of readers for formats that we never
// read would come along with it.
class TarText {
 public:
  //   directory  in which every member lies, a plain name
  //   time       of all members, seconds since the epoch
  TarText(std::string directory, std::int64_t time);

  // Adds a file. Bytes of the name outside [A-Za-z0-9._/-] become '_', so that it unpacks anywhere
  // and nowhere else than below the directory; a name that is too long loses its beginning.
  void Add(std::string_view name, std::string_view text);

  // The whole archive.
  std::string Take();

 private:
  std::string directory_;
  std::int64_t time_;
  std::string out_;
};

}  // namespace reeve::cli
