// SPDX-License-Identifier: Apache-2.0
#include "core/plan/explain.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/format/knob_text.h"

namespace reeve::plan {
namespace {

// Below this a hit is noise: a period cut short once a minute slows nobody down.
constexpr double kThrottled = 0.01;
constexpr std::uint64_t kStalled = 100;  // hundredths of a percent
// Counters of a shorter time say little; those since the cgroup was made say more.
constexpr double kShortest = 60;

const DesiredCgroup* FindIn(const Desired* desired, const CgroupPath& path) {
  if (desired == nullptr) return nullptr;
  const auto found = desired->cgroups.find(path);
  return found == desired->cgroups.end() ? nullptr : &found->second;
}

// Growth since the look before; the whole counter without one.
std::uint64_t Grown(std::uint64_t now, std::optional<std::uint64_t> before) {
  return before && *before <= now ? now - *before : now;
}

class Explainer {
 public:
  explicit Explainer(ExplainInput input) : input_(std::move(input)) {}

  Explanation Run() && {
    Describe();
    out_.there = !input_.way.empty();
    out_.ours = input_.ours;
    if (out_.there) {
      const Step& own = input_.way.front();
      out_.tasks = own.usage.pids_current;
      out_.span = own.before && own.seconds >= kShortest ? own.seconds : 0;
      Bind();
      Weigh();
      Judge();
    }
    if (!input_.key.empty()) ExplainKey();
    out_.way = std::move(input_.way);
    return std::move(out_);
  }

 private:
  void Describe() {
    out_.path = input_.path;
    out_.judged = input_.desired != nullptr;
    const DesiredCgroup* desired = FindIn(input_.desired, input_.path);
    if (desired == nullptr && input_.desired != nullptr) {
      const auto observed = input_.desired->observed_only.find(input_.path);
      if (observed != input_.desired->observed_only.end()) {
        desired = &observed->second;
        out_.observed_only = true;
      }
    }
    out_.described = desired != nullptr;
    if (desired == nullptr) return;
    out_.mark = desired->mark;
    out_.template_name = desired->template_name;
    out_.labels = desired->labels;
    const auto& cgroups =
        out_.observed_only ? input_.desired->observed_only : input_.desired->cgroups;
    // Without words of its own it has those of the nearest above.
    for (CgroupPath path = input_.path; !path.is_root(); path = path.Parent()) {
      const auto found = cgroups.find(path);
      if (found == cgroups.end()) continue;
      if (out_.owner.empty()) out_.owner = found->second.owner;
      if (out_.why.empty()) out_.why = found->second.why;
      if (!out_.row.known()) out_.row = found->second.row;
      const auto& expires = found->second.expires;
      if (expires && (!out_.expires || expires->at < out_.expires->at)) out_.expires = expires;
    }
  }

  // Where a policy sets the file for a step; unknown when none does.
  SourceMark MarkOf(const Step& step, std::string_view file) const {
    const DesiredCgroup* desired = step.above_root ? nullptr : FindIn(input_.desired, step.path);
    if (desired == nullptr) return {};
    const auto knob = desired->knobs.find(std::string(file));
    return knob == desired->knobs.end() ? SourceMark() : knob->second.mark;
  }

  // Gives the binding the place in a policy, if there is one, and whether the kernel holds what is said there.
  void SetMark(std::string_view file, const KnobValue& in_force, Binding& binding) const {
    const Step& step = input_.way[binding.step.value_or(0)];
    const DesiredCgroup* desired = step.above_root ? nullptr : FindIn(input_.desired, step.path);
    if (desired == nullptr) return;
    const auto knob = desired->knobs.find(std::string(file));
    if (knob == desired->knobs.end()) return;
    binding.mark = knob->second.mark;
    binding.drifted =
        knob->second.knob != nullptr &&
        !format::SameValue(*knob->second.knob, knob->second.value, in_force, input_.page_size);
  }

  const CgroupUsage* BeforeOf(const Step& step) const {
    return out_.span > 0 && step.before && step.before->id == step.usage.id ? &*step.before
                                                                            : nullptr;
  }

  // --- what is in force --------------------------------------------------------------------------

