// SPDX-License-Identifier: Apache-2.0
#include "core/policy/schema_values.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/quantity.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kVariable = "<[A-Za-z][A-Za-z0-9_-]*>";
constexpr std::string_view kNumber = "[0-9]+(\\.[0-9]+)?";

// Whatever has an operator, a bracket or a variable in it is a matter for the reader: a pattern
// that followed the grammar would be too long for any editor to show.
constexpr std::string_view kExpression = "^(?=.*([-+*(]|<[A-Za-z]))[A-Za-z0-9 .,:%()+*<>_-]+$";

// What a value may be, as alternatives of `anyOf`.
class Alternatives {
 public:
  explicit Alternatives(JsonWriter& json) : json_(json) {
    json_.Key("anyOf");
    json_.BeginArray();
  }

  ~Alternatives() { json_.EndArray(); }

  Alternatives(const Alternatives&) = delete;
  Alternatives& operator=(const Alternatives&) = delete;

  void Integer(const std::string& minimum, const std::string& maximum) {
    json_.BeginObject();
    json_.Member("type", "integer");
    json_.Key("minimum");
    json_.Literal(minimum);
    if (!maximum.empty()) {
      json_.Key("maximum");
      json_.Literal(maximum);
    }
    json_.EndObject();
  }

  void Pattern(std::string_view pattern) {
    json_.BeginObject();
    json_.Member("type", "string");
    json_.Member("pattern", pattern);
    json_.EndObject();
  }

  void Words(const std::vector<std::string_view>& words) {
    json_.BeginObject();
    json_.Key("enum");
    json_.BeginArray();
    for (const std::string_view word : words) json_.String(word);
    json_.EndArray();
    json_.EndObject();
  }

  void Boolean() {
    json_.BeginObject();
    json_.Member("type", "boolean");
    json_.EndObject();
    json_.BeginObject();
    json_.Key("enum");
    json_.BeginArray();
    json_.Literal("0");
    json_.Literal("1");
    json_.EndArray();
    json_.EndObject();
  }

  // One variable and nothing else, or a text with one somewhere.
  void Variable() { Pattern(kVariable); }

 private:
  JsonWriter& json_;
};

// "(TiB|GiB|...)" of the units that fit.
std::string UnitsOf(Dimension dimension) {
  const bool per_second = dimension == Dimension::kBytesPerSec;
  std::string units;
  for (const Unit& unit : AllUnits()) {
    if (unit.dimension != (per_second ? Dimension::kBytes : dimension)) continue;
    if (!units.empty()) units += '|';
    units += unit.name;
  }
  return units.empty() ? "" : fmt::format("({})", units);
}

// Numbers with their units, percentages, `max`: one pattern.
std::string AmountPattern(const Knob& knob, Dimension dimension, bool max, bool percentages) {
  std::string pattern = "^(";
  if (max) pattern += "max|";
  pattern += "[0-9]+";
  const std::string units = UnitsOf(dimension);
  if (dimension == Dimension::kBytesPerSec) {
    pattern += fmt::format("(/s)?|{} ?{}/s", kNumber, units);
  } else if (dimension == Dimension::kOpsPerSec) {
    pattern += "(/s)?";
  } else if (!units.empty()) {
    pattern += fmt::format("|{} ?{}", kNumber, units);
  }
  if (percentages) {
    pattern += fmt::format("|{}% of (host|parent|[a-z]+(\\.[A-Za-z0-9_]+)+)", kNumber);
    if (HostAmountOf(knob) != HostAmount::kNone) pattern += "|host";
    pattern += "|parent|[a-z]+(\\.[A-Za-z0-9_]+)+";
  }
  return pattern + ")$";
}

std::string Decimal(std::uint64_t number) {
  return number == UINT64_MAX ? "" : std::to_string(number);
}

