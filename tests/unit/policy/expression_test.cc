// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expression.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "unit/policy/setting_parser_testing.h"

namespace reeve::policy {
namespace {

using Op = Expression::Op;
using Failure = Evaluation::Failure;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

Expression Tree(Op op, std::vector<Expression> operands) {
  Expression e;
  e.op = op;
  e.operands = std::move(operands);
  return e;
}

Expression Plain(std::uint64_t whole, std::uint32_t millionths = 0) {
  return NumberExpression(Dimension::kPlain, whole, millionths);
}

Expression Leaf(Op op) {
  return Tree(op, {});
}

class Answers : public References {
 public:
  std::optional<Amount> Host() override { return host; }

  std::optional<Amount> Parent() override { return parent; }

  std::optional<Amount> Key(std::string_view key) override {
    asked = key;
    return of_key;
  }

  std::optional<Amount> host = Amount::Whole(1000);
  std::optional<Amount> parent = Amount::Whole(100);
  std::optional<Amount> of_key = Amount::Whole(10);
  std::string asked;
};

TEST(Expression, PercentagesAreExactInMillionths) {
  Answers answers;
  Expression e = Tree(Op::kPercentOf, {Leaf(Op::kHost)});
  e.number = 12;
  e.millionths = 345'678;

  const Evaluation result = Evaluate(e, &answers);

  EXPECT_EQ(result.failure, Failure::kNone);
  EXPECT_EQ(static_cast<std::int64_t>(result.amount.micro), 123'456'780);
  EXPECT_EQ(result.amount.Floor(), 123U);
}

TEST(Expression, KeysAreAskedByName) {
  Answers answers;
  Expression key = Leaf(Op::kKey);
  key.key = "memory.max";

  const Evaluation result = Evaluate(Tree(Op::kAdd, {key, Leaf(Op::kParent)}), &answers);

  EXPECT_EQ(answers.asked, "memory.max");
  EXPECT_EQ(result.amount, Amount::Whole(110));
}

TEST(Expression, WithoutAnAnswerThereIsNoAmount) {
  Answers answers;
  answers.parent = std::nullopt;

  EXPECT_EQ(Evaluate(Tree(Op::kMin, {Plain(1), Leaf(Op::kParent)}), &answers).failure,
            Failure::kReference);
  EXPECT_EQ(Evaluate(Leaf(Op::kHost), nullptr).failure, Failure::kReference);
}

TEST(Expression, MaxIsAboveEveryNumber) {
  const Expression max = Leaf(Op::kMaximum);

  EXPECT_EQ(Evaluate(Tree(Op::kMin, {max, Plain(kMost)}), nullptr).amount, Amount::Whole(kMost));
  EXPECT_TRUE(Evaluate(Tree(Op::kMax, {Plain(kMost), max}), nullptr).amount.is_max);
}

TEST(Expression, TheWhole64BitsFit) {
  const Evaluation all = Evaluate(Tree(Op::kAdd, {Plain(kMost - 1), Plain(1)}), nullptr);

  EXPECT_EQ(all.failure, Failure::kNone);
  EXPECT_EQ(all.amount.Floor(), kMost);
}

TEST(Expression, F79_OverflowIsFoundAndNeverWraps) {
  const Expression most = Plain(kMost);

  EXPECT_EQ(Evaluate(Tree(Op::kAdd, {most, Plain(1)}), nullptr).failure, Failure::kOverflow);
  EXPECT_EQ(Evaluate(Tree(Op::kMultiply, {most, most}), nullptr).failure, Failure::kOverflow);
  EXPECT_EQ(Evaluate(Tree(Op::kMultiply, {most, Plain(1, 1)}), nullptr).failure,
            Failure::kOverflow);
  EXPECT_EQ(Evaluate(Tree(Op::kSubtract, {Plain(0), most, Plain(1)}), nullptr).failure,
            Failure::kOverflow);
  EXPECT_EQ(Evaluate(NumberExpression(Dimension::kCores, kMost), nullptr, 2).failure,
            Failure::kOverflow);
  Expression percent = Tree(Op::kPercentOf, {most});
  percent.number = 100;
  EXPECT_EQ(Evaluate(percent, nullptr).amount, Amount::Whole(kMost));
  percent.millionths = 1;
  EXPECT_EQ(Evaluate(percent, nullptr).failure, Failure::kOverflow);
}

TEST(Expression, BelowZeroIsKeptForTheCallerToJudge) {
  const Evaluation result = Evaluate(
      Tree(Op::kMultiply, {Tree(Op::kSubtract, {Plain(1), Plain(3)}), Plain(2, 500'000)}), nullptr);

  EXPECT_TRUE(result.amount.negative());
  EXPECT_EQ(static_cast<std::int64_t>(result.amount.micro), -5'000'000);
}

TEST(Expression, CoresCountInTheUnitOfTheirPeriod) {
  EXPECT_EQ(Evaluate(NumberExpression(Dimension::kCores, 2, 500'000), nullptr, 20'000).amount,
            Amount::Whole(50'000));
}

TEST(Expression, IsConstantOnlyWithoutReferences) {
  EXPECT_TRUE(IsConstant(Tree(Op::kAdd, {Plain(1), Tree(Op::kMin, {Plain(2)})})));
  EXPECT_FALSE(IsConstant(Tree(Op::kAdd, {Plain(1), Tree(Op::kMin, {Leaf(Op::kHost)})})));
}

// --- random expressions against a model that knows nothing of 128 bits ---

struct Model {
  long double value = 0;
  long double error = 0;  // how far cutting to millionths can have led away, and our own rounding
  bool wide = false;      // some intermediate result may be beyond 64 bits
};

Model Judged(long double value, long double error, bool wide) {
  error += std::fabs(value) * 1e-18L;
  return {value, error, wide || std::fabs(value) + error > 1.8e19L};
}

Model Combine(Op op, const Model& a, const Model& b) {
  const bool wide = a.wide || b.wide;
  const long double both = a.error + b.error;
  switch (op) {
    case Op::kAdd:
      return Judged(a.value + b.value, both, wide);
    case Op::kSubtract:
      return Judged(a.value - b.value, both, wide);
    case Op::kMultiply:
      return Judged(
          a.value * b.value,
          std::fabs(a.value) * b.error + std::fabs(b.value) * a.error + a.error * b.error + 1e-6L,
          wide);
    case Op::kMin:
      return Judged(std::min(a.value, b.value), both, wide);
    default:
      return Judged(std::max(a.value, b.value), both, wide);
  }
}

class RandomExpressions {
 public:
  explicit RandomExpressions(unsigned seed) : random_(seed) {}

  std::pair<Expression, Model> Make(int depth) {
    const int kind = depth == 0 ? Pick(3) : Pick(9);
    switch (kind) {
      case 0:
        return {Leaf(Op::kHost), {1e9L, 0, false}};
      case 1:
      case 2:
        return Number();
      case 3: {
        auto [of, m] = Make(depth - 1);
        Expression e = Tree(Op::kPercentOf, {std::move(of)});
        e.number = static_cast<std::uint64_t>(Pick(300));
        e.millionths = static_cast<std::uint32_t>(Pick(1'000'000));
        const long double share =
            (static_cast<long double>(e.number) + static_cast<long double>(e.millionths) / 1e6L) /
            100;
        m = Judged(m.value * share, m.error * share + 1e-6L, m.wide);
        return {std::move(e), m};
      }
      default: {
        constexpr Op kOps[] = {Op::kAdd, Op::kSubtract, Op::kMultiply, Op::kMin, Op::kMax};
        const Op op = kOps[kind - 4];
        auto [left, a] = Make(depth - 1);
        auto [right, b] = Make(depth - 1);
        return {Tree(op, {std::move(left), std::move(right)}), Combine(op, a, b)};
      }
    }
  }

 private:
  int Pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  std::pair<Expression, Model> Number() {
    // All sizes, not mostly the largest.
    const std::uint64_t bits = random_() >> Pick(64);
    const auto millionths = static_cast<std::uint32_t>(Pick(2) == 0 ? 0 : Pick(1'000'000));
    const long double value =
        static_cast<long double>(bits) + static_cast<long double>(millionths) / 1e6L;
    return {Plain(bits, millionths), Judged(value, 0, false)};
  }

  std::mt19937_64 random_;
};

TEST(Expression, RandomOnesAgreeWithANaiveModel) {
  RandomExpressions expressions(20'261'121);
  Answers answers;
  answers.host = Amount::Whole(1'000'000'000);
  int compared = 0;
  int overflows = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto [e, model] = expressions.Make(4);
    const Evaluation result = Evaluate(e, &answers);
    if (result.failure == Failure::kOverflow) {
      ++overflows;
      ASSERT_TRUE(model.wide) << ShowExpression(e);
      continue;
    }
    ASSERT_EQ(result.failure, Failure::kNone);
    const auto value = static_cast<long double>(result.amount.micro) / 1e6L;
    ASSERT_LE(std::fabs(value), 18446744073709551616.0L) << ShowExpression(e);
    if (model.wide) continue;
    ASSERT_LE(std::fabs(value - model.value), model.error + 1e-9L) << ShowExpression(e);
    ++compared;
  }
  EXPECT_GT(compared, 50'000);
  EXPECT_GT(overflows, 1000);
}

TEST(Expression, RandomTextsMeanWhatTheirTreesMean) {
  std::mt19937 random(7);
  const auto pick = [&](int below) {
    return std::uniform_int_distribution<int>(0, below - 1)(random);
  };
  Answers answers;
  answers.host = Amount::Whole(std::uint64_t{1} << 40);
  for (int i = 0; i < 20'000; ++i) {
    const int bytes = 1 + pick(1000);
    const int percent = pick(101);
    const int factor = 1 + pick(9);
    const std::string text =
        fmt::format("max({} * {}MiB + {}% of host, host - {}KiB)", factor, bytes, percent, bytes);
    Findings findings;
    const std::optional<Setting> setting = ParseSetting(MakeSetting("memory.max", text), findings);
    ASSERT_TRUE(setting.has_value()) << text;

    const Evaluation result = Evaluate(std::get<Expression>(setting->value), &answers);

    const std::uint64_t host = std::uint64_t{1} << 40;
    const std::uint64_t first =
        static_cast<std::uint64_t>(factor) * (static_cast<std::uint64_t>(bytes) << 20) +
        host / 100 * static_cast<std::uint64_t>(percent) +
        host % 100 * static_cast<std::uint64_t>(percent) / 100;
    const std::uint64_t second = host - (static_cast<std::uint64_t>(bytes) << 10);
    ASSERT_EQ(result.amount.Floor(), std::max(first, second)) << text;
  }
}

// Whatever is typed ends in a value or in one error, and never beyond 64 bits.
TEST(Expression, RandomTextsNeverEndInNeither) {
  std::mt19937 random(11);
  const auto pick = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  constexpr std::string_view kPieces[] = {
      "4",          "GiB",   "%",     " of ", "host", "parent",
      "memory.max", "+",     "-",     "*",    "min(", "max",
      "(",          ")",     ",",     " ",    "2.5",  "/s",
      "m",          "cores", "every", "0x1",  "1e9",  "\xC3\xA4",
      "1:2",        "_",     ".",     "/",    "G",    "99999999999999999999"};
  constexpr const char* kFiles[] = {
      "memory.max", "pids.max", "cpu.max", "cpu.weight", "cpu.max.burst", "cpu.uclamp.min"};
  int good = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (std::size_t n = 1 + pick(5); n > 0; --n) text += kPieces[pick(std::size(kPieces))];
    Findings findings;
    const std::optional<Setting> setting =
        ParseSetting(MakeSetting(kFiles[pick(std::size(kFiles))], text), findings);
    ASSERT_EQ(findings.error_count(), setting ? 0U : 1U) << text;
    if (!setting) {
      ASSERT_TRUE(findings.all()[0].mark.known()) << text;
      ASSERT_FALSE(findings.all()[0].message.empty()) << text;
    }
    good += setting ? 1 : 0;
  }
  EXPECT_GT(good, 1000);
}

}  // namespace
}  // namespace reeve::policy
