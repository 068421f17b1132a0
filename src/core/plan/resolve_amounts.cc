// SPDX-License-Identifier: Apache-2.0
#include "core/plan/resolve_amounts.h"

#include <limits>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/quantity.h"

namespace reeve::plan {
namespace {

using policy::Amount;
using policy::Evaluation;
using policy::HostAmount;
using policy::Int128;
using policy::kMillion;

constexpr std::uint64_t kDefaultPeriod = 100'000;  // microseconds, the kernel's

const Expression* AmountOf(const Setting& setting) {
  if (const auto* e = std::get_if<Expression>(&setting.value)) return e;
  if (const auto* cpu = std::get_if<CpuMaxExpression>(&setting.value)) return &cpu->quota;
  return nullptr;
}

bool IsFolded(const Expression& e) {
  return e.op == Expression::Op::kNumber || e.op == Expression::Op::kMaximum;
}

// A quota of one period in microseconds of another.
Amount InPeriod(std::uint64_t quota, std::uint64_t of, std::uint64_t period) {
  const Int128 micro = static_cast<Int128>(quota) * kMillion;
  if (of == period || of == 0) return {false, micro};
  return {false, micro * static_cast<Int128>(period) / static_cast<Int128>(of)};
}

// A floor that the kernel takes, for people to copy from a hint.
std::string FloorFor(const Knob& knob, std::uint64_t period) {
  if (knob.kind == ValueKind::kCpuMax) {
    return policy::FormatCores((knob.min * kMillion + period - 1) / period);
  }
  if (knob.kind == ValueKind::kCpuTime) return "0us";
  return policy::HostAmountOf(knob) == HostAmount::kTasks ? "100" : "1GiB";
}

std::string FloorHint(const Setting& setting, std::uint64_t period) {
  // `every` belongs to the whole value, not into the parentheses.
  const std::string_view written = Trim(setting.written);
  const std::size_t every = written.find(" every");
  const std::string_view rest = every == std::string_view::npos ? "" : written.substr(every);
  return fmt::format("give it a floor, `max({}, {}){}`, or keep it off this host with `when:`",
                     FloorFor(*setting.knob, period),
                     written.substr(0, every),
                     rest);
}

}  // namespace

// What an expression of one setting asks for.
class Amounts::Asked : public policy::References {
 public:
  Asked(Amounts& amounts, int node, const Setting& setting, std::uint64_t period)
      : amounts_(amounts), node_(node), setting_(setting), period_(period) {}

  std::optional<Amount> Host() override {
    return amounts_.OfHost(*setting_.knob, setting_, period_);
  }

  std::optional<Amount> Parent() override {
    const int parent = amounts_.nodes_[static_cast<std::size_t>(node_)].parent;
    return amounts_.Nearest(parent, setting_.file, setting_, period_);
  }

  std::optional<Amount> Key(std::string_view key) override {
    return amounts_.Nearest(node_, key, setting_, period_);
  }

