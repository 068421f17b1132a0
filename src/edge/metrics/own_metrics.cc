// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/own_metrics.h"

#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "core/base/error.h"
#include "edge/metrics/registry_families.h"

namespace reeve::metrics {
namespace {

using prometheus::Counter;
using prometheus::Labels;
using CounterFamily = prometheus::Family<Counter>;

// Seconds. Few: each is a series. From one write to a large tree, and to a reclaim that blocks.
constexpr std::array<double, 6> kWorkSeconds = {0.001, 0.01, 0.1, 1, 10, 60};
// From not noticed to the watchdog's patience.
constexpr std::array<double, 5> kLagSeconds = {0.001, 0.01, 0.1, 1, 10};

double Seconds(Usec duration) {
  return std::chrono::duration<double>(duration).count();
}

CounterFamily& CountersOf(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Counter& CounterOf(prometheus::Registry& registry, const char* name, const char* help) {
  return CountersOf(registry, name, help).Add({});
}

prometheus::Histogram& HistogramOf(prometheus::Registry& registry,
                                   const char* name,
                                   const char* help,
                                   std::span<const double> bounds) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(
      {}, prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end()));
}

// A counter for each controller, from the start: a rate needs the 0 before the first event.
class ByController {
 public:
  ByController(prometheus::Registry& registry, const char* name, const char* help) {
    CounterFamily& family = CountersOf(registry, name, help);
    for (int i = 0; i < kControllerCount; ++i) {
      const auto controller = static_cast<Controller>(i);
      counters_.at(static_cast<std::size_t>(i)) =
          &family.Add({{"controller", std::string(ControllerName(controller))}});
    }
  }

  void Increment(Controller controller) {
    counters_.at(static_cast<std::size_t>(controller))->Increment();
  }

 private:
  std::array<Counter*, kControllerCount> counters_{};
};

class BySource {
 public:
  BySource(prometheus::Registry& registry, const char* name, const char* help) {
    CounterFamily& family = CountersOf(registry, name, help);
    constexpr std::array<const char*, 3> kNames = {"proc", "inotify", "fanotify"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      counters_.at(i) = &family.Add({{"source", kNames.at(i)}});
    }
  }

  void Increment(EventSource source) {
    counters_.at(static_cast<std::size_t>(source))->Increment();
  }

