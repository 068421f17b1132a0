// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/model/controller.h"
#include "core/model/usage_snapshot.h"

namespace reeve::format {

// One file that a row of figures is made of. Whoever has its text may call Take: the port, a
// descriptor that stays open, a batch of reads.
struct UsageFile {
  using Reader = Result<> (*)(std::string_view file, std::string_view text, CgroupUsage& usage);

  std::string_view name;
  Controller controller;  // kCore: there without any
  Reader read;

  //   errors   Invalid, the subject is the file; the row is as before then
  Result<> Take(std::string_view text, CgroupUsage& usage) const { return read(name, text, usage); }
};

// All of them, each once.
std::span<const UsageFile> UsageFiles();

}  // namespace reeve::format
