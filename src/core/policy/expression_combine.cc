// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expression_combine.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/policy/expression.h"

namespace reeve::policy {
namespace {

using Op = Expression::Op;

struct Fit {
  Dimension dimension = Dimension::kPlain;
  std::optional<Advice> misfit;
};

Fit OfProduct(Dimension a, Dimension b) {
  if (a == Dimension::kPlain) return {b, std::nullopt};
  if (b == Dimension::kPlain) return {a, std::nullopt};
  return {a,
          Advice{"R0211",
                 fmt::format("{} cannot be multiplied by {}", DimensionWord(a), DimensionWord(b)),
                 "one of two factors is a plain number: `2 * 4GiB`"}};
}

// A plain number counts in the kernel's unit. For cores there is none that would be obvious. Two
// different units never meet, because a place takes one of them only.
Fit OfSum(Dimension a, Dimension b) {
  if (a == b) return {a, std::nullopt};
  const bool cores = a == Dimension::kCores || b == Dimension::kCores;
  if (!cores) return {a == Dimension::kPlain ? b : a, std::nullopt};
  return {a,
          Advice{"R0211",
                 "cores and a plain number cannot be reckoned together",
                 "write the unit: `1 core`"}};
}

Fit FitTogether(Op op, const std::vector<Expression>& operands) {
  Fit fit{operands.front().dimension, std::nullopt};
  const bool function = op == Op::kMin || op == Op::kMax;
  bool known = operands.front().op != Op::kMaximum;
  for (std::size_t i = 1; i < operands.size() && !fit.misfit; ++i) {
    const Expression& next = operands[i];
    // Inside a function `max` fits beside everything.
    if (function && next.op == Op::kMaximum) continue;
    if (function && !known) {
      fit.dimension = next.dimension;
      known = true;
      continue;
    }
    fit = op == Op::kMultiply ? OfProduct(fit.dimension, next.dimension)
                              : OfSum(fit.dimension, next.dimension);
  }
  return fit;
}

bool HasMaximum(const std::vector<Expression>& operands) {
  for (const Expression& operand : operands) {
    if (operand.op == Op::kMaximum) return true;
  }
  return false;
}

}  // namespace

std::variant<Expression, Advice> Combine(Op op, std::vector<Expression> operands) {
  if (op != Op::kMin && op != Op::kMax && HasMaximum(operands)) {
    return Advice{"R0211",
                  "`max` is no number to reckon with",
                  "`max` stands alone, or inside min() and max()"};
  }
  Fit fit = FitTogether(op, operands);
  if (fit.misfit) return *std::move(fit.misfit);
  Expression e = NumberExpression(fit.dimension, 0);
  e.op = op;
  e.operands = std::move(operands);
  if (!IsConstant(e)) return e;
  const Evaluation result = Evaluate(e, nullptr);
  if (result.failure != Evaluation::Failure::kNone) {
    return Advice{"R0206", "the amount is over 64 bits", ""};
  }
  if (result.amount.negative()) return e;
  Expression folded = NumberExpression(fit.dimension, 0);
  if (result.amount.is_max) {
    folded.op = Op::kMaximum;
  } else {
    folded.number = result.amount.Floor();
    folded.millionths = static_cast<std::uint32_t>(result.amount.micro % kMillion);
  }
  return folded;
}

}  // namespace reeve::policy
