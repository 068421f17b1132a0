// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/expression.h"
#include "core/policy/setting_parser_parts.h"

namespace reeve::policy {
namespace {

// Kernel bounds of a period, microseconds.
constexpr std::uint64_t kShortestPeriod = 1'000;
constexpr std::uint64_t kLongestPeriod = 1'000'000;
constexpr std::uint64_t kDefaultPeriod = 100'000;

struct Parts {
  Piece quota;
  std::optional<Piece> period;
  bool kernel_text = false;  // "250000 100000"
};

Piece PieceOf(const Scalar& value, std::string_view part) {
  return {value, part, static_cast<std::size_t>(part.data() - value.text.data())};
}

bool StartsWithDigit(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

bool IsDigits(std::string_view text) {
  return StartsWithDigit(text) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "QUOTA every PERIOD", "QUOTA PERIOD" in the kernel's numbers, or a quota alone.
Parts SplitParts(const Scalar& value) {
  const std::string_view text = value.text;
  constexpr std::string_view kEvery = " every";
  const std::size_t every = text.rfind(kEvery);
  if (every != std::string_view::npos) {
    const std::string_view period = text.substr(every + kEvery.size());
    if (period.empty() || period[0] == ' ' || StartsWithDigit(period)) {
      return {PieceOf(value, text.substr(0, every)), PieceOf(value, period), false};
    }
  }
  const std::string_view trimmed = Trim(text);
  const std::size_t blank = trimmed.find_first_of(" \t");
  if (blank != std::string_view::npos) {
    const std::string_view first = trimmed.substr(0, blank);
    const std::string_view second = Trim(trimmed.substr(blank));
    if (IsDigits(second) && (first == "max" || IsDigits(first))) {
      return {PieceOf(value, first), PieceOf(value, second), true};
    }
  }
  return {PieceOf(value, text), std::nullopt, false};
}

std::optional<std::uint64_t> ParsePeriod(const Piece& piece, Findings& findings) {
  Terms terms;
  terms.subject = "the period of cpu.max";
  terms.dimension = Dimension::kTime;
  terms.syntax = "1ms to 1s";
  const std::optional<Expression> e = ParseExpression(piece, terms, findings);
  if (!e) return std::nullopt;
  const std::string_view written = Trim(piece.text);
  const bool whole = e->op == Expression::Op::kNumber && e->millionths == 0;
  if (whole && e->number >= kShortestPeriod && e->number <= kLongestPeriod) return e->number;
  std::string hint;
  if (whole && e->dimension == Dimension::kPlain && e->number > 0 && e->number < kShortestPeriod) {
    hint = fmt::format("a number without unit counts microseconds; `{}ms`?", e->number);
  }
  findings.Error("R0205",
                 MarkIn(piece.value, piece.offset, piece.text.size()),
                 fmt::format("the period of cpu.max is 1ms to 1s, not {}", written),
                 std::move(hint));
  return std::nullopt;
}

// In microseconds of the period; sets `quota` to it.
bool JudgeQuota(const Parts& parts,
                std::uint64_t period,
                const Knob& knob,
                Expression& quota,
                Findings& findings) {
  const std::string_view written = Trim(parts.quota.text);
  const SourceMark mark = parts.period
                              ? MarkIn(parts.quota.value, parts.quota.offset, written.size())
                              : parts.quota.value.mark;
  if (quota.op == Expression::Op::kMaximum) {
    quota.dimension = Dimension::kPlain;
    return true;
  }
  if (quota.op != Expression::Op::kNumber) {
    if (!IsConstant(quota)) return true;
    findings.Error("R0205", mark, fmt::format("`{}` is below zero", written), "");
    return false;
  }
  const bool plain = quota.dimension == Dimension::kPlain;
  if (plain && quota.millionths != 0) {
    findings.Error("R0203",
                   mark,
                   fmt::format("`{}` has no unit", written),
                   fmt::format("write `{} cores`", written));
    return false;
  }
  const Int128 cores = static_cast<Int128>(quota.number) * kMillion + quota.millionths;
  const Int128 usec =
      plain ? static_cast<Int128>(quota.number) : cores * static_cast<Int128>(period) / kMillion;
  if (usec > static_cast<Int128>(knob.max)) {
    findings.Error("R0205",
                   mark,
                   fmt::format("`{}` is more than the kernel keeps for a quota", written),
                   "`max` means no limit");
    return false;
  }
  const auto number = static_cast<std::uint64_t>(usec);
  if (number >= knob.min) {
    quota = NumberExpression(Dimension::kPlain, number);
    return true;
  }
  if (plain) {
    std::string hint;
    if (number == 0) {
      hint = "`max` means no limit; the smallest quota is `0.01 cores`";
    } else if (!parts.kernel_text) {
      hint = fmt::format("write `{} core{}`", number, number == 1 ? "" : "s");
    }
    findings.Error(
        "R0205",
        mark,
        fmt::format(
            "`{}` counts microseconds here, the kernel takes {} and more", number, knob.min),
        std::move(hint));
    return false;
  }
  const std::uint64_t smallest = (knob.min * kMillion + period - 1) / period;
  std::string hint = fmt::format("at least `{}`", FormatCores(smallest));
  if (cores * static_cast<Int128>(kLongestPeriod) / kMillion >= static_cast<Int128>(knob.min)) {
    hint += fmt::format(", or a longer period: `{} every 1s`", written);
  }
  findings.Error("R0205",
                 mark,
                 fmt::format("`{}` every {} is a quota of {}, the kernel takes 1ms and more",
                             written,
                             FormatQuantity(Dimension::kTime, period),
                             FormatQuantity(Dimension::kTime, number)),
                 std::move(hint));
  return false;
}

}  // namespace

std::optional<CpuMaxExpression> ParseCpuMax(const Scalar& value,
                                            const Knob& knob,
                                            Findings& findings) {
  const Parts parts = SplitParts(value);
  Terms terms;
  terms.subject = knob.file;
  terms.dimension = Dimension::kCores;
  terms.host = HostAmountOf(knob);
  terms.max_allowed = true;
  terms.syntax = knob.syntax;
  std::optional<Expression> quota = ParseExpression(parts.quota, terms, findings);
  if (!quota) return std::nullopt;
  CpuMaxExpression cpu_max;
  cpu_max.period = kDefaultPeriod;
  if (parts.period) {
    const std::optional<std::uint64_t> period = ParsePeriod(*parts.period, findings);
    if (!period) return std::nullopt;
    cpu_max.period = *period;
  }
  if (!JudgeQuota(parts, cpu_max.period, knob, *quota, findings)) return std::nullopt;
  cpu_max.quota = std::move(*quota);
  return cpu_max;
}

}  // namespace reeve::policy
