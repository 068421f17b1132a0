// SPDX-License-Identifier: Apache-2.0
#include "app/show/human.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/knob_text.h"

namespace reeve::show {
namespace {

using Unit = std::pair<std::uint64_t, std::string_view>;

constexpr std::array<Unit, 5> kBinary = {{{1ULL << 50U, "PiB"},
                                          {1ULL << 40U, "TiB"},
                                          {1ULL << 30U, "GiB"},
                                          {1ULL << 20U, "MiB"},
                                          {1ULL << 10U, "KiB"}}};
constexpr std::array<Unit, 5> kDecimal = {{{1'000'000'000'000'000, "PB"},
                                           {1'000'000'000'000, "TB"},
                                           {1'000'000'000, "GB"},
                                           {1'000'000, "MB"},
                                           {1'000, "kB"}}};
constexpr std::array<Unit, 5> kTime = {{{86'400'000'000, "d"},
                                        {3'600'000'000, "h"},
                                        {60'000'000, "m"},
                                        {1'000'000, "s"},
                                        {1'000, "ms"}}};

// Up to `decimals` digits behind the point, zeros at the end left out.
std::string Decimal(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

// The largest unit that divides it and that needs at most four digits; "" when there is none.
std::string Exact(std::uint64_t value, const auto& units) {
  for (const Unit& unit : units) {
    if (value >= unit.first && value % unit.first == 0 && value / unit.first < 10'000) {
      return fmt::format("{}{}", value / unit.first, unit.second);
    }
  }
  return {};
}

bool CountsBytes(const Knob& knob, std::string_view column) {
  if (knob.kind == ValueKind::kBytes || knob.kind == ValueKind::kNamedBytes) return true;
  return knob.kind == ValueKind::kDeviceLimits && (column == "rbps" || column == "wbps");
}

std::string HumanLimit(const Knob& knob, std::string_view column, const Limit& limit) {
  if (limit.is_max()) return "max";
  const std::uint64_t value = limit.value();
  if (CountsBytes(knob, column)) {
    return HumanBytes(value) + (knob.kind == ValueKind::kDeviceLimits ? "/s" : "");
  }
  switch (knob.kind) {
    case ValueKind::kBool:
      return value == 0 ? "false" : "true";
    case ValueKind::kCpuTime:
    case ValueKind::kDeviceLatency:
      return HumanDuration(value);
    case ValueKind::kPercent:
      return Decimal(static_cast<double>(value) / 100, 2) + "%";
    case ValueKind::kDeviceLimits:
      return fmt::format("{}/s", value);
    default:
      return fmt::format("{}", value);
  }
}

class Printer {
 public:
  explicit Printer(const Knob& knob) : knob_(knob) {}

  std::string operator()(const Limit& limit) const { return HumanLimit(knob_, "", limit); }

  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }

  std::string operator()(const std::string& text) const { return text; }

  std::string operator()(const CpuMax& value) const {
    const std::string quota =
        value.quota.is_max() ? "max" : HumanCores(value.quota.value(), value.period);
    return value.period == 100'000 ? quota : quota + " every " + HumanDuration(value.period);
  }

  std::string operator()(const IdSet& set) const {
    std::string text;
    for (const auto& range : set.ranges) {
      if (!text.empty()) text += ',';
      text += range.first == range.second ? fmt::format("{}", range.first)
                                          : fmt::format("{}-{}", range.first, range.second);
    }
    return text.empty() ? "inherit" : text;
  }

  std::string operator()(const Table& table) const {
    std::string text;
    for (const auto& row : table.rows) {
      if (!text.empty()) text += '\n';
      text += row.first;
      // In the kernel's order of columns, then those a newer kernel has added.
      const std::vector<std::string_view> order = SplitWords(knob_.words);
      for (std::string_view column : order) {
        const auto cell = row.second.find(std::string(column));
        if (cell != row.second.end()) text += Cell(cell->first, cell->second);
      }
      for (const auto& cell : row.second) {
        if (std::find(order.begin(), order.end(), cell.first) == order.end()) {
          text += Cell(cell.first, cell.second);
        }
      }
    }
    return text.empty() ? "none" : text;
  }

 private:
  std::string Cell(const std::string& column, const Limit& limit) const {
    return (column.empty() ? " " : " " + column + "=") + HumanLimit(knob_, column, limit);
  }

  const Knob& knob_;
};

// Not what makes it a part of a name, a place or a decimal fraction.
bool EndsNumber(char c) {
  return c == ' ' || c == ',' || c == ')' || c == ';' || c == '.';
}

struct Number {
  std::uint64_t value = 0;
  std::size_t digits = 0;
};

// A number that begins at `at` and stands alone there.
std::optional<Number> NumberAt(std::string_view text, std::size_t at) {
  if (at >= text.size() || (at != 0 && text[at - 1] != ' ' && text[at - 1] != '('))
    return std::nullopt;
  std::size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  if (end == at || (end != text.size() && !EndsNumber(text[end]))) return std::nullopt;
  const auto value = ParseDecimal(text.substr(at, end - at));
  if (!value) return std::nullopt;
  return Number{*value, end - at};
}

}  // namespace

std::string HumanBytes(std::uint64_t bytes) {
  if (std::string exact = Exact(bytes, kBinary); !exact.empty()) return exact;
  // "1000kB" for a round number, but not "123456kB" for one that only happens to end in zeros.
  if (std::string exact = Exact(bytes, kDecimal); !exact.empty() && exact.size() <= 6) return exact;
  for (const Unit& unit : kBinary) {
    if (bytes >= unit.first) {
      return Decimal(static_cast<double>(bytes) / static_cast<double>(unit.first), 1) +
             std::string(unit.second);
    }
  }
  return fmt::format("{}", bytes);
}

std::string ShortBytes(std::uint64_t bytes) {
  for (const Unit& unit : kBinary) {
    if (bytes < unit.first) continue;
    const double amount = static_cast<double>(bytes) / static_cast<double>(unit.first);
    return Decimal(amount, amount < 9.95 ? 1 : 0) + std::string(unit.second.substr(0, 1));
  }
  return fmt::format("{}", bytes);
}

std::string HumanCores(std::uint64_t quota_usec, std::uint64_t period_usec) {
  const std::string amount =
      Decimal(static_cast<double>(quota_usec) / static_cast<double>(period_usec), 3);
  return amount + (amount == "1" ? " core" : " cores");
}

std::string HumanDuration(std::uint64_t usec) {
  if (usec == 0) return "0";
  const std::string exact = Exact(usec, kTime);
  return exact.empty() ? fmt::format("{}us", usec) : exact;
}

std::string HumanValue(const Knob& knob, const KnobValue& value) {
  return std::visit(Printer{knob}, value);
}

std::string HumanText(const Knob* knob, std::string_view kernel_text) {
  if (kernel_text == "-") return "-";
  if (knob != nullptr) {
    const auto value = format::ParseKnob(*knob, kernel_text);
    if (value.has_value()) return HumanValue(*knob, *value);
  }
  return kernel_text.empty() ? "empty" : std::string(kernel_text);
}

std::string HumanMessage(const Knob* knob, std::string_view message) {
  if (knob == nullptr) return std::string(message);
  const bool cpu_max = knob->kind == ValueKind::kCpuMax;
  if (knob->kind != ValueKind::kBytes && !cpu_max) return std::string(message);
  constexpr std::string_view kUnit = " bytes";
  std::string out;
  for (std::size_t i = 0; i < message.size();) {
    const auto number = NumberAt(message, i);
    if (!number) {
      out += message[i++];
      continue;
    }
    const std::size_t end = i + number->digits;
    const auto period = cpu_max ? NumberAt(message, end + 1) : std::nullopt;
    if (period && period->value != 0) {
      out += HumanText(knob, message.substr(i, number->digits + 1 + period->digits));
      i = end + 1 + period->digits;
    } else if (!cpu_max && number->value >= 4096) {
      out += HumanBytes(number->value);
      i = message.substr(end).starts_with(kUnit) ? end + kUnit.size() : end;
    } else {
      out += message.substr(i, number->digits);
      i = end;
    }
  }
  return out;
}

}  // namespace reeve::show