 private:
  Amounts& amounts_;
  int node_;
  const Setting& setting_;
  std::uint64_t period_;
};

std::optional<KnobValue> Amounts::Resolve(int node, const Setting& setting) {
  const std::optional<Number> number = NumberOf(node, setting);
  if (!number) return std::nullopt;
  switch (setting.knob->kind) {
    case ValueKind::kCpuMax:
      return KnobValue(CpuMax{number->limit, number->period});
    case ValueKind::kNice:
      return KnobValue(number->below_zero != 0 ? number->below_zero
                                               : static_cast<std::int64_t>(number->limit.value()));
    default:
      return KnobValue(number->limit);
  }
}

std::optional<Amounts::Number> Amounts::NumberOf(int node, const Setting& setting) {
  const Expression* e = AmountOf(setting);
  if (e == nullptr) return std::nullopt;
  if (IsFolded(*e)) return Compute(node, setting);
  const auto [place, fresh] = memory_.try_emplace(&setting);
  if (!fresh) {
    if (place->second.busy) {
      findings_.Error("R0314",
                      setting.mark,
                      fmt::format("{} is worked out from itself", setting.file),
                      "`of parent` takes the same key further up");
      place->second.busy = false;  // found once is enough
    }
    return place->second.number;
  }
  std::optional<Number> number = Compute(node, setting);
  Memory& remembered = memory_[&setting];  // the map may have grown
  // A circle was found on the way, so whatever came out is not this setting's value.
  if (!remembered.busy) return std::nullopt;
  remembered.busy = false;
  remembered.number = number;
  return number;
}

std::optional<Amounts::Number> Amounts::Compute(int node, const Setting& setting) {
  const Expression& e = *AmountOf(setting);
  const auto* cpu = std::get_if<CpuMaxExpression>(&setting.value);
  const bool time = setting.knob->kind == ValueKind::kCpuTime;
  const std::uint64_t period = cpu != nullptr ? cpu->period : time ? PeriodOf(node) : 0;
  if (IsFolded(e)) return Judge(setting, policy::Evaluate(e, nullptr), period);
  Asked asked(*this, node, setting, period);
  return Judge(setting, policy::Evaluate(e, &asked, period == 0 ? 1 : period), period);
}

std::optional<Amounts::Number> Amounts::Judge(const Setting& setting,
                                              const Evaluation& evaluation,
                                              std::uint64_t period) {
  if (evaluation.failure == Evaluation::Failure::kReference) return std::nullopt;
  if (evaluation.failure == Evaluation::Failure::kOverflow) {
    findings_.Error("R0312",
                    setting.mark,
                    fmt::format("`{}` is over 64 bits on this host", Trim(setting.written)),
                    "`max` means no limit");
    return std::nullopt;
  }
  Number number;
  number.period = period;
  const Amount& amount = evaluation.amount;
  if (amount.is_max) return number;
  if (setting.knob->kind == ValueKind::kNice) {
    // Judged when it was read; no host changes it.
    if (amount.negative()) number.below_zero = static_cast<std::int64_t>(amount.micro / kMillion);
    number.limit = Limit(amount.negative() ? 0 : amount.Floor());
    return number;
  }
  if (amount.negative()) {
    findings_.Error(
        "R0311",
        setting.mark,
        fmt::format(
            "`{}` is below zero on this host{}", Trim(setting.written), HostInWords(*setting.knob)),
        FloorHint(setting, period));
    return std::nullopt;
  }
  const bool percent = setting.knob->kind == ValueKind::kPercent;
  const auto value =
      percent ? static_cast<std::uint64_t>(amount.micro * 100 / kMillion) : amount.Floor();
  if (!JudgeRange(setting, value, period)) return std::nullopt;
  number.limit = Limit(value);
  return number;
}

bool Amounts::JudgeRange(const Setting& setting, std::uint64_t number, std::uint64_t period) {
  const Knob& knob = *setting.knob;
  if (number >= knob.min && number <= knob.max) return true;
  const std::string_view written = Trim(setting.written);
  if (knob.kind == ValueKind::kCpuMax && number < knob.min) {
    findings_.Error("R0313",
                    setting.mark,
                    fmt::format("`{}` is a quota of {} in {} on this host, the kernel takes {} and "
                                "more",
                                written,
                                policy::FormatQuantity(Dimension::kTime, number),
                                policy::FormatQuantity(Dimension::kTime, period),
                                policy::FormatQuantity(Dimension::kTime, knob.min)),
                    FloorHint(setting, period));
    return false;
  }
  findings_.Error("R0313",
                  setting.mark,
                  fmt::format("`{}` is {} on this host, {} takes {} to {}",
                              written,
                              number,
                              knob.file,
                              knob.min,
                              knob.max),
                  number > knob.max ? "`max` means no limit" : "");
  return false;
}

// The period that a burst of this cgroup counts in.
std::uint64_t Amounts::PeriodOf(int node) const {
  const Setting* quota = FindSetting(nodes_[static_cast<std::size_t>(node)], "cpu.max");
  if (quota == nullptr) return kDefaultPeriod;
  const auto* cpu = std::get_if<CpuMaxExpression>(&quota->value);
  return cpu == nullptr ? kDefaultPeriod : cpu->period;
}

const Setting* Amounts::FindSetting(const Node& node, std::string_view file) const {
  for (const MergedSettings* settings : {node.settings, node.below}) {
    if (settings == nullptr) continue;
    const auto found = settings->find(std::string(file));
    if (found != settings->end() && found->second.setting.knob != nullptr) {
      return &found->second.setting;
    }
  }
  return nullptr;
}

// The nearest finite value of a file from `start` up, at last what the host has.
std::optional<Amount> Amounts::Nearest(int start,
                                       std::string_view file,
                                       const Setting& asking,
                                       std::uint64_t period) {
  for (int at = start; at != Node::kNone; at = nodes_[static_cast<std::size_t>(at)].parent) {
    const Node& node = nodes_[static_cast<std::size_t>(at)];
    const Setting* setting = FindSetting(node, file);
    if (setting == nullptr) {
      const auto found = node.found == nullptr ? std::nullopt : In(*node.found, file, period);
      if (found) return found;
      continue;
    }
    const std::optional<Number> number = NumberOf(at, *setting);
    if (!number) return std::nullopt;
    if (!number->limit.is_max()) return InPeriod(number->limit.value(), number->period, period);
  }
  if (const auto above = In(facts_.limits_above, file, period)) return above;
  return OfHost(*FindKnob(file), asking, period);
}

std::optional<Amount> Amounts::In(const std::map<std::string, std::string>& limits,
                                  std::string_view file,
                                  std::uint64_t period) {
  const auto found = limits.find(std::string(file));
  if (found == limits.end()) return std::nullopt;
  const std::vector<std::string_view> words = SplitWords(found->second);
  const std::optional<std::uint64_t> number = words.empty() ? std::nullopt : ParseDecimal(words[0]);
  if (!number) return std::nullopt;
  const std::optional<std::uint64_t> of =
      words.size() == 2 ? ParseDecimal(words[1]) : std::optional<std::uint64_t>(0);
  return InPeriod(*number, of.value_or(0), period);
}

std::optional<Amount> Amounts::OfHost(const Knob& knob,
                                      const Setting& asking,
                                      std::uint64_t period) {
  std::uint64_t amount = 0;
  std::string_view what;
  switch (policy::HostAmountOf(knob)) {
    case HostAmount::kSwap:
      return Amount::Whole(facts_.swap);  // none at all is an answer
    case HostAmount::kMemory:
      amount = facts_.memory;
      what = "how much memory";
      break;
    case HostAmount::kTasks:
      amount = facts_.max_tasks;
      what = "how many tasks";
      break;
    case HostAmount::kCpus:
      amount = facts_.cpus;
      what = "how many CPUs";
      break;
    case HostAmount::kNone:
      what = "how much of it";
      break;
  }
  if (amount == 0) {
    findings_.Error("R0316",
                    asking.mark,
                    fmt::format("`{}`: {} this host has is not known", Trim(asking.written), what),
                    "`reevectl facts` shows what is known; write the amount itself");
    return std::nullopt;
  }
  if (policy::HostAmountOf(knob) != HostAmount::kCpus) return Amount::Whole(amount);
  const Int128 usec = static_cast<Int128>(amount) * static_cast<Int128>(period) * kMillion;
  return Amount{false, usec};
}

std::string Amounts::HostInWords(const Knob& knob) const {
  switch (policy::HostAmountOf(knob)) {
    case HostAmount::kMemory:
      return fmt::format(" ({})", policy::FormatQuantity(Dimension::kBytes, facts_.memory));
    case HostAmount::kSwap:
      return fmt::format(" ({} of swap)", policy::FormatQuantity(Dimension::kBytes, facts_.swap));
    case HostAmount::kTasks:
      return fmt::format(" ({} tasks)", facts_.max_tasks);
    case HostAmount::kCpus:
      return fmt::format(" ({})", policy::FormatCores(facts_.cpus * kMillion));
    case HostAmount::kNone:
      break;
  }
  return "";
}

}  // namespace reeve::plan
