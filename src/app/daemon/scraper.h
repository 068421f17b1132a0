// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <vector>

#include "app/daemon/taking_up.h"
#include "core/engine/engine.h"
#include "core/engine/sample.h"
#include "edge/http/server.h"
#include "edge/metrics/exposition_format.h"
#include "edge/metrics/own_metrics.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// Answers scrapes: reads the figures of all governed cgroups, a slice a turn of the loop so that nobody else waits, and
// writes them. Whoever asks while a reading is under way shares it.
class Scraper {
 public:
  // All of them outlive it.
  static Result<std::unique_ptr<Scraper>> Make(port::CgroupFs& fs,
                                               const TakingUp& taking_up,
                                               const engine::Engine& engine,
                                               systemd::Loop& loop);

  void Ask(const http::Request& request, http::Responder responder);

  // Counts what was added to the event log since the last call.
  void Count(const engine::EventLog& events, const ApplyReport& last_report);

  // The policies were read and judged.
  void CountLoad(bool successful) { own_.CountLoad(successful); }

 private:
  struct Waiting {
    metrics::Format format;
    http::Responder responder;
  };

  Scraper(port::CgroupFs& fs,
          const TakingUp& taking_up,
          const engine::Engine& engine,
          metrics::OwnMetrics own);

  void Begin();
  void Step();
  void Finish();
  metrics::Health HealthNow() const;

  port::CgroupFs& fs_;
  const TakingUp& taking_up_;
  const engine::Engine& engine_;
  metrics::OwnMetrics own_;
  std::uint64_t counted_ = 0;  // number of the last event
  systemd::Source work_;
  std::list<Waiting> waiting_;
  std::vector<engine::SampleTarget> targets_;
  std::size_t next_ = 0;  // of targets_
  UsageSnapshot snapshot_;
};

}  // namespace reeve::daemon
