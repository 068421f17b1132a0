// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/source_mark.h"

namespace reeve::port {

// A name in the policy directory that is not read, and why ("editor backup", "not a regular file").
struct IgnoredName {
  std::string name;
  std::string reason;
  bool error =
      false;      // true: somebody meant it to be a policy (a directory x.yaml, a file over 8 MiB)
  int layer = 1;  // of the directory it lies in, as in SourceFile
};

struct FileSet {
  std::vector<std::shared_ptr<const SourceFile>>
      files;  // by layer, then name; masked ones left out
  std::vector<IgnoredName> ignored;
};

// Where policy texts come from: the files of one directory, read through one descriptor, so that a
// swap of the whole directory can not mix two sets.
class FileSource {
 public:
  virtual ~FileSource() = default;

  // errors   NotFound or Denied for the directory itself; what is wrong with one file is in
  // `ignored`
  virtual Result<FileSet> Read() = 0;
};

}  // namespace reeve::port
