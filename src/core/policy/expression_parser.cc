// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expression_parser.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/expression.h"
#include "core/policy/expression_advice.h"
#include "core/policy/expression_combine.h"

namespace reeve::policy {
namespace {

using Op = Expression::Op;

constexpr int kMaxOperators = 64;
constexpr int kMaxLevels = 16;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

// Recursive descent over one value. Stops at the first error, because what follows one is rarely
// understood any better.
class Parser {
 public:
  Parser(const Piece& piece, const Terms& terms, Findings& findings)
      : value_(piece.value),
        text_(piece.text),
        offset_(piece.offset),
        terms_(terms),
        findings_(findings) {}

  std::optional<Expression> Run() {
    std::optional<Expression> e = Sum();
    if (!e) return std::nullopt;
    SkipSpaces();
    if (at_ == text_.size()) return e;
    return Leftover();
  }

 private:
  std::optional<Expression> Fail(std::string code,
                                 std::size_t begin,
                                 std::size_t length,
                                 std::string message,
                                 std::string hint) {
    findings_.Error(std::move(code),
                    MarkIn(value_, offset_ + begin, length),
                    std::move(message),
                    std::move(hint));
    return std::nullopt;
  }

  std::optional<Expression> Fail(std::size_t begin, std::size_t length, Advice advice) {
    return Fail(
        std::string(advice.code), begin, length, std::move(advice.message), std::move(advice.hint));
  }

  std::string Usage() const {
    return terms_.syntax.empty() ? std::string()
                                 : fmt::format("{} takes {}", terms_.subject, terms_.syntax);
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipSpaces() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }

  // A run of letters, digits, '_' and '.' from `at_`; does not move.
  std::string_view WordHere() const {
    std::size_t end = at_;
    while (end < text_.size() &&
           (IsLetter(text_[end]) || IsDigit(text_[end]) || text_[end] == '.')) {
      ++end;
    }
    return text_.substr(at_, end - at_);
  }

  std::optional<Expression> Leftover() {
    const char c = Peek();
    if (c == ')') return Fail("R0210", at_, 1, "`)` closes nothing", "");
    std::string_view word = WordHere();
    if (word.empty()) return Unexpected();
    return Fail("R0210",
                at_,
                word.size(),
                fmt::format("`{}` is left over", word),
                "amounts are combined with `+`, `-` and `*`");
  }

  std::optional<Expression> Unexpected() {
    const char c = Peek();
    if (c == '/') {
      return Fail("R0210", at_, 1, "there is no division", "write a share: `50% of host`");
    }
    if (c == '%') {
      return Fail("R0210", at_, 1, "`%` stands behind no number", Usage());
    }
    std::size_t end = at_ + 1;  // a whole character of UTF-8, so that messages stay valid text
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0U) == 0x80U) ++end;
    return Fail("R0201",
                at_,
                end - at_,
                fmt::format("`{}` cannot stand in an amount", text_.substr(at_, end - at_)),
                Usage());
  }

  std::optional<Expression> Sum() {
    std::optional<Expression> left = Product();
    while (left) {
      SkipSpaces();
      const char c = Peek();
      if (c != '+' && c != '-') break;
      left = Operator(std::move(*left), c == '+' ? Op::kAdd : Op::kSubtract);
    }
    return left;
  }

  std::optional<Expression> Product() {
    std::optional<Expression> left = Factor();
    while (left) {
      SkipSpaces();
      if (Peek() != '*') break;
      left = Operator(std::move(*left), Op::kMultiply);
    }
    return left;
  }

  std::optional<Expression> Operator(Expression left, Op op) {
    const std::size_t sign = at_++;
    if (++operators_ > kMaxOperators) {
      return Fail("R0210", sign, 1, "the expression is too long", "");
    }
    SkipSpaces();
    if (at_ == text_.size()) {
      return Fail("R0210", sign, 1, fmt::format("nothing stands behind `{}`", text_[sign]), "");
    }
    std::optional<Expression> right = op == Op::kMultiply ? Factor() : Product();
    if (!right) return std::nullopt;
    std::vector<Expression> operands;
    operands.reserve(2);
    operands.push_back(std::move(left));
    operands.push_back(std::move(*right));
    return Together(op, std::move(operands), sign, 1);
  }

  std::optional<Expression> Together(Op op,
                                     std::vector<Expression> operands,
                                     std::size_t begin,
                                     std::size_t length) {
    std::variant<Expression, Advice> combined = Combine(op, std::move(operands));
    if (auto* e = std::get_if<Expression>(&combined)) return std::move(*e);
    Advice& advice = std::get<Advice>(combined);
    if (advice.hint.empty()) advice.hint = MaxHint();
    return Fail(begin, length, std::move(advice));
  }

  std::string MaxHint() const { return terms_.max_allowed ? "`max` means no limit" : ""; }

