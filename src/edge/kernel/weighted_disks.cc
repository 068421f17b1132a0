// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/weighted_disks.h"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

std::string TextOf(const std::string& path) {
  auto text = io::ReadWholeFile(path);
  return text.has_value() ? *std::move(text) : std::string();
}

}  // namespace

std::set<std::string> ReadWeightedDisks(const std::string& sys, const std::string& hierarchy_root) {
  std::set<std::string> disks;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(sys + "/class/block", error)) {
    const std::string device = entry.path().string();
    // "mq-deadline [bfq] none": the one in brackets is in force.
    if (TextOf(device + "/queue/scheduler").find("[bfq]") == std::string::npos) continue;
    const std::string number = TextOf(device + "/dev");
    disks.insert(std::string(Trim(number)));
  }
  // "8:0 enable=1 ctrl=auto rpct=..."
  const std::string qos = TextOf(hierarchy_root + "/io.cost.qos");
  for (const std::string_view line : SplitLines(qos)) {
    const auto words = SplitWords(line);
    if (words.size() >= 2 && words[1] == "enable=1") disks.insert(std::string(words[0]));
  }
  return disks;
}

}  // namespace reeve::kernel