void Amount(
    const Knob& knob, Dimension dimension, bool max, bool percentages, Alternatives& alternatives) {
  alternatives.Integer(Decimal(knob.min), Decimal(knob.max));
  alternatives.Pattern(AmountPattern(knob, dimension, max, percentages));
  alternatives.Pattern(kExpression);
}

Dimension ColumnDimension(const Knob& knob, std::string_view column) {
  if (knob.kind == ValueKind::kNamedBytes) return Dimension::kBytes;
  if (knob.kind == ValueKind::kDeviceLatency) return Dimension::kTime;
  if (knob.kind != ValueKind::kDeviceLimits) return Dimension::kPlain;
  return column.ends_with("bps") ? Dimension::kBytesPerSec : Dimension::kOpsPerSec;
}

void CpuMax(Alternatives& alternatives) {
  alternatives.Integer("1000", "");
  alternatives.Pattern(
      fmt::format("^(max|[0-9]+|{0} ?cores?|{0}% of (host|parent|[a-z]+(\\.[a-z]+)+)|parent|host)"
                  "( +every +[0-9]+(\\.[0-9]+)? ?(us|ms|s))?$",
                  kNumber));
  alternatives.Pattern("^(max|[0-9]+) +[0-9]+$");
  alternatives.Pattern(kExpression);
}

}  // namespace

void WriteKnobValue(const Knob& knob, std::string_view column, JsonWriter& json) {
  Alternatives alternatives(json);
  if (!column.empty()) {
    Amount(knob,
           ColumnDimension(knob, column),
           knob.kind != ValueKind::kDeviceWeights,
           false,
           alternatives);
    return;
  }
  switch (knob.kind) {
    case ValueKind::kBytes:
    case ValueKind::kCount:
      Amount(knob, DimensionOf(knob), true, true, alternatives);
      return;
    case ValueKind::kWeight:
    case ValueKind::kDeviceWeights:
      Amount(knob, Dimension::kPlain, false, true, alternatives);
      return;
    case ValueKind::kCpuTime:
      Amount(knob, Dimension::kTime, false, true, alternatives);
      return;
    case ValueKind::kCpuMax:
      CpuMax(alternatives);
      return;
    case ValueKind::kNice:
      alternatives.Integer(std::to_string(static_cast<std::int64_t>(knob.min)),
                           std::to_string(static_cast<std::int64_t>(knob.max)));
      break;
    case ValueKind::kBool:
      alternatives.Boolean();
      break;
    case ValueKind::kPercent:
      alternatives.Pattern(fmt::format("^(max|{}%)$", kNumber));
      alternatives.Pattern(kExpression);
      return;
    case ValueKind::kIdList:
      alternatives.Integer("0", "65535");
      alternatives.Pattern("^[0-9, -]*$");
      break;
    case ValueKind::kWord:
      alternatives.Words(SplitWords(knob.words));
      break;
    case ValueKind::kControllers:
      alternatives.Pattern(
          fmt::format("^( *[+]?({}))* *$", fmt::join(SplitWords(knob.words), "|")));
      break;
    case ValueKind::kDeviceLimits:
    case ValueKind::kDeviceLatency:
    case ValueKind::kNamedCounts:
    case ValueKind::kNamedBytes:
    case ValueKind::kHostTable:
      break;
  }
  alternatives.Variable();
}

std::string_view UnitNamePattern() {
  return "^([A-Za-z0-9:_.\\\\@-]|<[A-Za-z_][A-Za-z0-9_-]*>)+"
         "\\.(service|slice|scope|socket|mount|swap)$";
}

std::string_view CgroupNamePattern() {
  return "^(?!(cgroup|cpuset|cpu|io|memory|hugetlb|pids|rdma|misc|dmem|irq|perf_event|devices|"
         "debug)\\.)"
         "(?!(_self|_other|_payload|_holder)$)"
         "([A-Za-z0-9_-]|<[A-Za-z][A-Za-z0-9_-]*>)([A-Za-z0-9_.@+-]|<[A-Za-z][A-Za-z0-9_-]*>)*$";
}

}  // namespace reeve::policy