  void Bind() {
    out_.bindings.push_back(BindCpu());
    if (const auto share = BindShare()) out_.bindings.push_back(*share);
    out_.bindings.push_back(
        BindLimit(Binding::Kind::kMemoryCeiling, "memory.max", [](const CgroupUsage& usage) {
          return usage.limits.memory_max;
        }));
    out_.bindings.push_back(
        BindLimit(Binding::Kind::kMemoryBrake, "memory.high", [](const CgroupUsage& usage) {
          return usage.limits.memory_high;
        }));
    out_.bindings.push_back(
        BindLimit(Binding::Kind::kSwap, "memory.swap.max", [](const CgroupUsage& usage) {
          return usage.limits.swap_max;
        }));
    out_.bindings.push_back(
        BindLimit(Binding::Kind::kProcesses, "pids.max", [](const CgroupUsage& usage) {
          return usage.limits.pids_max;
        }));
    BindDisks();
  }

  Binding BindCpu() {
    Binding binding;
    binding.kind = Binding::Kind::kCpuCeiling;
    for (std::size_t i = 0; i < input_.way.size(); ++i) {
      const auto& max = input_.way[i].usage.limits.cpu_max;
      if (!max || max->quota.is_max() || max->period == 0) continue;
      const auto cores = [](const CpuMax& value) {
        return static_cast<double>(value.quota.value()) / static_cast<double>(value.period);
      };
      if (binding.cpu && cores(*binding.cpu) <= cores(*max)) continue;
      binding.cpu = *max;
      binding.step = i;
    }
    const std::size_t at = binding.step.value_or(0);
    const Step& step = input_.way[at];
    SetMark("cpu.max", step.usage.limits.cpu_max.value_or(CpuMax()), binding);
    binding.now = CoresOf(step);
    if (!binding.step || !step.usage.cpu) return binding;
    const CgroupUsage* before = BeforeOf(step);
    const auto then = [&](auto member) {
      return before != nullptr && before->cpu ? (*before->cpu).*member : std::nullopt;
    };
    const CpuStat& cpu = *step.usage.cpu;
    if (cpu.nr_throttled) {
      binding.hit = Grown(*cpu.nr_throttled, then(&CpuStat::nr_throttled));
    }
    if (cpu.nr_periods) binding.of = Grown(*cpu.nr_periods, then(&CpuStat::nr_periods));
    return binding;
  }

  static std::optional<double> CoresOf(const Step& step) {
    if (!step.before || !step.before->cpu || !step.usage.cpu || step.seconds <= 0 ||
        step.before->id != step.usage.id ||
        step.usage.cpu->usage_usec < step.before->cpu->usage_usec) {
      return std::nullopt;
    }
    return static_cast<double>(step.usage.cpu->usage_usec - step.before->cpu->usage_usec) /
           (step.seconds * 1e6);
  }

  // What is left of the CPUs when everybody wants them: the product of the shares on the way down.
  std::optional<Binding> BindShare() {
    Binding binding;
    binding.kind = Binding::Kind::kCpuShare;
    double smallest = 2;
    for (std::size_t i = 0; i < input_.way.size(); ++i) {
      const Step& step = input_.way[i];
      if (!step.cpu_weight || step.cpu_weights == 0) continue;
      const double share =
          static_cast<double>(*step.cpu_weight) / static_cast<double>(step.cpu_weights);
      binding.share = binding.share.value_or(1.0) * share;
      if (share >= smallest) continue;
      smallest = share;
      binding.step = i;
    }
    if (!binding.step) return std::nullopt;
    SetMark("cpu.weight", Limit(*input_.way[*binding.step].cpu_weight), binding);
    binding.now = CoresOf(input_.way.front());
    return binding;
  }

