// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/port/file_source.h"
#include "edge/io/apart.h"
#include "edge/kernel/trusted_file.h"

namespace reeve::kernel {

inline constexpr std::size_t kMaxPolicyFileBytes = 8U << 20;
inline constexpr std::size_t kMaxPolicySetBytes = 64U << 20;

struct PolicyLayer {
  std::string directory;
  int layer = 1;  // SourceFile::layer
};

// The policy files of layered directories: `*.yaml`, the same name in a stronger layer masks, and
// so does a symlink to /dev/null. Each directory is read through one descriptor; of a Kubernetes
// volume, the directory behind `..data` is, so that a swap can not mix two sets.
//
// A missing directory counts as empty as long as it never was there and another one is: a directory
// that vanishes between two reads is being replaced, and half of the policies must not be taken for
// all.
//
// In FileSet::ignored a name is a whole path, an error where somebody meant it to be a policy;
// masked files are listed as well.
class PolicyDirs final : public port::FileSource {
 public:
  // `layers`: weakest first. With `apart`, which must outlive this, a file system that does not
  // answer is an error (Busy) instead of waited for.
  PolicyDirs(std::vector<PolicyLayer> layers, Ownership ownership, io::Apart* apart = nullptr)
      : layers_(std::move(layers)), ownership_(ownership), apart_(apart) {}

  Result<port::FileSet> Read() override;

  // Files that were read from these directories before a restart: the directories they came from were there. Those below
  // /run are not asked for, they are gone after a reboot.
  void WasThere(const std::vector<std::shared_ptr<const SourceFile>>& files);

 private:
  std::vector<PolicyLayer> layers_;
  Ownership ownership_;
  io::Apart* apart_;
  std::map<std::string, bool> seen_;
};

// The layers of a list of directories, weakest first: below /usr 0, below /run 2, others 1.
std::vector<PolicyLayer> LayersOf(const std::vector<std::string>& directories);

// Files and directories named on a command line, in the order named. A file is taken whatever its
// name is (validators are handed temporary ones), "-" is standard input, and pipes are read
// (<(...)); of a directory what PolicyDirs would take. Names are shown as they were written,
// "DIRECTORY/NAME" for what lies in a directory.
class NamedFiles final : public port::FileSource {
 public:
  NamedFiles(std::vector<std::string> names, Ownership ownership)
      : names_(std::move(names)), ownership_(ownership) {}

  //   errors   the first name that can not be read
  Result<port::FileSet> Read() override;

 private:
  std::vector<std::string> names_;
  Ownership ownership_;
};

// One directory of YAML texts that may as well not be there (facts.d).
Result<port::FileSet> ReadOptionalDir(const std::string& directory,
                                      Ownership ownership,
                                      io::Apart* apart = nullptr);

}  // namespace reeve::kernel
