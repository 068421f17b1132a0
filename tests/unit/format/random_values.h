// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/model/knob_value.h"

namespace reeve::format {

// Values as a policy may want them, of every size; the same ones in every run.
class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t Between(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(engine_);
  }

  // Every length in bits is as likely as every other.
  std::uint64_t AnyLength(std::uint64_t low, std::uint64_t high) {
    const std::uint64_t bits = Between(0, 63);
    const std::uint64_t number = Between(0, UINT64_MAX) >> bits;
    return number < low || number > high ? Between(low, high) : number;
  }

  Limit AnyLimit(const Knob& knob, bool may_be_max = true) {
    if (may_be_max && Between(0, 19) == 0) return Limit::Max();
    return Limit(AnyLength(knob.min, knob.max));
  }

  KnobValue Value(const Knob& knob) {
    switch (knob.kind) {
      case ValueKind::kBytes:
      case ValueKind::kCount:
      case ValueKind::kPercent:
        return AnyLimit(knob);
      case ValueKind::kWeight:
      case ValueKind::kBool:
      case ValueKind::kCpuTime:
        return AnyLimit(knob, false);
      case ValueKind::kNice:
        return static_cast<std::int64_t>(Between(0, 39)) - 20;
      case ValueKind::kCpuMax:
        return CpuMax{AnyLimit(knob), Between(1'000, 1'000'000)};
      case ValueKind::kIdList:
        return Ids();
      case ValueKind::kWord:
      case ValueKind::kControllers:
        return Word(knob);
      case ValueKind::kHostTable:
        return std::string("8:0 ctrl=auto");
      default:
        return AnyTable(knob);
    }
  }

 private:
  IdSet Ids() {
    IdSet set;
    std::uint32_t next = 0;
    for (std::uint64_t i = Between(0, 4); i > 0; --i) {
      const auto first = next + static_cast<std::uint32_t>(Between(0, 5));
      const auto last = first + static_cast<std::uint32_t>(Between(0, 3));
      set.ranges.push_back({first, last});
      next = last + 2;
    }
    return set;
  }

  std::string Word(const Knob& knob) {
    const auto words = SplitWords(knob.words);
    return std::string(words[Between(0, words.size() - 1)]);
  }

  std::string RowName(const Knob& knob) {
    const std::string number = std::to_string(Between(0, 3));
    if (knob.kind == ValueKind::kNamedCounts || knob.kind == ValueKind::kNamedBytes) {
      return "res/" + number;
    }
    const bool is_default = knob.kind == ValueKind::kDeviceWeights && Between(0, 3) == 0;
    return is_default ? "default" : "8:" + number;
  }

  Table AnyTable(const Knob& knob) {
    Table table;
    const bool may_be_max = knob.kind != ValueKind::kDeviceWeights;
    for (std::uint64_t i = Between(0, 3); i > 0; --i) {
      TableRow& row = table.rows[RowName(knob)];
      if (knob.words.empty()) row.insert_or_assign("", AnyLimit(knob, may_be_max));
      for (std::string_view column : SplitWords(knob.words)) {
        row.insert_or_assign(std::string(column), AnyLimit(knob, may_be_max));
      }
    }
    return table;
  }

  std::mt19937_64 engine_;
};

}  // namespace reeve::format
