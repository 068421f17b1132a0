// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge/io/apart.h"
#include "edge/kernel/inotify.h"

namespace reeve::kernel {

// Hears that something happened in directories of files that people or programs edit: a save in
// place, a rename over, a swapped symlink, the directory replaced. A directory that is not there is
// waited for at its nearest parent that is. Says only that, never what: whoever hears it reads
// everything again.
class DirWatch {
 public:
  // Hears nothing before Arm. With `apart`, which must outlive this, directories are looked for by it, and those on a file
  // system that waits for others are not watched: setting a watch may hang, and would tell nothing.
  //   errors   Busy when the instances of inotify are used up
  static Result<DirWatch> Make(std::vector<std::string> directories, io::Apart* apart = nullptr);

  int fd() const { return inotify_.fd(); }

  // Sets the watches that are missing: at the start, and again after each reading, because a
  // directory may have come, gone or been replaced.
  //   errors   Busy when the watches are used up or a file system does not answer, Unsupported when
  //            one does not tell of changes: then only reading again from time to time helps. What
  //            can be watched is
  Result<> Arm();

  struct Heard {
    bool changed = false;   // something happened since the last call
    bool overflow = false;  // the kernel dropped events, so anything may have; `changed` as well
  };

  // After an error nothing is to be expected of this one any more.
  Result<Heard> Read();

  // Whether a name leads to another file system than when Arm was called: something was mounted there, or unmounted,
  // which no watch hears.
  bool LeadElsewhere() const;

 private:
  DirWatch(std::vector<std::string> directories, Inotify inotify, io::Apart* apart)
      : directories_(std::move(directories)), inotify_(std::move(inotify)), apart_(apart) {}

  // Where a directory that is there lies, by the name as written.
  using Places = std::map<std::string, std::string>;

  // Id of the mount that a place lies on.
  using Mounts = std::map<std::string, int>;

  static Result<Mounts> MountsOf(Mounts places);
  Result<Places> FindPlaces();
  Result<int> WatchPlace(const Places& places, const std::string& path, std::uint32_t mask);

  std::vector<std::string> directories_;
  Mounts armed_;
  Inotify inotify_;
  io::Apart* apart_;
  std::set<int> content_;                       // watches of the directories themselves
  std::map<int, std::set<std::string>> names_;  // watches of parents: the names that matter in them
};

}  // namespace reeve::kernel
