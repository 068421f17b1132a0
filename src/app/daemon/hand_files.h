// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/policy/by_hand.h"

namespace reeve::daemon {

// The policies that people make by hand, as files of the strongest policy directory.
class HandFiles {
 public:
  explicit HandFiles(std::string directory) : directory_(std::move(directory)) {}

  // Written whole or not at all; those that it replaces are removed.
  Result<> Write(const policy::HandDocument& document);

  // Done, too, when it is not there.
  Result<> Remove(const std::string& file_name);

  std::string PathOf(const std::string& file_name) const { return directory_ + "/" + file_name; }

 private:
  std::string directory_;
};

}  // namespace reeve::daemon
