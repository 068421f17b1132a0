// SPDX-License-Identifier: Apache-2.0
#include "core/format/canonical.h"

#include <limits>
#include <optional>
#include <string_view>

#include "core/base/text.h"
#include "core/format/id_set.h"
#include "core/format/number_text.h"

namespace reeve::format {
namespace {

constexpr std::uint64_t kIntMax = 2'147'483'647;
constexpr std::uint64_t kLongMax = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kUnsignedMax = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kUnsignedLongMax = std::numeric_limits<std::uint64_t>::max();

// The size in "hugetlb.2MB.max"; nullopt for other files and for the family's own row.
std::optional<std::uint64_t> HugePageSize(std::string_view file) {
  constexpr std::string_view kPrefix = "hugetlb.";
  if (!file.starts_with(kPrefix)) return std::nullopt;
  std::string_view size = file.substr(kPrefix.size());
  size = size.substr(0, size.find('.'));
  if (size.size() < 3) return std::nullopt;
  const std::optional<std::uint64_t> number = ParseDecimal(size.substr(0, size.size() - 2));
  if (!number) return std::nullopt;
  const std::string_view unit = size.substr(size.size() - 2);
  if (unit == "KB") return *number << 10U;
  if (unit == "MB") return *number << 20U;
  if (unit == "GB") return *number << 30U;
  return std::nullopt;
}

// Kernel: page_counter_memparse() cuts to whole pages and to PAGE_COUNTER_MAX, which reads as
// "max".
Limit Bytes(const Knob& knob, Limit limit, std::uint64_t page_size) {
  if (limit.is_max()) return limit;
  const std::uint64_t unit = HugePageSize(knob.file).value_or(page_size);
  const std::uint64_t most = kLongMax / page_size * page_size / unit * unit;
  const std::uint64_t value = limit.value() / unit * unit;
  return value >= most ? Limit::Max() : Limit(value);
}

// Kernel: 1024 parts of a CPU's capacity; what rounds to all of them is printed as "max".
Limit Capacity(Limit limit) {
  if (limit.is_max() || limit.value() > 100'00) return Limit::Max();
  return (limit.value() * 1024 + 50'00) / 100'00 >= 1024 ? Limit::Max() : limit;
}

Limit Number(const Knob& knob, Limit limit) {
  // cgroup.max.* and rdma.max are ints whose largest means "max".
  const bool is_int = knob.max == kIntMax - 1;
  return is_int && limit == Limit(kIntMax) ? Limit::Max() : limit;
}

Limit Cell(const Knob& knob, const std::string& column, Limit limit, std::uint64_t page_size) {
  if (limit.is_max()) return limit;
  const std::uint64_t value = limit.value();
  switch (knob.kind) {
    case ValueKind::kDeviceLimits: {
      const bool iops = column == "riops" || column == "wiops";  // 32 bits in the kernel
      return value >= (iops ? kUnsignedMax : kUnsignedLongMax) ? Limit::Max() : limit;
    }
    case ValueKind::kNamedCounts:
      return value == kUnsignedLongMax ? Limit::Max() : Number(knob, limit);
    case ValueKind::kNamedBytes:
      // Counted in bytes, in a counter made for pages.
      return value >= kLongMax / page_size ? Limit::Max() : limit;
    case ValueKind::kDeviceLatency:
      return value == 0 ? Limit::Max() : limit;
    default:
      return limit;
  }
}

// Whether a cell says no more than a line that is not there.
bool SaysNothing(const Knob& knob, const std::string& row, Limit cell) {
  if (knob.kind == ValueKind::kDeviceWeights) {
    // A device's own weight counts even when it is 100: it stays when the default changes.
    return row == "default" && row + " " + FormatLimit(cell) == knob.default_text;
  }
  const bool protection = knob.direction == Direction::kLargerStronger;
  return protection ? cell == Limit(0) : cell.is_max();
}

Table Rows(const Knob& knob, const Table& table, std::uint64_t page_size) {
  Table canonical;
  for (const auto& row : table.rows) {
    TableRow cells;
    for (const auto& cell : row.second) {
      const Limit value = Cell(knob, cell.first, cell.second, page_size);
      if (!SaysNothing(knob, row.first, value)) cells.emplace(cell.first, value);
    }
    if (!cells.empty()) canonical.rows.emplace(row.first, std::move(cells));
  }
  return canonical;
}

}  // namespace

KnobValue Canonical(const Knob& knob, const KnobValue& value, std::uint64_t page_size) {
  if (const auto* limit = std::get_if<Limit>(&value)) {
    if (knob.kind == ValueKind::kBytes) return Bytes(knob, *limit, page_size);
    if (knob.kind == ValueKind::kPercent) return Capacity(*limit);
    return Number(knob, *limit);
  }
  if (const auto* table = std::get_if<Table>(&value)) return Rows(knob, *table, page_size);
  if (const auto* ids = std::get_if<IdSet>(&value)) return NormalIdSet(*ids);
  return value;
}

}  // namespace reeve::format
