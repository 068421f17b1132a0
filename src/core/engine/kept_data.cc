// SPDX-License-Identifier: Apache-2.0
#include "core/engine/kept_data.h"

#include <algorithm>
#include <utility>

namespace reeve::engine {

Result<std::shared_ptr<const SourceFile>> KeptData::ReadData(const std::string& name) {
  for (const auto& file : kept_) {
    if (file->name == name) return file;
  }
  return host_.ReadData(name);
}

std::shared_ptr<const SourceFile> SameAsBefore(std::shared_ptr<const SourceFile> file,
                                               const SourceFiles& before) {
  const auto found = std::find_if(before.begin(), before.end(), [&](const auto& old) {
    return old->name == file->name && old->layer == file->layer && old->text == file->text;
  });
  return found == before.end() ? std::move(file) : *found;
}

Result<std::shared_ptr<const SourceFile>> SameData::ReadData(const std::string& name) {
  auto file = host_.ReadData(name);
  if (!file.has_value()) return file;
  return SameAsBefore(*std::move(file), before_);
}

}  // namespace reeve::engine
