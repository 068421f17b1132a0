// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/format/knob_text.h"
#include "unit/format/random_values.h"

namespace reeve::format {
namespace {

// All rows, with two huge page sizes in the place of their families.
std::vector<const Knob*> Files() {
  std::vector<const Knob*> files;
  for (const Knob& knob : AllKnobs()) {
    if (knob.file.find('<') == std::string_view::npos) files.push_back(&knob);
  }
  for (const char* file : {"hugetlb.64KB.max", "hugetlb.1GB.rsvd.max"})
    files.push_back(FindKnob(file));
  return files;
}

// What a kernel prints after it was given a value, written down here a second time from the kernel's
// source (mm/page_counter.c, mm/hugetlb_cgroup.c, block/blk-throttle.c, kernel/sched/core.c, kernel/cgroup):
// the tests hold the two against each other.
class KernelModel {
 public:
  explicit KernelModel(std::uint64_t page_size) : page_size_(page_size) {}

  std::string Read(const Knob& knob, const KnobValue& value) const {
    if (const auto* limit = std::get_if<Limit>(&value)) return ReadLimit(knob, *limit);
    if (const auto* cpu = std::get_if<CpuMax>(&value)) {
      return fmt::format("{} {}\n", Number(cpu->quota), cpu->period);
    }
    if (const auto* table = std::get_if<Table>(&value)) return ReadTable(knob, *table);
    return FormatKnob(knob, value) + "\n";
  }

 private:
  static std::string Number(Limit limit) {
    return limit.is_max() ? "max" : fmt::format("{}", limit.value());
  }

  static Limit Capped(Limit limit, std::uint64_t first_max) {
    return limit >= Limit(first_max) ? Limit::Max() : limit;
  }

  std::string ReadLimit(const Knob& knob, Limit limit) const {
    if (knob.kind == ValueKind::kPercent) {
      if (limit.is_max()) return "max\n";
      const std::uint64_t parts = (limit.value() * 1024 + 5000) / 10000;
      if (parts >= 1024) return "max\n";
      return fmt::format("{}.{:02}\n", limit.value() / 100, limit.value() % 100);
    }
    if (knob.kind != ValueKind::kBytes || limit.is_max()) return Number(limit) + "\n";
    const std::uint64_t counter_max = INT64_MAX / page_size_;
    std::uint64_t pages = std::min(limit.value() / page_size_, counter_max);
    std::uint64_t huge = 1;  // pages of a huge page
    if (knob.file.starts_with("hugetlb.64KB.")) huge = 65536 / page_size_;
    if (knob.file.starts_with("hugetlb.1GB.")) huge = (1U << 30U) / page_size_;
    pages -= pages % huge;
    if (pages == counter_max - counter_max % huge) return "max\n";
    return fmt::format("{}\n", pages * page_size_);
  }

  std::string ReadTable(const Knob& knob, const Table& table) const {
    std::string text;
    if (knob.kind == ValueKind::kDeviceWeights && !table.rows.contains("default")) {
      text += "default 100\n";
    }
    for (const auto& row : table.rows) {
      std::string line = row.first;
      bool says_something = knob.kind != ValueKind::kDeviceLimits;
      for (std::string_view column : SplitWords(knob.words)) {
        const Limit cell = Capped(row.second.at(std::string(column)), FirstMax(knob, column));
        says_something = says_something || !cell.is_max();
        line += fmt::format(" {}={}", column, Number(cell));
        if (knob.kind == ValueKind::kDeviceLatency) {
          says_something = !cell.is_max() && cell != Limit(0);
        }
      }
      if (knob.words.empty()) line += " " + Number(Capped(row.second.at(""), FirstMax(knob, "")));
      if (says_something) text += line + "\n";
    }
    return text;
  }

  std::uint64_t FirstMax(const Knob& knob, std::string_view column) const {
    if (column == "riops" || column == "wiops") return UINT32_MAX;
    if (knob.kind == ValueKind::kNamedBytes) return INT64_MAX / page_size_;
    return UINT64_MAX;
  }

