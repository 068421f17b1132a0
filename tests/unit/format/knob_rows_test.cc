// SPDX-License-Identifier: Apache-2.0
// The table of model/knob.h against its own texts and against real kernels.
#include <gtest/gtest.h>

#include "core/format/knob_text.h"
#include "support/kernel_data.h"

namespace reeve::format {
namespace {

TEST(KnobRows, EveryDefaultIsReadAndPrintedAsItStands) {
  for (const Knob& knob : AllKnobs()) {
    const auto value = ParseKnob(knob, knob.default_text);
    ASSERT_TRUE(value.has_value()) << knob.file;
    EXPECT_EQ(FormatKnob(knob, *value), knob.default_text);
    EXPECT_EQ(DefaultValue(knob), *value) << knob.file;
  }
}

TEST(KnobRows, NothingIsWrittenToAFreshCgroupForADefault) {
  for (const Knob& knob : AllKnobs()) {
    EXPECT_TRUE(WritesFor(knob, DefaultValue(knob), nullptr, true).empty()) << knob.file;
    EXPECT_TRUE(SameValue(knob, DefaultValue(knob), DefaultValue(knob), 4096)) << knob.file;
  }
}

TEST(KnobRows, AFreshCgroupOfEveryKernelReadsTheDefaults) {
  int knobs = 0;
  for (const test::DataFile& file : test::FilesOfAllKernels("fresh")) {
    const Knob* knob = FindKnob(file.file);
    if (knob == nullptr) continue;
    ++knobs;
    const auto value = ParseKnob(*knob, file.text);
    ASSERT_TRUE(value.has_value()) << file.version << " " << value.error().ToString();
    EXPECT_TRUE(SameValue(*knob, DefaultValue(*knob), *value, 4096))
        << file.version << " " << file.file << ": " << file.text;
  }
  EXPECT_GT(knobs, 60);
}

TEST(KnobRows, EveryKernelsTextIsReadAndPrintedAsItStands) {
  for (const char* folder : {"fresh", "used", "root"}) {
    for (const test::DataFile& file : test::FilesOfAllKernels(folder)) {
      const Knob* knob = FindKnob(file.file);
      // Names are sorted, the kernel prints them in its own order.
      if (knob == nullptr || knob->kind == ValueKind::kControllers) continue;
      const auto value = ParseKnob(*knob, file.text);
      ASSERT_TRUE(value.has_value()) << file.version << " " << value.error().ToString();
      EXPECT_EQ(FormatKnob(*knob, *value), Trim(file.text)) << file.version << " " << file.file;
    }
  }
}

}  // namespace
}  // namespace reeve::format
