// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/knob.h"
#include "core/model/policy.h"
#include "core/model/setting.h"
#include "core/policy/diagnostic.h"
#include "core/policy/expression_parser.h"

// The pieces of ParseSetting, one for each shape of value. Each returns nullopt after adding
// exactly one finding, ParseRows one for everything that is wrong in any row.
namespace reeve::policy {

// Numbers with an expression grammar: bytes, counts, weights, times, percentages.
std::optional<Expression> ParseAmount(const Scalar& value, const Knob& knob, Findings& findings);

std::optional<Expression> ParseBool(const Scalar& value, const Knob& knob, Findings& findings);

std::optional<Expression> ParseNice(const Scalar& value, const Knob& knob, Findings& findings);

std::optional<CpuMaxExpression> ParseCpuMax(const Scalar& value,
                                            const Knob& knob,
                                            Findings& findings);

// "" is the empty set; the caller knows whether somebody wrote it on purpose.
std::optional<IdSet> ParseIds(const Scalar& value, const Knob& knob, Findings& findings);

std::optional<std::string> ParseWord(const Scalar& value, const Knob& knob, Findings& findings);

// Names of controllers, blanks between them, each with or without `+`; given back in the kernel's
// order.
std::optional<std::string> ParseControllers(const Scalar& value,
                                            const Knob& knob,
                                            Findings& findings);

std::optional<std::vector<RowExpression>> ParseRows(const SettingText& text,
                                                    const Knob& knob,
                                                    Findings& findings);

// The rows as a policy would write them, on one line.
std::string WrittenRows(const std::vector<RowText>& rows);

// Whether an expression that needs no host is a whole number within the range of its place. True
// for expressions that need one: they are judged when they are resolved.
bool JudgeConstant(const Scalar& value,
                   const Expression& expression,
                   const Terms& terms,
                   Findings& findings);

// A constant plain number counts in the kernel's unit, so `1048576` and `1MiB` become the same.
void CountInKernelUnit(Expression& expression, Dimension dimension);

}  // namespace reeve::policy
