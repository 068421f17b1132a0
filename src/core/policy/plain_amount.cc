// SPDX-License-Identifier: Apache-2.0
#include "core/policy/plain_amount.h"

#include <string>
#include <variant>

#include "core/base/text.h"
#include "core/policy/setting_parser.h"

namespace reeve::policy {

std::optional<std::uint64_t> ReadPlainAmount(std::string_view file, const YamlNode& node) {
  if (!node.IsScalar()) return std::nullopt;
  if (const auto number = ParseDecimal(node.text())) return number;
  const Knob* knob = FindKnob(file);
  if (knob == nullptr || (knob->kind != ValueKind::kBytes && knob->kind != ValueKind::kCount)) {
    return std::nullopt;
  }
  SettingText text;
  text.file = file;
  text.value = {std::string(node.text()), node.mark(), node.quoted()};
  Findings unused;
  const auto setting = ParseSetting(text, unused);
  if (!setting) return std::nullopt;
  const auto* amount = std::get_if<Expression>(&setting->value);
  const bool plain =
      amount != nullptr && amount->op == Expression::Op::kNumber && amount->millionths == 0;
  return plain ? std::optional<std::uint64_t>(amount->number) : std::nullopt;
}

}  // namespace reeve::policy
