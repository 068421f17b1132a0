// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge/io/unique_fd.h"

namespace reeve::kernel {

// Whose word the files are, where they decide over a whole host.
enum class Ownership {
  // File, directory and every directory above belong to root or to us, and nobody else may write
  // there (a sticky directory above, like /tmp, is fine: what lies in it can not be replaced by
  // others).
  kTrusted,
  kAny,  // judging offline: whose they are does not matter
};

// Opens a directory for reading names and files. The path may lead through symlinks; where it leads
// to is judged.
//   errors   NotFound, Denied with the directory that others may write
Result<UniqueFd> OpenTrustedDirectory(const std::string& path, Ownership ownership);

// The judgement alone: the directory itself, then each one above up to '/'.
Result<> CheckTrusted(int directory, const std::string& path, Ownership ownership);

// How a Kubernetes volume keeps its files: names are symlinks into `..data`, itself a symlink to a
// directory that is replaced by one rename.
struct VolumeData {
  UniqueFd directory;  // invalid: a plain directory without `..data`
  std::string target;  // what `..data` says; the same after reading = nothing was swapped meanwhile
};

//   errors   Conflict when it is swapped so often that it can not be opened
Result<VolumeData> OpenVolumeData(int directory);

// Where `..data` leads now; "" without one.
std::string ReadVolumeTarget(int directory);

// One file of an open directory, never through a symlink, never waiting.
struct TrustedFile {
  std::string text;
  std::string refused;   // why it is not read, in words; "" when it was read
  bool masking = false;  // a symlink to /dev/null: there shall be no file of that name
  bool gone = false;     // it was there when the directory was listed, and no more
};

TrustedFile ReadTrustedFile(int directory,
                            const std::string& name,
                            std::size_t limit,
                            Ownership ownership);

// Names in an open directory but "." and "..", sorted.
Result<std::vector<std::string>> ListNames(int directory, const std::string& path);

}  // namespace reeve::kernel
