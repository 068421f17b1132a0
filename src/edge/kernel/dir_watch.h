// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge/kernel/inotify.h"

namespace reeve::kernel {

// Hears that something happened in directories of files that people or programs edit: a save in
// place, a rename over, a swapped symlink, the directory replaced. A directory that is not there is
// waited for at its nearest parent that is. Says only that, never what: whoever hears it reads
// everything again.
class DirWatch {
 public:
  static Result<DirWatch> Make(std::vector<std::string> directories);

  int fd() const { return inotify_.fd(); }

  // Sets the watches that are missing: at the start, and again after each reading, because a
  // directory may have come, gone or been replaced.
  //   errors   Busy when the watches are used up: then only asking again from time to time helps
  Result<> Arm();

  // Whether anything happened since the last call.
  Result<bool> Read();

 private:
  DirWatch(std::vector<std::string> directories, Inotify inotify)
      : directories_(std::move(directories)), inotify_(std::move(inotify)) {}

  std::vector<std::string> directories_;
  Inotify inotify_;
  std::set<int> content_;                       // watches of the directories themselves
  std::map<int, std::set<std::string>> names_;  // watches of parents: the names that matter in them
};

}  // namespace reeve::kernel
