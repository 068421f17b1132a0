// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/source_mark.h"
#include "edge/io/unique_fd.h"

namespace reeve::store {

// Everything a generation was made of: policies, and the data files their templates read.
struct KeptSet {
  std::vector<std::shared_ptr<const SourceFile>> policies;
  std::vector<std::shared_ptr<const SourceFile>> data;
};

// Keeps the last good set in the state directory, so that a restart with broken or missing files
// changes nothing (P2). One file, replaced by rename, with a checksum: it is whole or it is not
// used.
class LastGood {
 public:
  // Makes the directory when it is not there (mode 0700: policies may tell what tenants pay).
  static Result<LastGood> Open(const std::string& state_dir);

  Result<> Save(const KeptSet& set);

  // nullopt when nothing was ever kept.
  //   errors   Invalid when the file is damaged
  Result<std::optional<KeptSet>> Load() const;

 private:
  LastGood(UniqueFd directory, std::string path)
      : directory_(std::move(directory)), path_(std::move(path)) {}

  UniqueFd directory_;
  std::string path_;
};

// The text of the file: "reeve-set/1 SHA256" and then each file with its lengths.
std::string FormatKeptSet(const KeptSet& set);

//   errors   Invalid: cut short, changed, or of another version
Result<KeptSet> ParseKeptSet(std::string_view text);

}  // namespace reeve::store
