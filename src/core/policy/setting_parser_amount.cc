// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/expression.h"
#include "core/policy/setting_parser_parts.h"

namespace reeve::policy {
namespace {

// The smallest page of any kernel. Less than one becomes 0 when the kernel rounds.
constexpr std::uint64_t kSmallestPage = 4096;

// Ranges that end beyond are shown as open: nobody has met their end.
constexpr std::uint64_t kNoBoundThatCounts = std::uint64_t{1} << 62;

bool AllowsMax(ValueKind kind) {
  return kind == ValueKind::kBytes || kind == ValueKind::kCount || kind == ValueKind::kPercent;
}

Terms TermsOf(const Knob& knob) {
  Terms terms;
  terms.subject = knob.file;
  terms.dimension = DimensionOf(knob);
  terms.host = HostAmountOf(knob);
  terms.max_allowed = AllowsMax(knob.kind);
  terms.percent = knob.kind == ValueKind::kPercent;
  terms.syntax = knob.syntax;
  terms.min = knob.min;
  terms.max = knob.max;
  return terms;
}

// Percentages are shown as percentages although the kernel keeps hundredths.
std::string Shown(std::uint64_t value, const Terms& terms) {
  if (terms.percent) return fmt::format("{}%", value / 100);
  if (terms.dimension == Dimension::kPlain) return fmt::format("{}", value);
  return FormatQuantity(terms.dimension, value);
}

std::string RangeHint(const Terms& terms, bool too_large) {
  if (too_large && terms.max_allowed && !terms.percent) return "`max` means no limit";
  if (terms.subject == "cpu.weight" && !too_large) {
    return "the smallest share is 1; `cpu.idle: true` takes only cycles nobody else wants";
  }
  return "";
}

std::string RangeText(const Terms& terms) {
  if (terms.max >= kNoBoundThatCounts) {
    return fmt::format("{} and more", Shown(terms.min, terms));
  }
  return fmt::format("{} to {}", Shown(terms.min, terms), Shown(terms.max, terms));
}

// What a plain number without a unit was probably meant to be.
std::string MissingUnit(const Scalar& value, const Terms& terms) {
  if (terms.dimension == Dimension::kBytes) {
    return fmt::format("write the unit: `{}GiB`", Trim(value.text));
  }
  return terms.dimension == Dimension::kPlain ? "write a whole number" : "write the unit";
}

bool JudgeWhole(const Scalar& value, const Expression& e, const Terms& terms, Findings& findings) {
  if (e.dimension != Dimension::kPlain || e.millionths == 0) return true;
  if (terms.percent) {
    if (e.millionths % (kMillion / 100) == 0) return true;
    findings.Error("R0208",
                   value.mark,
                   fmt::format("{} has more than two digits behind the point", terms.subject),
                   "the kernel keeps hundredths of a percent");
    return false;
  }
  findings.Error("R0208",
                 value.mark,
                 fmt::format("`{}` is no whole number", Trim(value.text)),
                 MissingUnit(value, terms));
  return false;
}

}  // namespace

void CountInKernelUnit(Expression& e, Dimension dimension) {
  const bool constant = e.op == Expression::Op::kNumber || e.op == Expression::Op::kMaximum;
  if (constant) e.dimension = dimension;
}

bool JudgeConstant(const Scalar& value,
                   const Expression& e,
                   const Terms& terms,
                   Findings& findings) {
  if (e.op == Expression::Op::kMaximum) return true;
  if (e.op != Expression::Op::kNumber) {
    // Whatever is constant and positive was folded while reading.
    if (!IsConstant(e)) return true;
    findings.Error("R0205", value.mark, fmt::format("`{}` is below zero", Trim(value.text)), "");
    return false;
  }
  if (!JudgeWhole(value, e, terms, findings)) return false;
  // Saturates rather than wraps: what is too large stays too large.
  const bool huge = e.number > std::numeric_limits<std::uint64_t>::max() / 100;
  const std::uint64_t number =
      !terms.percent ? e.number : (huge ? e.number : e.number * 100 + e.millionths / 10'000);
  if (number >= terms.min && number <= terms.max) return true;
  findings.Error(
      "R0205",
      value.mark,
      fmt::format("{} takes {}, not {}", terms.subject, RangeText(terms), Trim(value.text)),
      RangeHint(terms, number > terms.max));
  return false;
}

std::optional<Expression> ParseAmount(const Scalar& value, const Knob& knob, Findings& findings) {
  const Terms terms = TermsOf(knob);
  std::optional<Expression> e = ParseExpression({value, value.text, 0}, terms, findings);
  if (!e || !JudgeConstant(value, *e, terms, findings)) return std::nullopt;
  const bool tiny = e->op == Expression::Op::kNumber && e->number > 0 && e->number < kSmallestPage;
  if (tiny && knob.controller == Controller::kMemory && knob.kind == ValueKind::kBytes) {
    findings.Warning("R0408",
                     value.mark,
                     fmt::format("{} is less than a page, the kernel makes it 0",
                                 FormatQuantity(Dimension::kBytes, e->number)),
                     e->number < 1024
                         ? fmt::format("a number without unit counts bytes; `{}GiB`?", e->number)
                         : "");
  }
  CountInKernelUnit(*e, terms.dimension);
  return e;
}

}  // namespace reeve::policy
