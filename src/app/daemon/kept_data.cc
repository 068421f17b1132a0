// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/kept_data.h"

namespace reeve::daemon {

Result<std::shared_ptr<const SourceFile>> KeptData::ReadData(const std::string& name) {
  for (const auto& file : kept_.data) {
    if (file->name == name) return file;
  }
  return host_.ReadData(name);
}

}  // namespace reeve::daemon