 private:
  std::array<Counter*, 3> counters_{};
};

// Of a closed set, so that the number of series is one.
std::string ErrnoLabel(const std::optional<Error>& error) {
  if (!error || error->errno_value == 0) return "none";
  const std::string name = ErrnoName(error->errno_value);
  return name.starts_with('E') ? name : "other";
}

// Values of the moment as families: made anew for each scrape, so that what is gone has no series.
class HealthFamilies final : public prometheus::Collectable {
 public:
  explicit HealthFamilies(const Health& health) : health_(health) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    const Health& h = health_;
    std::vector<prometheus::MetricFamily> all = {
        Gauge("reeve_as_described",
              "1 while everything is as the policies describe.",
              h.as_described),
        Gauge("reeve_changed_on_disk",
              "1 while policy files differ from the generation in force and wait to be taken up.",
              h.changed_on_disk),
        Gauge("reeve_held", "Writes held back because they would hurt.", h.held),
        Gauge("reeve_shrinks",
              "Limits that go down in stages because more is in use, those that wait included.",
              h.shrinks.size()),
        Gauge("reeve_shrinks_waiting",
              "Limits that wait because no more can be given back now.",
              h.shrinks_waiting),
        Gauge("reeve_refused", "Writes left out because the kernel would refuse them.", h.refused),
        Gauge("reeve_unsupported_knobs", "Values that this host can not have.", h.unsupported),
        Gauge("reeve_pending_knobs", "Values that wait for a device, mount or user.", h.pending),
        Gauge("reeve_policy_generation", "Generation of policies accepted last.", h.generation),
        Gauge("reeve_policy_observed_generation",
              "Generation of policies the tree was last brought to.",
              h.observed_generation),
        Gauge("reeve_policy_last_load_successful",
              "1 when the policies were accepted the last time they were read.",
              h.last_load_successful),
    };
    if (h.last_load_success) {
      all.push_back(Gauge("reeve_policy_last_load_success_timestamp_seconds",
                          "When policies were last accepted.",
                          *h.last_load_success));
    }
    prometheus::MetricFamily desired = Empty("reeve_policy_desired", "Values a policy asks for.");
    prometheus::MetricFamily applied =
        Empty("reeve_policy_applied", "Values of a policy that are in force.");
    for (const auto& [policy, values] : h.policies) {
      desired.metric.push_back(Metric("policy", policy, values.desired));
      applied.metric.push_back(Metric("policy", policy, values.applied));
    }
    prometheus::MetricFamily fights =
        Empty("reeve_drift_fights", "Keys of a cgroup that somebody else sets again and again.");
    for (const auto& [cgroup, keys] : h.drift_fights) {
      fights.metric.push_back(Metric("cgroup", cgroup, keys));
    }
    all.push_back(std::move(desired));
    all.push_back(std::move(applied));
    all.push_back(std::move(fights));
    prometheus::MetricFamily shrinks =
        Empty("reeve_shrink_remaining_bytes",
              "Memory in use above a limit that goes down in stages, or waits to.");
    for (const auto& [cgroup, bytes] : h.shrinks) {
      shrinks.metric.push_back(Metric("cgroup", cgroup, bytes));
    }
    all.push_back(std::move(shrinks));
    return all;
  }

 private:
  static prometheus::MetricFamily Empty(const char* name, const char* help) {
    return {name, help, prometheus::MetricType::Gauge, {}};
  }

  template <typename T>
  static prometheus::MetricFamily Gauge(const char* name, const char* help, T value) {
    prometheus::MetricFamily family = Empty(name, help);
    family.metric.emplace_back().gauge.value = static_cast<double>(value);
    return family;
  }

  static prometheus::ClientMetric Metric(const char* label,
                                         const std::string& value,
                                         std::uint64_t number) {
    prometheus::ClientMetric metric;
    metric.label.push_back({label, value});
    metric.gauge.value = static_cast<double>(number);
    return metric;
  }

  const Health& health_;
};

}  // namespace

// Members are made in this order, which is the order of the families.
struct OwnMetrics::Registered {
  prometheus::Registry registry;

  Counter& loads = CounterOf(
      registry, "reeve_policy_load_attempts_total", "Times the policies were read and judged.");
  Counter& load_failures =
      CounterOf(registry,
                "reeve_policy_load_failures_total",
                "Times the policies had errors and the last good ones stayed in force.");
  Counter& attempts =
      CounterOf(registry, "reeve_apply_attempts_total", "Actions that were tried on the kernel.");
  CounterFamily& failures = CountersOf(
      registry, "reeve_apply_failures_total", "Actions that failed, by the kernel's error.");
  Counter& differing = CounterOf(registry,
                                 "reeve_apply_differing_total",
                                 "Writes that the kernel took but that read back otherwise.");
  Counter& stale = CounterOf(registry,
                             "reeve_apply_stale_total",
                             "Actions not done because the cgroup was another one by then.");
  Counter& skipped = CounterOf(
      registry, "reeve_apply_skipped_total", "Actions not done because one they need failed.");
  Counter& deferred = CounterOf(
      registry, "reeve_apply_deferred_total", "Actions not done because they failed not long ago.");
  ByController drift{
      registry, "reeve_drift_detected_total", "Values that somebody else had changed."};
  ByController repairs{registry, "reeve_drift_repaired_total", "Values that were put back."};
  ByController repair_failures{
      registry, "reeve_drift_repair_failures_total", "Values that could not be put back."};
  BySource overflows{registry, "reeve_event_overflows_total", "Times the kernel dropped events."};
  BySource resyncs{registry,
                   "reeve_resyncs_total",
                   "Times everything was looked at because events may have been lost."};
  prometheus::Histogram& apply_seconds = HistogramOf(
      registry, "reeve_apply_duration_seconds", "Time to carry out a plan.", kWorkSeconds);
  prometheus::Histogram& reconcile_seconds = HistogramOf(registry,
                                                         "reeve_reconcile_duration_seconds",
                                                         "Time to look at the tree and plan.",
                                                         kWorkSeconds);
  prometheus::Histogram& loop_lag =
      HistogramOf(registry,
                  "reeve_loop_lag_seconds",
                  "How late the daemon's loop came to something that was due.",
                  kLagSeconds);

