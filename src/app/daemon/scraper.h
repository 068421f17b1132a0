// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "app/daemon/taking_up.h"
#include "app/daemon/units.h"
#include "core/engine/engine.h"
#include "core/engine/sample.h"
#include "edge/http/server.h"
#include "edge/metrics/exposition_format.h"
#include "edge/metrics/own_metrics.h"
#include "edge/metrics/scrape.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// Answers scrapes: reads the figures of all governed cgroups, a slice a turn of the loop so that nobody else waits, and
// writes them while they are sent. Whoever asks while a reading is under way shares it. All of an answer is of one
// generation.
class Scraper {
 public:
  // All of them outlive it.
  static Result<std::unique_ptr<Scraper>> Make(port::CgroupFs& fs,
                                               const TakingUp& taking_up,
                                               engine::Engine& engine,
                                               Units& units,
                                               systemd::Loop& loop);

  void Ask(const http::Request& request, http::Responder responder);

  // Counts what the engine has done since the last call. To be called after each of its steps that may end an apply,
  // and soon after it has made cgroups.
  void Count();

  // The engine has come to rest with what is in force.
  void OnRested() { observed_generation_ = taking_up_.generations().number(); }

  // The policies were read and judged.
  void CountLoad(bool successful) { own_.CountLoad(successful); }

  // Events of the tree were lost, and everything is looked at because of it.
  void CountOverflow(metrics::EventSource source) {
    own_.CountOverflow(source);
    own_.CountResync(source);
  }

  // The engine has looked at the tree and planned.
  void CountLook(Usec took) { own_.CountReconcile(took); }

  // The loop came that much later to something than it was due.
  void CountLag(Usec lag) { own_.CountLoopLag(lag); }

 private:
  class Text;

  struct Waiting {
    metrics::Format format;
    bool gzip;
    http::Responder responder;
  };

  // Somebody still reads the answers made of one reading.
  struct Sent {
    std::weak_ptr<const metrics::Reading> reading;
    std::vector<std::weak_ptr<Text>> texts;
  };

  Scraper(port::CgroupFs& fs,
          const TakingUp& taking_up,
          engine::Engine& engine,
          Units& units,
          metrics::OwnMetrics own);

  void Begin();
  void Step();
  void Finish();
  void MakeRoom();
  void KeepBirths();
  void CountFailedRepairs(const engine::Engine& engine);
  void AddUnits();
  bool SampleAt(std::size_t i);
  metrics::Health HealthNow() const;

  port::CgroupFs& fs_;
  const TakingUp& taking_up_;
  engine::Engine& engine_;
  Units& units_;
  metrics::OwnMetrics own_;
  std::uint64_t counted_ = 0;                   // number of the last event
  std::uint64_t observed_generation_ = 0;       // the tree was last brought to
  std::map<CgroupPath, engine::Birth> births_;  // of cgroups that were made while we watched
  systemd::Source work_;
  std::list<Waiting> waiting_;
  std::deque<Sent> sent_;  // oldest first

  // The reading that is under way.
  std::shared_ptr<const engine::Generation> generation_;  // null: none in force
  Usec asked_at_{0};                                      // when the first of those who wait asked
  int begun_anew_ = 0;                                    // times, because of another generation
  std::vector<engine::SampleTarget> targets_;
  std::set<CgroupPath> unit_targets_;  // those of them that are units of systemd
  std::size_t next_ = 0;               // of targets_
  std::vector<std::size_t> missing_;   // of those before `next_`: they were not there
  UsageSnapshot snapshot_;
};

}  // namespace reeve::daemon