  std::optional<Expression> Factor() {
    SkipSpaces();
    if (at_ == text_.size()) {
      return Fail("R0210", at_, 1, "an amount is missing at the end", Usage());
    }
    const char c = Peek();
    if (c == '(') return Parentheses();
    if (IsDigit(c) || (c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]))) {
      return Number();
    }
    if (IsLetter(c)) return Word();
    if (c == '-' || c == '+') return Sign();
    return Unexpected();
  }

  std::optional<Expression> Parentheses() {
    const std::size_t begin = at_++;
    if (++level_ > kMaxLevels) {
      return Fail("R0210", begin, 1, "parentheses are nested too deeply", "");
    }
    std::optional<Expression> e = Sum();
    if (!e) return std::nullopt;
    SkipSpaces();
    if (Peek() != ')') return Fail("R0210", begin, 1, "`(` is never closed", "");
    ++at_;
    --level_;
    return e;
  }

  std::optional<Expression> Sign() {
    const std::size_t begin = at_;
    const char sign = text_[at_++];
    const std::string_view word = WordHere();
    const std::string_view token = text_.substr(begin, word.size() + 1);
    if (sign == '+') {
      return Fail("R0208",
                  begin,
                  token.size(),
                  fmt::format("`{}` has a sign", token),
                  word.empty() ? std::string() : fmt::format("write `{}`", word));
    }
    std::string hint = MaxHint();
    if (hint.empty()) hint = "amounts are never below zero";
    return Fail(
        "R0208", begin, token.size(), fmt::format("`{}` is below zero", token), std::move(hint));
  }

  std::optional<Expression> Number() {
    const std::size_t begin = at_;
    const ScannedNumber number = ScanNumber(text_.substr(at_));
    const std::string_view word = text_.substr(begin, number.length);
    if (number.fault != NumberFault::kNone) {
      Advice advice = AdviseOnNumber(number.fault, word);
      if (advice.hint.empty()) advice.hint = MaxHint();
      return Fail(begin, word.size(), std::move(advice));
    }
    at_ += number.length;
    if (level_ == 0 && Peek() == ',' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1])) {
      return Comma(begin);
    }
    return Measured(begin, number);
  }

  std::optional<Expression> Comma(std::size_t begin) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (IsDigit(text_[end]) || text_[end] == ',')) ++end;
    std::string plain(text_.substr(begin, end - begin));
    const std::string message = fmt::format("`{}` has a comma", plain);
    std::replace(plain.begin(), plain.end(), ',', '.');
    const bool one = std::count(plain.begin(), plain.end(), '.') == 1;
    return Fail("R0208",
                begin,
                end - begin,
                message,
                one ? fmt::format("the decimal sign is a point: `{}`", plain)
                    : "write the number without separators");
  }

  // The unit, if there is one, and what the number comes to with it.
  std::optional<Expression> Measured(std::size_t begin, const ScannedNumber& number) {
    const std::size_t number_end = at_;
    SkipSpaces();
    if (Peek() == '%') return Percentage(begin, number);
    std::size_t unit_begin = at_;
    std::string_view unit_word;
    if (IsLetter(Peek())) unit_word = WordHere();
    if (unit_word == "of") {
      return Fail("R0201",
                  begin,
                  number_end - begin,
                  fmt::format("`{}` is no share", text_.substr(begin, number_end - begin)),
                  fmt::format("write `{}% of ...`", text_.substr(begin, number_end - begin)));
    }
    at_ = unit_word.empty() ? number_end : unit_begin + unit_word.size();
    const bool rate = Peek() == '/' && at_ + 1 < text_.size() && IsLetter(text_[at_ + 1]);
    std::string_view per;
    if (rate) {
      ++at_;
      per = WordHere();
      at_ += per.size();
    }
    const UnitUse use{text_.substr(begin, number_end - begin), unit_word, per};
    const Unit* unit = unit_word.empty() ? nullptr : FindUnit(unit_word);
    Dimension dimension = unit == nullptr ? Dimension::kPlain : unit->dimension;
    if (per == "s") {
      if (dimension == Dimension::kBytes)
        dimension = Dimension::kBytesPerSec;
      else if (unit_word.empty())
        dimension = Dimension::kOpsPerSec;
      else
        unit = nullptr;
    }
    const bool known = (unit_word.empty() || unit != nullptr) && (per.empty() || per == "s");
    if (!known || (dimension != Dimension::kPlain && dimension != terms_.dimension)) {
      return Fail(begin, at_ - begin, AdviseOnUnit(use, terms_));
    }
    const Int128 micro = (static_cast<Int128>(number.whole) * kMillion + number.millionths) *
                         static_cast<Int128>(unit == nullptr ? 1 : unit->factor);
    if (micro / kMillion > static_cast<Int128>(~std::uint64_t{0})) {
      const std::string_view token = text_.substr(begin, at_ - begin);
      return Fail(
          "R0206", begin, token.size(), fmt::format("`{}` is over 64 bits", token), MaxHint());
    }
    return NumberExpression(dimension,
                            static_cast<std::uint64_t>(micro / kMillion),
                            static_cast<std::uint32_t>(micro % kMillion));
  }

  std::optional<Expression> Percentage(std::size_t begin, const ScannedNumber& number) {
    ++at_;
    const std::size_t length = at_ - begin;
    const std::string_view number_text = text_.substr(begin, number.length);
    if (terms_.percent) return NumberExpression(Dimension::kPlain, number.whole, number.millionths);
    if (terms_.host == HostAmount::kNone) {
      return Fail(begin, length, AdviseOnPercentage(number_text, terms_));
    }
    SkipSpaces();
    std::string_view of = WordHere();
    if (of == "of") {
      at_ += of.size();
      SkipSpaces();
      of = WordHere();
      if (!of.empty()) {
        std::optional<Expression> whole = Reference(of);
        if (!whole) return std::nullopt;
        Expression e = NumberExpression(whole->dimension, number.whole, number.millionths);
        e.op = Op::kPercentOf;
        e.operands.push_back(std::move(*whole));
        return e;
      }
    }
    return Fail(begin, length, AdviseOnPercentage(number_text, terms_));
  }

  std::optional<Expression> Word() {
    const std::string_view word = WordHere();
    const std::size_t begin = at_;
    if (word == "min" || word == "max") {
      at_ += word.size();
      SkipSpaces();
      if (Peek() == '(') return Function(begin, word == "min" ? Op::kMin : Op::kMax);
      if (word == "min") {
        return Fail("R0210", begin, 3, "`min` wants amounts", "write min(4GiB, 10% of host)");
      }
      if (terms_.max_allowed) {
        Expression e = NumberExpression(terms_.dimension, 0);
        e.op = Op::kMaximum;
        return e;
      }
      return Fail("R0219",
                  begin,
                  3,
                  fmt::format("{} has no `max`", terms_.subject),
                  fmt::format("it takes {} to {}", terms_.min, terms_.max));
    }
    if (word == "host" || word == "parent" || word.find('.') != std::string_view::npos) {
      return Reference(word);
    }
    return Fail(begin, word.size(), AdviseOnWord(word, terms_));
  }

  std::optional<Expression> Function(std::size_t begin, Op op) {
    ++at_;
    if (++level_ > kMaxLevels) {
      return Fail("R0210", begin, 3, "parentheses are nested too deeply", "");
    }
    std::vector<Expression> operands;
    for (;;) {
      if (++operators_ > kMaxOperators) {
        return Fail("R0210", begin, 3, "the expression is too long", "");
      }
      std::optional<Expression> argument = Sum();
      if (!argument) return std::nullopt;
      operands.push_back(std::move(*argument));
      SkipSpaces();
      const char c = Peek();
      if (c == ')') break;
      if (c != ',') {
        return Fail("R0210",
                    begin,
                    3,
                    fmt::format("`{}(` is never closed", op == Op::kMin ? "min" : "max"),
                    "");
      }
      ++at_;
    }
    ++at_;
    --level_;
    return Together(op, std::move(operands), begin, 3);
  }

  // `host`, `parent` or a KEY at `at_`.
  std::optional<Expression> Reference(std::string_view word) {
    const std::size_t begin = at_;
    at_ += word.size();
    if (std::optional<Advice> wrong = AdviseOnReference(word, terms_)) {
      return Fail(begin, word.size(), std::move(*wrong));
    }
    Expression e = NumberExpression(terms_.dimension, 0);
    if (word == "host") {
      e.op = Op::kHost;
    } else if (word == "parent") {
      e.op = Op::kParent;
    } else {
      e.op = Op::kKey;
      e.key = word;
    }
    return e;
  }

  const Scalar& value_;
  std::string_view text_;
  std::size_t offset_;
  const Terms& terms_;
  Findings& findings_;
  std::size_t at_ = 0;
  int operators_ = 0;
  int level_ = 0;
};

}  // namespace

SourceMark MarkIn(const Scalar& value, std::size_t offset, std::size_t length) {
  SourceMark mark = value.mark;
  const std::size_t quote = value.quoted ? 1 : 0;
  if (value.text.empty() || mark.length != value.text.size() + 2 * quote) return mark;
  offset = std::min(offset, value.text.size() - 1);
  length = std::clamp<std::size_t>(length, 1, value.text.size() - offset);
  mark.column += static_cast<std::uint32_t>(quote + offset);
  mark.length = static_cast<std::uint32_t>(length);
  return mark;
}

std::optional<Expression> ParseExpression(const Piece& piece,
                                          const Terms& terms,
                                          Findings& findings) {
  return Parser(piece, terms, findings).Run();
}

}  // namespace reeve::policy