  explicit Registered(const BuildFacts& build) {
    prometheus::BuildGauge()
        .Name("reeve_build_info")
        .Help("Which reeve this is, and where it runs.")
        .Register(registry)
        .Add({{"version", build.version},
              {"revision", build.revision},
              {"kernel", build.kernel},
              {"systemd", build.systemd}})
        .Set(1);
    // The commonest from the start, so that a rate sees their first time.
    for (const char* known : {"EBUSY", "EINVAL"}) failures.Add({{"errno", known}});
  }
};

OwnMetrics::OwnMetrics(const BuildFacts& build)
    : started_usec_(build.started_usec), registered_(std::make_unique<Registered>(build)) {}

OwnMetrics::~OwnMetrics() = default;
OwnMetrics::OwnMetrics(OwnMetrics&&) noexcept = default;
OwnMetrics& OwnMetrics::operator=(OwnMetrics&&) noexcept = default;

void OwnMetrics::SetHealth(Health health) {
  health_ = std::move(health);
}

void OwnMetrics::CountLoad(bool successful) {
  registered_->loads.Increment();
  if (!successful) registered_->load_failures.Increment();
}

void OwnMetrics::CountApply(const ApplyReport& report, Usec took) {
  for (const Outcome& outcome : report.outcomes) {
    switch (outcome.kind) {
      case Outcome::Kind::kSkipped:
        registered_->skipped.Increment();
        continue;
      case Outcome::Kind::kDeferred:
        registered_->deferred.Increment();
        continue;
      case Outcome::Kind::kStale:
        registered_->stale.Increment();
        break;
      case Outcome::Kind::kDiffers:
        registered_->differing.Increment();
        break;
      case Outcome::Kind::kFailed:
        registered_->failures.Add({{"errno", ErrnoLabel(outcome.error)}}).Increment();
        break;
      case Outcome::Kind::kDone:
      case Outcome::Kind::kAlreadySo:
        break;
    }
    registered_->attempts.Increment();
  }
  registered_->apply_seconds.Observe(Seconds(took));
}

void OwnMetrics::CountReconcile(Usec took) {
  registered_->reconcile_seconds.Observe(Seconds(took));
}

void OwnMetrics::CountDrift(Controller controller) {
  registered_->drift.Increment(controller);
}

void OwnMetrics::CountRepair(Controller controller, bool successful) {
  (successful ? registered_->repairs : registered_->repair_failures).Increment(controller);
}

void OwnMetrics::CountOverflow(EventSource source) {
  registered_->overflows.Increment(source);
}

void OwnMetrics::CountResync(EventSource source) {
  registered_->resyncs.Increment(source);
}

void OwnMetrics::CountLoopLag(Usec lag) {
  registered_->loop_lag.Observe(Seconds(lag));
}

void OwnMetrics::Write(ExpositionWriter& writer) const {
  WriteRegistryFamilies(HealthFamilies(health_).Collect(), std::nullopt, writer);
  WriteRegistryFamilies(registered_->registry.Collect(), started_usec_, writer);
}

}  // namespace reeve::metrics
