// SPDX-License-Identifier: Apache-2.0
// The texts of cgroupfs and procfs that are only read. Every reader sees every input.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/text.h"
#include "core/format/flat_keyed.h"
#include "core/format/mountinfo.h"
#include "core/format/nested_keyed.h"
#include "core/format/proc_text.h"
#include "core/format/usage_text.h"
#include "core/model/controller.h"
#include "fuzz/judge.h"

namespace {

using reeve::fuzz::Require;

template <typename T>
void JudgeError(const reeve::Result<T>& result) {
  if (result.has_value()) return;
  // Messages reach terminals and logs: no byte of a stranger may be in them raw.
  const std::string text = result.error().ToString();
  Require(reeve::EscapeForTerminal(text) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace format = reeve::format;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto flat = format::ParseFlatKeyed("file", text); flat.has_value()) {
    for (const auto& entry : *flat) Require(format::FindFlatValue(text, entry.first).has_value());
  }
  for (const format::UsageFile& file : format::UsageFiles()) {
    reeve::CgroupUsage usage;
    JudgeError(file.Take(text, usage));
  }
  JudgeError(format::ParseMountInfo(text));
  JudgeError(format::ParsePidList(text));
  const auto stat = format::ParseProcStat(text);
  JudgeError(stat);
  if (stat.has_value()) Require(text.find(stat->comm) != std::string_view::npos);
  const auto cgroup = format::ParseProcCgroup(text);
  JudgeError(cgroup);
  if (cgroup.has_value()) Require(cgroup->path.starts_with('/') || cgroup->deleted);
  reeve::ControllerSet::Parse(text);
  return 0;
}