  template <typename LimitOf>
  Binding BindLimit(Binding::Kind kind, std::string_view file, const LimitOf& limit_of) {
    Binding binding;
    binding.kind = kind;
    for (std::size_t i = 0; i < input_.way.size(); ++i) {
      const std::optional<Limit> limit = limit_of(input_.way[i].usage);
      if (!limit || limit->is_max()) continue;
      if (binding.limit && binding.limit->value() <= limit->value()) continue;
      binding.limit = *limit;
      binding.step = i;
    }
    const Step& step = input_.way[binding.step.value_or(0)];
    const CgroupUsage& usage = step.usage;
    SetMark(file, limit_of(usage).value_or(Limit::Max()), binding);
    const auto number = [](const std::optional<std::uint64_t>& value) {
      return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
    };
    binding.now = kind == Binding::Kind::kProcesses ? number(usage.pids_current)
                  : kind == Binding::Kind::kSwap    ? number(usage.swap_current)
                                                    : number(usage.memory_current);
    if (binding.step) binding.hit = HitsOf(kind, usage, BeforeOf(step));
    return binding;
  }

  static std::optional<std::uint64_t> HitsOf(Binding::Kind kind,
                                             const CgroupUsage& usage,
                                             const CgroupUsage* before) {
    const auto grown = [&](auto events, auto member) -> std::optional<std::uint64_t> {
      if (!(usage.*events)) return std::nullopt;
      const bool known = before != nullptr && (before->*events).has_value();
      const std::optional<std::uint64_t> then =
          known ? std::optional<std::uint64_t>((*(before->*events)).*member) : std::nullopt;
      return Grown((*(usage.*events)).*member, then);
    };
    switch (kind) {
      case Binding::Kind::kMemoryCeiling:
        return grown(&CgroupUsage::memory_events, &MemoryEvents::max);
      case Binding::Kind::kMemoryBrake:
        return grown(&CgroupUsage::memory_events, &MemoryEvents::high);
      case Binding::Kind::kSwap:
        return grown(&CgroupUsage::swap_events, &SwapEvents::max);
      case Binding::Kind::kProcesses:
        return grown(&CgroupUsage::pids_events, &PidsEvents::max);
      default:
        return std::nullopt;
    }
  }

  void BindDisks() {
    std::map<std::pair<std::string, std::string>, Binding> tightest;
    for (std::size_t i = 0; i < input_.way.size(); ++i) {
      for (const auto& [device, row] : input_.way[i].usage.limits.io_max.rows) {
        for (const auto& [column, limit] : row) {
          if (limit.is_max()) continue;
          Binding& binding = tightest[{device, column}];
          if (binding.limit && binding.limit->value() <= limit.value()) continue;
          binding.kind = Binding::Kind::kDisk;
          binding.device = device;
          binding.column = column;
          binding.limit = limit;
          binding.step = i;
          SetMark("io.max", input_.way[i].usage.limits.io_max, binding);
        }
      }
    }
    for (auto& entry : tightest) {
      Binding& binding = entry.second;
      binding.now = RateOf(input_.way[*binding.step], binding.device, binding.column);
      out_.bindings.push_back(std::move(binding));
    }
    if (!tightest.empty()) return;
    Binding none;
    none.kind = Binding::Kind::kDisk;
    out_.bindings.push_back(none);
  }

  static std::optional<double> RateOf(const Step& step,
                                      const std::string& device,
                                      const std::string& column) {
    if (!step.before || step.seconds <= 0 || step.before->id != step.usage.id) return std::nullopt;
    const auto now = step.usage.io.find(device);
    if (now == step.usage.io.end()) return std::nullopt;
    const auto then = step.before->io.find(device);
    const DeviceIo before = then == step.before->io.end() ? DeviceIo() : then->second;
    const auto member = column == "rbps"    ? &DeviceIo::rbytes
                        : column == "wbps"  ? &DeviceIo::wbytes
                        : column == "riops" ? &DeviceIo::rios
                                            : &DeviceIo::wios;
    if (now->second.*member < before.*member) return std::nullopt;
    return static_cast<double>(now->second.*member - before.*member) / step.seconds;
  }

  // --- evidence ----------------------------------------------------------------------------------

