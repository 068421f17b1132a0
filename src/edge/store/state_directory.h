// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "edge/io/unique_fd.h"

namespace reeve::store {

// The directory in which reeve keeps what must outlive it. What lies there is applied with root's power, so only
// files that nobody else may write are believed.
class StateDirectory {
 public:
  // Makes the directory (mode 0700) when it is missing.
  //   errors   Denied when others may write to it
  static Result<StateDirectory> Open(const std::string& path);

  // Keeps others from using it as long as this lives, and removes what one that was killed left half written.
  //   errors   Conflict when another process uses it
  Result<> Lock();

  // Replaces a file, whole or not at all, also across a power cut.
  Result<> Write(const std::string& name, std::string_view text);

  //   limit    bytes
  //   errors   NotFound; Denied when others may write the file; Conflict for a symlink; OutOfRange beyond the limit
  Result<std::string> Read(const std::string& name, std::size_t limit);

  // What bore the new name is gone.
  Result<> Rename(const std::string& from, const std::string& to);

  // Done, too, when it was not there.
  Result<> Remove(const std::string& name);

  // All names in it, in no order.
  Result<std::vector<std::string>> List();

 private:
  StateDirectory(std::string path, UniqueFd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}

  std::string path_;
  UniqueFd directory_;
};

}  // namespace reeve::store