  std::uint64_t page_size_;
};

// A table's text without the lines that mean the same as no line.
std::string WithoutIdleLines(const Knob& knob, const std::string& text) {
  if (!std::holds_alternative<Table>(DefaultValue(knob))) return text;
  const bool protection = knob.direction == Direction::kLargerStronger;
  std::string rest;
  for (std::string_view line : SplitLines(text)) {
    const std::vector<std::string_view> words = SplitWords(line);
    const bool idle = std::all_of(words.begin() + 1, words.end(), [&](std::string_view word) {
      if (knob.kind == ValueKind::kDeviceWeights) return line == "default 100";
      return protection ? word == "0" : word == "max" || word.ends_with("=max");
    });
    if (!idle) rest += std::string(line) + "\n";
  }
  return rest;
}

TEST(KnobProperties, WhatIsPrintedIsReadBack) {
  RandomValues random(1);
  for (const Knob* knob : Files()) {
    for (int i = 0; i < 2'000; ++i) {
      const KnobValue value = random.Value(*knob);
      const auto again = ParseKnob(*knob, FormatKnob(*knob, value));
      ASSERT_TRUE(again.has_value()) << again.error().ToString();
      ASSERT_EQ(*again, value) << knob->file << " " << FormatKnob(*knob, value);
    }
  }
}

// A million values: what a kernel makes of a wanted value is never drift, and what it makes of another value
// is drift unless it reads the same.
TEST(KnobProperties, F76_RoundingIsNeverDriftAndAnotherValueAlwaysIs) {
  RandomValues random(2);
  const std::vector<const Knob*> files = Files();
  std::size_t different = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const Knob& knob = *files[static_cast<std::size_t>(i) % files.size()];
    const std::uint64_t page_size = i % 3 == 0 ? 65536 : 4096;
    const KernelModel kernel(page_size);
    const KnobValue wanted = random.Value(knob);
    const std::string read = kernel.Read(knob, wanted);
    const auto observed = ParseKnob(knob, read);
    ASSERT_TRUE(observed.has_value()) << observed.error().ToString();
    ASSERT_TRUE(SameValue(knob, wanted, *observed, page_size)) << knob.file << " " << read;

    const std::string other_read = kernel.Read(knob, random.Value(knob));
    if (other_read == read || knob.kind == ValueKind::kHostTable) continue;
    const auto other = ParseKnob(knob, other_read);
    if (WithoutIdleLines(knob, read) == WithoutIdleLines(knob, other_read)) continue;
    ASSERT_FALSE(SameValue(knob, wanted, *other, page_size)) << knob.file << read << other_read;
    ++different;
  }
  EXPECT_GT(different, 500'000U);
}

// From any value to any other: the writes lead there, and then there is nothing more to write.
TEST(KnobProperties, WritesLeadToTheWantedTable) {
  RandomValues random(3);
  for (const char* file :
       {"io.max", "io.weight", "io.latency", "rdma.max", "misc.max", "dmem.min"}) {
    const Knob& knob = *FindKnob(file);
    for (int i = 0; i < 5'000; ++i) {
      const KnobValue from = random.Value(knob);
      const KnobValue to = random.Value(knob);
      Table now = std::get<Table>(from);
      for (const std::string& line : WritesFor(knob, to, &from, true)) {
        ASSERT_EQ(line.find('\n'), std::string::npos);
        const std::vector<std::string_view> words = SplitWords(line);
        if (words[1] == "default") {
          now.rows.erase(std::string(words[0]));
        } else {
          const auto written = ParseKnob(knob, line);
          ASSERT_TRUE(written.has_value()) << line;
          for (const auto& row : std::get<Table>(*written).rows) now.rows[row.first] = row.second;
        }
      }
      ASSERT_TRUE(SameValue(knob, to, now, 1))
          << FormatKnob(knob, from) << " -> " << FormatKnob(knob, to);
      const KnobValue reached = now;
      ASSERT_TRUE(WritesFor(knob, to, &reached, true).empty());
    }
  }
}

}  // namespace
}  // namespace reeve::format
