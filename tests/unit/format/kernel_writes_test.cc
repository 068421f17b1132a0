// SPDX-License-Identifier: Apache-2.0
// What real kernels did with thousands of writes, against what we take them to do.
#include <gtest/gtest.h>

#include "core/format/canonical.h"
#include "core/format/knob_text.h"
#include "support/kernel_data.h"

namespace reeve::format {
namespace {

constexpr std::uint64_t kPage = 4096;

// Some texts only a person would write ("8:0 default"), and lists of ids that depend on the machine.
bool IsValue(const Knob& knob, const test::KernelWrite& write) {
  return !write.written.ends_with(" default") &&
         (knob.kind != ValueKind::kIdList || write.accepted());
}

bool IsTaken(const Knob& knob, std::uint64_t number) {
  if (knob.kind == ValueKind::kNice) {
    const auto nice = static_cast<std::int64_t>(number);
    return static_cast<std::int64_t>(knob.min) <= nice &&
           nice <= static_cast<std::int64_t>(knob.max);
  }
  return knob.min <= number && number <= knob.max;
}

// Whether the row's range holds every number of a value; true without numbers.
bool IsInRange(const Knob& knob, const KnobValue& value) {
  if (const auto* limit = std::get_if<Limit>(&value)) {
    return limit->is_max() || IsTaken(knob, limit->value());
  }
  if (const auto* nice = std::get_if<std::int64_t>(&value)) {
    return IsTaken(knob, static_cast<std::uint64_t>(*nice));
  }
  if (const auto* cpu = std::get_if<CpuMax>(&value)) {
    const bool period = 1'000 <= cpu->period && cpu->period <= 1'000'000;
    return period && (cpu->quota.is_max() || IsTaken(knob, cpu->quota.value()));
  }
  if (const auto* table = std::get_if<Table>(&value)) {
    for (const auto& row : table->rows) {
      for (const auto& cell : row.second) {
        if (!cell.second.is_max() && !IsTaken(knob, cell.second.value())) return false;
      }
    }
  }
  return true;
}

TEST(KernelWrites, WhatAKernelTookReadsAsTheSameValue) {
  for (const test::KernelWrite& write : test::WritesOfAllKernels()) {
    const Knob* knob = FindKnob(write.file);
    ASSERT_NE(knob, nullptr) << write.file;
    if (!write.accepted() || !IsValue(*knob, write)) continue;
    SCOPED_TRACE(write.version + " " + write.file + " <- " + write.written + " = " + write.read);
    const auto wanted = ParseKnob(*knob, write.written);
    const auto observed = ParseKnob(*knob, write.read);
    ASSERT_TRUE(wanted.has_value() && observed.has_value());
    EXPECT_TRUE(SameValue(*knob, *wanted, *observed, kPage));
    EXPECT_EQ(FormatKnob(*knob, *observed), Trim(write.read));
  }
}

TEST(KernelWrites, TheRangesAreThoseOfTheKernels) {
  int refused = 0;
  for (const test::KernelWrite& write : test::WritesOfAllKernels()) {
    const Knob* knob = FindKnob(write.file);
    if (!IsValue(*knob, write)) continue;
    SCOPED_TRACE(write.version + " " + write.file + " <- " + write.written + ": " + write.result);
    const auto wanted = ParseKnob(*knob, write.written);
    if (!write.accepted()) {
      ++refused;
      EXPECT_TRUE(!wanted.has_value() || !IsInRange(*knob, *wanted));
    } else if (write.read != "max\n") {  // INT_MAX is taken but means max
      EXPECT_TRUE(IsInRange(*knob, *wanted));
    }
  }
  EXPECT_GT(refused, 50);
}

// The text that made a kernel hold a value is the text we would write for it.
TEST(KernelWrites, WeWriteWhatTheKernelTook) {
  int lines = 0;
  for (const test::KernelWrite& write : test::WritesOfAllKernels()) {
    const Knob* knob = FindKnob(write.file);
    if (!write.accepted() || !IsValue(*knob, write)) continue;
    const KnobValue wanted = *ParseKnob(*knob, write.written);
    if (Canonical(*knob, wanted, 1) == Canonical(*knob, DefaultValue(*knob), 1)) continue;
    if (wanted.index() == KnobValue(Table()).index() && !IsInRange(*knob, wanted)) continue;
    const std::vector<std::string> writes = WritesFor(*knob, wanted, nullptr, true);
    ASSERT_EQ(writes.size(), 1U) << write.file << " " << write.written;
    const auto reread = ParseKnob(*knob, writes[0]);
    EXPECT_EQ(Canonical(*knob, *reread, 1), Canonical(*knob, wanted, 1)) << writes[0];
    if (Canonical(*knob, wanted, 1) == wanted) {
      EXPECT_EQ(writes[0], write.written);
    }
    ++lines;
  }
  EXPECT_GT(lines, 1000);
}

}  // namespace
}  // namespace reeve::format