  void Weigh() {
    RecentEvidence& evidence = out_.evidence;
    const CgroupUsage& own = input_.way.front().usage;
    const auto stalled = [](const std::optional<Pressure>& pressure) {
      return pressure ? std::optional<std::uint64_t>(pressure->some.avg10) : std::nullopt;
    };
    evidence.cpu_stalled = stalled(own.cpu_pressure);
    evidence.memory_stalled = stalled(own.memory_pressure);
    evidence.io_stalled = stalled(own.io_pressure);
    for (std::size_t i = 0; i < input_.way.size(); ++i) {
      const Step& step = input_.way[i];
      if (!step.before || step.before->id != step.usage.id) continue;
      WeighCpu(i, step);
      WeighMemory(i, step);
      if (step.usage.pids_events && step.before->pids_events) {
        const std::uint64_t failed =
            Grown(step.usage.pids_events->max, step.before->pids_events->max);
        if (failed > evidence.forks_failed) {
          evidence.forks_failed = failed;
          evidence.forks_step = i;
        }
      }
    }
  }

  void WeighCpu(std::size_t i, const Step& step) {
    if (!step.usage.cpu || !step.before->cpu) return;
    const CpuStat& now = *step.usage.cpu;
    const CpuStat& then = *step.before->cpu;
    if (!now.nr_periods || !now.nr_throttled) return;
    const std::uint64_t periods = Grown(*now.nr_periods, then.nr_periods);
    const double share = periods == 0
                             ? 0
                             : static_cast<double>(Grown(*now.nr_throttled, then.nr_throttled)) /
                                   static_cast<double>(periods);
    RecentEvidence& evidence = out_.evidence;
    if (evidence.throttled && *evidence.throttled >= share) return;
    evidence.throttled = share;
    evidence.throttled_step = i;
  }

  void WeighMemory(std::size_t i, const Step& step) {
    if (!step.usage.memory_events || !step.before->memory_events) return;
    const MemoryEvents& now = *step.usage.memory_events;
    const MemoryEvents& then = *step.before->memory_events;
    RecentEvidence& evidence = out_.evidence;
    if (i == 0) evidence.oom_kills = Grown(now.oom_kill, then.oom_kill);
    const LimitsInForce& limits = step.usage.limits;
    const auto finite = [](const std::optional<Limit>& limit) { return limit && !limit->is_max(); };
    if (!finite(limits.memory_high) && !finite(limits.memory_max)) return;
    const std::uint64_t hits = Grown(now.high, then.high) + Grown(now.max, then.max);
    if (hits <= evidence.memory_hits) return;
    evidence.memory_hits = hits;
    evidence.memory_step = i;
  }

  bool SeenAnything() const {
    const RecentEvidence& evidence = out_.evidence;
    return evidence.throttled || evidence.cpu_stalled || evidence.memory_stalled ||
           evidence.io_stalled;
  }

  // Whose doing it is that a step holds back. A value that somebody wrote over a policy's counts as the
  // policy's: reeve is about to put its own back.
  Verdict WhoseAt(std::size_t at, std::initializer_list<std::string_view> files) const {
    const Step& step = input_.way[at];
    const bool set = std::any_of(files.begin(), files.end(), [&](std::string_view file) {
      return MarkOf(step, file).known();
    });
    if (set) return Verdict::kYes;
    return step.above_root || out_.judged ? Verdict::kNotOurs : Verdict::kUndecided;
  }

  // What reeve does is said before what it does not: it is what the question is about.
  void Blame(Verdict whose, std::string words) {
    const bool first = out_.because.empty();
    const bool before = whose == Verdict::kYes && out_.verdict != Verdict::kYes;
    if (before) {
      out_.because = words + (first ? "" : "; " + out_.because);
    } else {
      out_.because += (first ? "" : "; ") + words;
    }
    if (before || first || (whose == Verdict::kUndecided && out_.verdict == Verdict::kNotOurs)) {
      out_.verdict = whose;
    }
  }

