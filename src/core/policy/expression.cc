// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expression.h"

#include <algorithm>
#include <limits>

namespace reeve::policy {
namespace {

using Op = Expression::Op;
using Failure = Evaluation::Failure;

// Everything in between stays within 64 bits of whole units, so that products of two amounts can be
// judged before they are made.
constexpr Int128 kBound =
    static_cast<Int128>(std::numeric_limits<std::uint64_t>::max()) * kMillion + (kMillion - 1);

constexpr Int128 kPercent = static_cast<Int128>(100) * kMillion;

Evaluation Checked(Int128 micro) {
  if (micro > kBound || micro < -kBound) return {{}, Failure::kOverflow};
  return {{false, micro}, Failure::kNone};
}

Int128 Magnitude(Int128 value) {
  return value < 0 ? -value : value;
}

// a * b / divisor without passing through more than 128 bits; b and divisor are not negative.
Evaluation Scale(Int128 a, Int128 b, Int128 divisor) {
  // The quotient and the rest of `a` are multiplied apart: a/d*b is exact, (a%d)*b stays small.
  const Int128 whole = a / divisor;
  const Int128 rest = a % divisor;
  if (b != 0 && Magnitude(whole) > kBound / b) return {{}, Failure::kOverflow};
  return Checked(whole * b + rest * b / divisor);
}

Evaluation Multiply(const Amount& a, const Amount& b) {
  const bool negative = (a.micro < 0) != (b.micro < 0);
  Evaluation product = Scale(Magnitude(a.micro), Magnitude(b.micro), kMillion);
  if (negative) product.amount.micro = -product.amount.micro;
  return product;
}

bool Less(const Amount& a, const Amount& b) {
  if (a.is_max || b.is_max) return !a.is_max && b.is_max;
  return a.micro < b.micro;
}

Evaluation Combine(Op op, const Amount& a, const Amount& b) {
  switch (op) {
    case Op::kMin:
      return {Less(b, a) ? b : a, Failure::kNone};
    case Op::kMax:
      return {Less(a, b) ? b : a, Failure::kNone};
    default:
      break;
  }
  if (a.is_max || b.is_max) return {Amount::Max(), Failure::kNone};
  if (op == Op::kAdd) return Checked(a.micro + b.micro);
  if (op == Op::kSubtract) return Checked(a.micro - b.micro);
  return Multiply(a, b);
}

Evaluation FromReference(std::optional<Amount> amount) {
  if (!amount) return {{}, Failure::kReference};
  return {*amount, Failure::kNone};
}

Int128 Millionths(const Expression& e) {
  return static_cast<Int128>(e.number) * kMillion + e.millionths;
}

}  // namespace

Evaluation Evaluate(const Expression& e, References* references, std::uint64_t core_unit) {
  switch (e.op) {
    case Op::kNumber:
      if (e.dimension == Dimension::kCores && core_unit != 1) {
        return Scale(Millionths(e), static_cast<Int128>(core_unit), 1);
      }
      return {{false, Millionths(e)}, Failure::kNone};
    case Op::kMaximum:
      return {Amount::Max(), Failure::kNone};
    case Op::kHost:
      return FromReference(references ? references->Host() : std::nullopt);
    case Op::kParent:
      return FromReference(references ? references->Parent() : std::nullopt);
    case Op::kKey:
      return FromReference(references ? references->Key(e.key) : std::nullopt);
    case Op::kPercentOf: {
      Evaluation of = Evaluate(e.operands.front(), references, core_unit);
      if (of.failure != Failure::kNone || of.amount.is_max) return of;
      return Scale(of.amount.micro, Millionths(e), kPercent);
    }
    case Op::kAdd:
    case Op::kSubtract:
    case Op::kMultiply:
    case Op::kMin:
    case Op::kMax:
      break;
  }
  Evaluation total = Evaluate(e.operands.front(), references, core_unit);
  for (std::size_t i = 1; i < e.operands.size() && total.failure == Failure::kNone; ++i) {
    const Evaluation next = Evaluate(e.operands[i], references, core_unit);
    if (next.failure != Failure::kNone) return next;
    total = Combine(e.op, total.amount, next.amount);
  }
  return total;
}

bool IsConstant(const Expression& e) {
  if (e.op == Op::kHost || e.op == Op::kParent || e.op == Op::kKey) return false;
  return std::all_of(e.operands.begin(), e.operands.end(), IsConstant);
}

Expression NumberExpression(Dimension dimension, std::uint64_t whole, std::uint32_t millionths) {
  Expression e;
  e.dimension = dimension;
  e.number = whole;
  e.millionths = millionths;
  return e;
}

}  // namespace reeve::policy
