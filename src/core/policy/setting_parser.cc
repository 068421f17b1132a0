// SPDX-License-Identifier: Apache-2.0
#include "core/policy/setting_parser.h"

#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/setting_parser_parts.h"

namespace reeve::policy {
namespace {

bool IsTable(ValueKind kind) {
  switch (kind) {
    case ValueKind::kDeviceLimits:
    case ValueKind::kDeviceWeights:
    case ValueKind::kDeviceLatency:
    case ValueKind::kNamedCounts:
    case ValueKind::kNamedBytes:
    case ValueKind::kHostTable:
      return true;
    default:
      return false;
  }
}

// A plain number for io.weight is its default row.
std::optional<std::vector<RowExpression>> ParseDefaultWeight(const Scalar& value,
                                                             const Knob& knob,
                                                             Findings& findings) {
  std::optional<Expression> weight = ParseAmount(value, knob, findings);
  if (!weight) return std::nullopt;
  RowExpression row;
  row.selector.kind = RowSelector::Kind::kDefault;
  row.selector.mark = value.mark;
  row.columns.emplace_back("", std::move(*weight));
  std::vector<RowExpression> rows;
  rows.push_back(std::move(row));
  return rows;
}

// Puts a part's value into the setting; false when there was none.
template <typename T>
bool Take(std::optional<T> value, Setting& setting) {
  if (!value) return false;
  setting.value = *std::move(value);
  return true;
}

bool ParseScalar(const Scalar& value, const Knob& knob, Setting& setting, Findings& findings) {
  switch (knob.kind) {
    case ValueKind::kBytes:
    case ValueKind::kCount:
    case ValueKind::kWeight:
    case ValueKind::kCpuTime:
    case ValueKind::kPercent:
      return Take(ParseAmount(value, knob, findings), setting);
    case ValueKind::kBool:
      return Take(ParseBool(value, knob, findings), setting);
    case ValueKind::kNice:
      return Take(ParseNice(value, knob, findings), setting);
    case ValueKind::kCpuMax:
      return Take(ParseCpuMax(value, knob, findings), setting);
    case ValueKind::kIdList:
      return Take(ParseIds(value, knob, findings), setting);
    case ValueKind::kWord:
      return Take(ParseWord(value, knob, findings), setting);
    case ValueKind::kControllers:
      return Take(ParseControllers(value, knob, findings), setting);
    case ValueKind::kDeviceWeights:
      return Take(ParseDefaultWeight(value, knob, findings), setting);
    case ValueKind::kDeviceLimits:
    case ValueKind::kDeviceLatency:
    case ValueKind::kNamedCounts:
    case ValueKind::kNamedBytes:
    case ValueKind::kHostTable:
      break;
  }
  findings.Error("R0216",
                 value.mark,
                 fmt::format("{} takes a list of rows", knob.file),
                 fmt::format("{}: {}", knob.file, knob.syntax));
  return false;
}

bool ParseList(const SettingText& text, const Knob& knob, Setting& setting, Findings& findings) {
  setting.written = WrittenRows(text.rows);
  if (IsTable(knob.kind)) return Take(ParseRows(text, knob, findings), setting);
  findings.Error("R0216",
                 text.value.mark.known() ? text.value.mark : text.key_mark,
                 fmt::format("{} takes a single value, not a list", knob.file),
                 fmt::format("{} takes {}", knob.file, knob.syntax));
  return false;
}

bool IsEmpty(const Scalar& value) {
  return Trim(value.text).empty();
}

// Where a setting without a value is pointed at.
SourceMark PlaceOf(const SettingText& text) {
  if (text.value.mark.known()) return text.value.mark;
  return text.key_mark;
}

bool ParseKnown(const SettingText& text, const Knob& knob, Setting& setting, Findings& findings) {
  if (knob.host_only) {
    findings.Error("R0122",
                   text.key_mark,
                   fmt::format("{} exists only at the root of the hierarchy", knob.file),
                   "it stands under the top-level `host:`");
    return false;
  }
  if (text.is_rows) return ParseList(text, knob, setting, findings);
  const bool may_be_empty = knob.kind == ValueKind::kIdList && text.value.quoted;
  if (IsEmpty(text.value) && !may_be_empty) {
    findings.Error(
        "R0116",
        PlaceOf(text),
        fmt::format("{} has no value", knob.file),
        fmt::format("leave the key out for the kernel's default; it takes {}", knob.syntax));
    return false;
  }
  return ParseScalar(text.value, knob, setting, findings);
}

bool ParseRaw(const SettingText& text, Setting& setting, Findings& findings) {
  if (text.is_rows) {
    findings.Error("R0216",
                   PlaceOf(text),
                   fmt::format("{} under `raw:` takes the text to write", text.file),
                   "raw texts are written as they stand");
    return false;
  }
  if (IsEmpty(text.value)) {
    findings.Error("R0116",
                   PlaceOf(text),
                   fmt::format("{} has no value", text.file),
                   "the kernel takes an empty line as 0 for some files; leave the key out");
    return false;
  }
  setting.value = text.value.text;
  return true;
}

}  // namespace

std::optional<Setting> ParseSetting(const SettingText& text, Findings& findings) {
  Setting setting;
  if (text.raw) {
    if (!ParseRaw(text, setting, findings)) return std::nullopt;
  } else {
    setting.knob = FindKnob(text.file);
    if (setting.knob == nullptr) {
      findings.Error("R0101",
                     text.key_mark,
                     fmt::format("`{}` is no interface file that reeve knows", text.file),
                     fmt::format("`raw: {{{}: TEXT}}` writes it as it stands", text.file));
      return std::nullopt;
    }
    if (!ParseKnown(text, *setting.knob, setting, findings)) return std::nullopt;
  }
  setting.file = text.file;
  if (!text.is_rows) setting.written = text.value.text;
  setting.mark = PlaceOf(text);
  setting.key_mark = text.key_mark;
  return setting;
}

}  // namespace reeve::policy
