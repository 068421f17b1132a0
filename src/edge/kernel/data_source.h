// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/port/data_source.h"
#include "edge/io/apart.h"
#include "edge/kernel/trusted_file.h"

namespace reeve::kernel {

// Data files of this host and paths that match globs.
class HostData final : public port::DataSource {
 public:
  // `directories`: where relative names are looked for, strongest first; those that are not there
  // are passed over. With `apart`, which must outlive this, a file system that does not answer is an
  // error (Busy) instead of waited for.
  HostData(std::vector<std::string> directories, Ownership ownership, io::Apart* apart = nullptr)
      : directories_(std::move(directories)), ownership_(ownership), apart_(apart) {}

  // A relative name stays beneath its directory (no "..", no symlinks but a volume's `..data`); an
  // absolute one is read where it is, as itself and not through a symlink.
  //   errors   NotFound, with the directories that were looked in; Invalid for a name that leads
  //            elsewhere; Denied with the reason for everything that is there and not read
  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override;

  //   errors   Invalid for a pattern that is not absolute or holds "..", Denied for a directory on
  //            the way that can not be read, OutOfRange over 100'000 paths
  Result<std::vector<std::string>> MatchPaths(const std::string& glob) override;

 private:
  Result<SourceFile> Find(const std::string& name);
  Result<SourceFile> ReadIn(const std::string& directory, const std::string& name);

  std::vector<std::string> directories_;
  Ownership ownership_;
  io::Apart* apart_;
};

// `data.d` beside each policy directory, for directories given weakest first.
std::vector<std::string> DataDirectoriesBeside(const std::vector<std::string>& policy_directories);

// For files and directories named on a command line: `data.d` beside the directory, and for a file
// also in the directory that it lies in.
std::vector<std::string> DataDirectoriesFor(const std::vector<std::string>& names);

}  // namespace reeve::kernel
