// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/own_metrics.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "support/exposition.h"

namespace reeve::metrics {
namespace {

using support::Exposition;

BuildFacts Build() {
  return {"0.1.0", "6c4ac6a", "6.1.0-56-amd64", "252", 1'700'000'000'000'000};
}

std::string Written(const OwnMetrics& own, Format format) {
  std::string text;
  ExpositionWriter writer(format, [&](std::string_view piece) { text += piece; });
  own.Write(writer);
  writer.Finish();
  return text;
}

Exposition Read(const OwnMetrics& own, Format format = Format::kText) {
  Exposition read = support::ReadExposition(Written(own, format), format == Format::kOpenMetrics);
  EXPECT_EQ(read.error, "");
  return read;
}

ApplyReport Report(std::vector<Outcome::Kind> kinds, int errno_value = 0) {
  ApplyReport report;
  for (const Outcome::Kind kind : kinds) {
    Outcome outcome;
    outcome.kind = kind;
    if (kind == Outcome::Kind::kFailed) outcome.error = ErrnoError(errno_value, "web", "write");
    report.outcomes.push_back(std::move(outcome));
  }
  return report;
}

TEST(OwnMetrics, SaysWhatItIs) {
  const Exposition read = Read(OwnMetrics(Build()));

  EXPECT_EQ(read.Value("reeve_build_info",
                       {{"version", "0.1.0"},
                        {"revision", "6c4ac6a"},
                        {"kernel", "6.1.0-56-amd64"},
                        {"systemd", "252"}}),
            1);
}

TEST(OwnMetrics, CountersAreThereBeforeTheFirstEvent) {
  const Exposition read = Read(OwnMetrics(Build()));

  EXPECT_EQ(read.Value("reeve_policy_load_failures_total", {}), 0);
  EXPECT_EQ(read.Value("reeve_apply_attempts_total", {}), 0);
  EXPECT_EQ(read.Value("reeve_drift_detected_total", {{"controller", "memory"}}), 0);
  EXPECT_EQ(read.Value("reeve_event_overflows_total", {{"source", "inotify"}}), 0);
  EXPECT_EQ(read.Value("reeve_loop_lag_seconds_count", {}), 0);
  EXPECT_EQ(read.Find("reeve_policy_last_load_success_timestamp_seconds"), nullptr);
}

TEST(OwnMetrics, HealthIsWhatWasToldLast) {
  OwnMetrics own(Build());
  Health health;
  health.as_described = true;
  health.changed_on_disk = true;
  health.held = 1;
  health.refused = 2;
  health.unsupported = 3;
  health.pending = 4;
  health.generation = 43;
  health.observed_generation = 42;
  health.last_load_successful = true;
  health.last_load_success = 1'700'000'000;
  health.policies = {{"10-web.yaml", {7, 6}}};
  health.drift_fights = {{"web/\xff\"", 2}};
  health.shrinks = {{"web", 3'000'000'000}, {"batch", 0}};
  health.shrinks_waiting = 1;
  own.SetHealth(health);

  const Exposition read = Read(own);

  EXPECT_EQ(read.Value("reeve_shrinks", {}), 2);
  EXPECT_EQ(read.Value("reeve_shrinks_waiting", {}), 1);
  EXPECT_EQ(read.Value("reeve_shrink_remaining_bytes", {{"cgroup", "web"}}), 3'000'000'000);
  EXPECT_EQ(read.Value("reeve_shrink_remaining_bytes", {{"cgroup", "batch"}}), 0);
  EXPECT_EQ(read.Value("reeve_as_described", {}), 1);
  EXPECT_EQ(read.Value("reeve_changed_on_disk", {}), 1);
  EXPECT_EQ(read.Value("reeve_held", {}), 1);
  EXPECT_EQ(read.Value("reeve_refused", {}), 2);
  EXPECT_EQ(read.Value("reeve_unsupported_knobs", {}), 3);
  EXPECT_EQ(read.Value("reeve_pending_knobs", {}), 4);
  EXPECT_EQ(read.Value("reeve_policy_generation", {}), 43);
  EXPECT_EQ(read.Value("reeve_policy_observed_generation", {}), 42);
  EXPECT_EQ(read.Value("reeve_policy_last_load_successful", {}), 1);
  EXPECT_EQ(read.Value("reeve_policy_last_load_success_timestamp_seconds", {}), 1'700'000'000);
  EXPECT_EQ(read.Value("reeve_policy_desired", {{"policy", "10-web.yaml"}}), 7);
  EXPECT_EQ(read.Value("reeve_policy_applied", {{"policy", "10-web.yaml"}}), 6);
  EXPECT_EQ(read.Value("reeve_drift_fights",
                       {{"cgroup",
                         "web/\xef\xbf\xbd"
                         "ff\""}}),
            2);

  own.SetHealth({});
  EXPECT_EQ(Read(own).Find("reeve_drift_fights"), nullptr);
  EXPECT_EQ(Read(own).Find("reeve_shrink_remaining_bytes"), nullptr);
  EXPECT_EQ(Read(own).Value("reeve_shrinks", {}), 0);
  EXPECT_EQ(Read(own).Value("reeve_as_described", {}), 0);
}

TEST(OwnMetrics, ActionsAreCountedByWhatBecameOfThem) {
  OwnMetrics own(Build());
  using enum Outcome::Kind;

  own.CountApply(Report({kDone, kDone, kAlreadySo, kFailed, kSkipped}, EBUSY), Usec(20'000));
  own.CountApply(Report({kDiffers, kStale, kDeferred, kFailed}, 123456), Usec(2'000'000));
  own.CountApply(Report({kFailed}, 0), Usec(0));

  const Exposition read = Read(own);
  EXPECT_EQ(read.Value("reeve_apply_attempts_total", {}), 8);
  EXPECT_EQ(read.Value("reeve_apply_failures_total", {{"errno", "EBUSY"}}), 1);
  EXPECT_EQ(read.Value("reeve_apply_failures_total", {{"errno", "other"}}), 1);
  EXPECT_EQ(read.Value("reeve_apply_failures_total", {{"errno", "none"}}), 1);
  EXPECT_EQ(read.Value("reeve_apply_skipped_total", {}), 1);
  EXPECT_EQ(read.Value("reeve_apply_differing_total", {}), 1);
  EXPECT_EQ(read.Value("reeve_apply_stale_total", {}), 1);
  EXPECT_EQ(read.Value("reeve_apply_deferred_total", {}), 1);
  EXPECT_EQ(read.Value("reeve_apply_duration_seconds_bucket", {{"le", "0.1"}}), 2);
  EXPECT_EQ(read.Value("reeve_apply_duration_seconds_bucket", {{"le", "10"}}), 3);
  EXPECT_DOUBLE_EQ(read.Value("reeve_apply_duration_seconds_sum", {}), 2.02);
}

TEST(OwnMetrics, EventsAreCountedByTheirKind) {
  OwnMetrics own(Build());
  own.CountLoad(true);
  own.CountLoad(false);
  own.CountDrift(Controller::kMemory);
  own.CountDrift(Controller::kMemory);
  own.CountRepair(Controller::kMemory, true);
  own.CountRepair(Controller::kCpu, false);
  own.CountOverflow(EventSource::kFanotify);
  own.CountResync(EventSource::kInotify);
  own.CountReconcile(Usec(1'500));
  own.CountLoopLag(Usec(50));

  const Exposition read = Read(own);

  EXPECT_EQ(read.Value("reeve_policy_load_attempts_total", {}), 2);
  EXPECT_EQ(read.Value("reeve_policy_load_failures_total", {}), 1);
  EXPECT_EQ(read.Value("reeve_drift_detected_total", {{"controller", "memory"}}), 2);
  EXPECT_EQ(read.Value("reeve_drift_repaired_total", {{"controller", "memory"}}), 1);
  EXPECT_EQ(read.Value("reeve_drift_repaired_total", {{"controller", "cpu"}}), 0);
  EXPECT_EQ(read.Value("reeve_drift_repair_failures_total", {{"controller", "cpu"}}), 1);
  EXPECT_EQ(read.Value("reeve_event_overflows_total", {{"source", "fanotify"}}), 1);
  EXPECT_EQ(read.Value("reeve_resyncs_total", {{"source", "inotify"}}), 1);
  EXPECT_EQ(read.Value("reeve_reconcile_duration_seconds_count", {}), 1);
  EXPECT_EQ(read.Value("reeve_loop_lag_seconds_bucket", {{"le", "0.001"}}), 1);
}

TEST(OwnMetrics, OpenMetricsTellsSinceWhen) {
  const std::string text = Written(OwnMetrics(Build()), Format::kOpenMetrics);

  EXPECT_NE(text.find("# TYPE reeve_policy_load_attempts counter\n"
                      "reeve_policy_load_attempts_total 0\n"
                      "reeve_policy_load_attempts_created 1700000000\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("# TYPE reeve_build info\n"), std::string::npos);
  EXPECT_NE(text.find("# UNIT reeve_apply_duration_seconds seconds\n"), std::string::npos);
  EXPECT_NE(text.find("reeve_apply_duration_seconds_bucket{le=\"1.0\"} 0\n"), std::string::npos);
  EXPECT_EQ(support::ReadExposition(text, true).error, "");
}

// The library keeps them by hash; two scrapes should differ in figures only.
TEST(OwnMetrics, TheOrderIsAlwaysTheSame) {
  EXPECT_EQ(Written(OwnMetrics(Build()), Format::kText),
            Written(OwnMetrics(Build()), Format::kText));
}

TEST(OwnMetrics, MovesWithItsCounts) {
  OwnMetrics first(Build());
  first.CountLoad(true);

  OwnMetrics second(std::move(first));
  second.CountLoad(true);

  EXPECT_EQ(Read(second).Value("reeve_policy_load_attempts_total", {}), 2);
}

}  // namespace
}  // namespace reeve::metrics