  void Judge() {
    const RecentEvidence& evidence = out_.evidence;
    out_.verdict = SeenAnything() ? Verdict::kNo : Verdict::kUnknown;
    const auto name = [&](std::size_t step) { return input_.way[step].name; };
    if (evidence.throttled.value_or(0) >= kThrottled) {
      Blame(WhoseAt(evidence.throttled_step, {"cpu.max"}),
            fmt::format("cpu.max of {} stops it in {:.0f} % of its periods",
                        name(evidence.throttled_step),
                        *evidence.throttled * 100));
    }
    if (evidence.memory_hits > 0 && evidence.memory_stalled.value_or(kStalled) >= kStalled) {
      const Step& step = input_.way[evidence.memory_step];
      const bool brake = step.usage.limits.memory_high && !step.usage.limits.memory_high->is_max();
      Blame(
          WhoseAt(evidence.memory_step, {"memory.high", "memory.max"}),
          fmt::format(
              "it waits for memory at {} of {}", brake ? "memory.high" : "memory.max", step.name));
    }
    if (evidence.forks_failed > 0) {
      Blame(WhoseAt(evidence.forks_step, {"pids.max"}),
            fmt::format("new tasks are refused at pids.max of {}", name(evidence.forks_step)));
    }
    for (const Binding& binding : out_.bindings) {
      // Half of a rate's second may be idle, so near is at it.
      if (binding.kind != Binding::Kind::kDisk || !binding.limit || !binding.now) continue;
      if (*binding.now < 0.9 * static_cast<double>(binding.limit->value())) continue;
      if (evidence.io_stalled.value_or(kStalled) < kStalled) continue;
      Blame(WhoseAt(*binding.step, {"io.max"}),
            fmt::format("{} of {} on {} is used up",
                        binding.column,
                        name(*binding.step) + " io.max",
                        binding.device));
    }
  }

  // --- a key -------------------------------------------------------------------------------------

  void ExplainKey() {
    KeyExplanation key;
    key.file = input_.key;
    key.knob = FindKnob(input_.key);
    key.history = std::move(input_.history);
    const DesiredCgroup* desired = FindIn(input_.desired, input_.path);
    if (desired != nullptr) {
      const auto knob = desired->knobs.find(key.file);
      if (knob != desired->knobs.end()) key.desired = knob->second;
    }
    if (input_.desired != nullptr) {
      for (const Gap& gap : input_.desired->gaps) {
        if (gap.path == input_.path && gap.file == key.file) key.gap = gap;
      }
    }
    if (!input_.way.empty()) {
      const auto& files = input_.way.front().files;
      const auto text = files.find(key.file);
      if (text != files.end()) key.kernel_text = text->second;
    }
    if (key.desired && key.kernel_text) key.verified = Verified(*key.desired, *key.kernel_text);
    if (key.knob != nullptr) LookAbove(key);
    out_.key = std::move(key);
  }

  bool Verified(const DesiredKnob& desired, const std::string& text) const {
    if (desired.knob == nullptr) return std::get<std::string>(desired.value) == text;
    const auto value = format::ParseKnob(*desired.knob, text);
    return value.has_value() &&
           format::SameValue(*desired.knob, desired.value, *value, input_.page_size);
  }

  // For a limit of one number: how tight it is; more is looser.
  static std::optional<double> Looseness(const Knob& knob, const std::string& text) {
    if (knob.direction != Direction::kLargerLooser) return std::nullopt;
    const auto value = format::ParseKnob(knob, text);
    if (!value.has_value()) return std::nullopt;
    constexpr double kNone = 1e300;
    if (const auto* limit = std::get_if<Limit>(&*value)) {
      return limit->is_max() ? kNone : static_cast<double>(limit->value());
    }
    const auto* cpu = std::get_if<CpuMax>(&*value);
    if (cpu == nullptr || cpu->period == 0) return std::nullopt;
    return cpu->quota.is_max()
               ? kNone
               : static_cast<double>(cpu->quota.value()) / static_cast<double>(cpu->period);
  }

  void LookAbove(KeyExplanation& key) const {
    if (key.knob->direction != Direction::kLargerLooser || !key.kernel_text) return;
    const auto own = Looseness(*key.knob, *key.kernel_text);
    if (!own) return;
    for (std::size_t i = 1; i < input_.way.size(); ++i) {
      const auto text = input_.way[i].files.find(key.file);
      if (text == input_.way[i].files.end()) continue;
      const auto loose = Looseness(*key.knob, text->second);
      if (loose) key.above.push_back({i, text->second, *loose < *own});
    }
  }

  ExplainInput input_;
  Explanation out_;
};

}  // namespace

Explanation Explain(ExplainInput input) {
  return Explainer(std::move(input)).Run();
}

}  // namespace reeve::plan
