// SPDX-License-Identifier: Apache-2.0
#include "core/model/knob.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/base/text.h"
#include "support/kernel_data.h"

namespace reeve {
namespace {

bool NeedsWords(ValueKind kind) {
  switch (kind) {
    case ValueKind::kWord:
    case ValueKind::kDeviceLimits:
    case ValueKind::kDeviceLatency:
    case ValueKind::kControllers:
    case ValueKind::kHostTable:
      return true;
    default:
      return false;
  }
}

TEST(Knobs, EveryRowIsFoundByItsFileAndStandsOnce) {
  std::set<std::string_view> files;
  for (const Knob& knob : AllKnobs()) {
    EXPECT_EQ(FindKnob(knob.file), &knob);
    EXPECT_TRUE(files.insert(knob.file).second) << knob.file;
  }
  EXPECT_EQ(files.size(), 41U);
}

TEST(Knobs, EveryRowIsWhole) {
  for (const Knob& knob : AllKnobs()) {
    SCOPED_TRACE(knob.file);
    EXPECT_TRUE(knob.file.starts_with(std::string(ControllerName(knob.controller)) + "."));
    EXPECT_GE(knob.doc.size(), 60U);
    EXPECT_TRUE(knob.doc.ends_with("."));
    EXPECT_FALSE(knob.syntax.empty());
    EXPECT_EQ(NeedsWords(knob.kind), !knob.words.empty() && knob.file != "rdma.max");
    if (knob.kind != ValueKind::kNice) {
      EXPECT_LE(knob.min, knob.max);
    }
    const std::vector<std::string_view> version = Split(knob.since, '.');
    ASSERT_EQ(version.size(), 2U);
    EXPECT_TRUE(ParseDecimal(version[0]) && ParseDecimal(version[1]));
    EXPECT_EQ(knob.host_only, knob.kind == ValueKind::kHostTable);
  }
}

TEST(Knobs, RowsStandByControllerInTheKernelsOrder) {
  for (std::string_view pair : {"cpu.max.burst cpu.idle",
                                "memory.max memory.swap.max",
                                "cgroup.type cpu.weight",
                                "io.weight io.max"}) {
    const std::vector<std::string_view> files = SplitWords(pair);
    EXPECT_LT(FindKnob(files[0]), FindKnob(files[1])) << pair;
  }
}

TEST(Knobs, EveryHugePageSizeHasARowOfItsOwn) {
  for (std::string_view size : {"64KB", "1MB", "2MB", "32MB", "512MB", "1GB", "16GB"}) {
    const std::string file = "hugetlb." + std::string(size) + ".rsvd.max";
    const Knob* knob = FindKnob(file);
    ASSERT_NE(knob, nullptr) << file;
    EXPECT_EQ(knob->file, file);
    EXPECT_EQ(knob->kind, ValueKind::kBytes);
  }
  EXPECT_EQ(FindKnob("hugetlb.2MB.max"), FindKnob("hugetlb.2MB.max"));
}

// A page size name once let a write leave its directory in another tool.
TEST(Knobs, OnlySizesThatHugePagesCanHaveAreKnown) {
  for (std::string_view file : {"hugetlb.3MB.max",
                                "hugetlb.1024MB.max",
                                "hugetlb.2mb.max",
                                "hugetlb..max",
                                "hugetlb.max",
                                "hugetlb.../../x.max",
                                "hugetlb.2MB",
                                "hugetlb.2MB.maximum",
                                "",
                                "memory.maxx"}) {
    EXPECT_EQ(FindKnob(file), nullptr) << file;
    EXPECT_FALSE(IsReadOnlyFile(file)) << file;
  }
}

TEST(Knobs, AVerbSaysWhatToUseInstead) {
  std::string_view why;

  EXPECT_TRUE(IsVerbFile("cgroup.kill", &why));
  EXPECT_EQ(why, "it kills everything inside; the command is `reevectl kill CGROUP`");
  EXPECT_TRUE(IsVerbFile("memory.pressure", nullptr));
  EXPECT_FALSE(IsVerbFile("cgroup.pressure", &why));
  EXPECT_FALSE(IsVerbFile("memory.max", &why));
}

TEST(Knobs, ReadOnlyFilesAreKnownAlsoInFamilies) {
  EXPECT_TRUE(IsReadOnlyFile("memory.current"));
  EXPECT_TRUE(IsReadOnlyFile("hugetlb.2MB.events.local"));
  EXPECT_FALSE(IsReadOnlyFile("memory.max"));
  EXPECT_FALSE(IsReadOnlyFile("memory.peak"));
  EXPECT_FALSE(IsReadOnlyFile("hugetlb.3MB.events"));
}

TEST(Knobs, EveryFileOfARealKernelIsExactlyOneOfKeyVerbAndReadOnly) {
  std::vector<test::DataFile> files = test::FilesOfAllKernels("fresh");
  for (test::DataFile& file : test::FilesOfAllKernels("root")) files.push_back(std::move(file));
  for (std::string_view verb :
       {"cgroup.procs", "cgroup.threads", "cgroup.kill", "memory.reclaim"}) {
    files.push_back({"all", std::string(verb), ""});
  }
  for (const test::DataFile& file : files) {
    const int kinds = (FindKnob(file.file) != nullptr ? 1 : 0) +
                      (IsVerbFile(file.file, nullptr) ? 1 : 0) +
                      (IsReadOnlyFile(file.file) ? 1 : 0);
    EXPECT_EQ(kinds, 1) << file.version << " " << file.file;
  }
}

}  // namespace
}  // namespace reeve
