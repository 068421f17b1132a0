// SPDX-License-Identifier: Apache-2.0
#include "core/format/usage_text.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "support/kernel_data.h"

namespace reeve::format {
namespace {

const UsageFile& FileOf(std::string_view name) {
  const auto files = UsageFiles();
  const auto found = std::find_if(
      files.begin(), files.end(), [&](const UsageFile& file) { return file.name == name; });
  EXPECT_NE(found, files.end()) << name;
  return *found;
}

TEST(UsageText, EveryKernelsFilesAreTaken) {
  std::set<std::string> seen;
  for (const char* folder : {"fresh", "used"}) {
    for (const test::DataFile& data : test::FilesOfAllKernels(folder)) {
      for (const UsageFile& file : UsageFiles()) {
        if (file.name != data.file) continue;
        CgroupUsage usage;
        const auto taken = file.Take(data.text, usage);
        EXPECT_TRUE(taken.has_value()) << data.version << ": " << taken.error().ToString();
        seen.insert(data.file);
      }
    }
  }
  for (const UsageFile& file : UsageFiles()) {
    EXPECT_TRUE(seen.contains(std::string(file.name))) << file.name;
  }
}

TEST(UsageText, TakesWhatAFileSays) {
  CgroupUsage usage;
  for (const char* name : {"cpu.stat", "cpu.max", "cpu.pressure", "io.stat", "io.max"}) {
    const std::string text = test::ReadData(std::string("6.12/used/") + name);
    ASSERT_TRUE(FileOf(name).Take(text, usage).has_value()) << name;
  }
  ASSERT_TRUE(FileOf("memory.current").Take("389120\n", usage).has_value());
  ASSERT_TRUE(FileOf("memory.max").Take("67108864\n", usage).has_value());
  ASSERT_TRUE(FileOf("pids.max").Take("max\n", usage).has_value());

  EXPECT_EQ(usage.cpu->throttled_usec, 90257U);
  EXPECT_EQ(usage.limits.cpu_max, (CpuMax{Limit(50000), 100000}));
  EXPECT_EQ(usage.cpu_pressure->some.total, 91737U);
  EXPECT_EQ(usage.io.at("254:0").rbytes, 16777216U);
  EXPECT_EQ(usage.limits.io_max.rows.at("254:0").at("rbps"), Limit(1048576));
  EXPECT_EQ(usage.memory_current, 389120U);
  EXPECT_EQ(usage.limits.memory_max, Limit(67108864));
  EXPECT_EQ(usage.limits.pids_max, Limit::Max());
}

TEST(UsageText, WhatIsNotUnderstoodNamesTheFileAndChangesNothing) {
  for (const UsageFile& file : UsageFiles()) {
    CgroupUsage usage;
    const auto taken = file.Take("=\x1b nonsense\n", usage);
    ASSERT_FALSE(taken.has_value()) << file.name;
    EXPECT_EQ(taken.error().kind, ErrorKind::kInvalid) << file.name;
    EXPECT_EQ(taken.error().subject, file.name);
    EXPECT_EQ(usage.memory_current, std::nullopt);
    EXPECT_EQ(usage.limits.memory_max, std::nullopt);
  }
  CgroupUsage usage;
  EXPECT_FALSE(FileOf("cpu.max").Take("50000\n", usage).has_value());
  EXPECT_FALSE(FileOf("cpu.max").Take("50000 0\n", usage).has_value());
  EXPECT_FALSE(FileOf("memory.current").Take("max\n", usage).has_value());
}

}  // namespace
}  // namespace reeve::format
