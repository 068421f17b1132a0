// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/scraper.h"

#include <memory>
#include <utility>

#include "core/base/version.h"
#include "edge/io/clock.h"
#include "edge/metrics/scrape.h"

namespace reeve::daemon {
namespace {

// As long as the loop may be away from everybody else.
constexpr Usec kSlice{10'000};

metrics::BuildFacts BuildOf(const HostFacts& facts) {
  metrics::BuildFacts build;
  build.version = std::string(kVersion);
  build.kernel = facts.kernel;
  build.systemd = facts.systemd;
  build.started_usec = static_cast<std::uint64_t>(io::EpochSeconds()) * 1'000'000;
  return build;
}

}  // namespace

Result<std::unique_ptr<Scraper>> Scraper::Make(port::CgroupFs& fs,
                                               const TakingUp& taking_up,
                                               const engine::Engine& engine,
                                               systemd::Loop& loop) {
  std::unique_ptr<Scraper> scraper(
      new Scraper(fs, taking_up, engine, metrics::OwnMetrics(BuildOf(taking_up.facts()))));
  REEVE_TRY(scraper->work_, loop.OnIdle([scraper = scraper.get()] { scraper->Step(); }));
  return scraper;
}

Scraper::Scraper(port::CgroupFs& fs,
                 const TakingUp& taking_up,
                 const engine::Engine& engine,
                 metrics::OwnMetrics own)
    : fs_(fs), taking_up_(taking_up), engine_(engine), own_(std::move(own)) {}

void Scraper::Ask(const http::Request& request, http::Responder responder) {
  const bool under_way = !waiting_.empty();
  waiting_.push_back({metrics::ChooseFormat(request.accept), std::move(responder)});
  if (!under_way) Begin();
}

void Scraper::Count(const engine::EventLog& events, const ApplyReport& last_report) {
  using Kind = engine::Event::Kind;
  for (const engine::Event* event : events.After(counted_)) {
    const Knob* knob = FindKnob(event->file);
    const Controller controller = knob == nullptr ? Controller::kCore : knob->controller;
    if (event->kind == Kind::kDrift) own_.CountDrift(controller);
    if (event->kind == Kind::kRepair) own_.CountRepair(controller, true);
    if (event->kind == Kind::kApply) {
      own_.CountApply(last_report,
                      std::chrono::duration_cast<Usec>(event->took.value_or(engine::Instant(0))));
    }
  }
  counted_ = events.last();
}

void Scraper::Begin() {
  const engine::Generations& generations = taking_up_.generations();
  targets_ = generations.has_generation() ? engine::SampleTargets(generations.in_force().desired)
                                          : std::vector<engine::SampleTarget>();
  next_ = 0;
  snapshot_ = {};
  snapshot_.device_names = engine::DeviceNames(taking_up_.facts());
  snapshot_.boot_id = taking_up_.facts().boot_id;
  (void)work_.Enable(true);
  Step();
}

void Scraper::Step() {
  const Usec begin = io::BootTime();
  while (next_ < targets_.size() && io::BootTime() - begin < kSlice) {
    (void)engine::SampleOne(fs_, targets_[next_], snapshot_);
    ++next_;
  }
  snapshot_.read_usec += static_cast<std::uint64_t>((io::BootTime() - begin).count());
  if (next_ == targets_.size()) Finish();
}

void Scraper::Finish() {
  (void)work_.Enable(false);
  own_.SetHealth(HealthNow());
  auto waiting = std::move(waiting_);
  waiting_.clear();
  std::map<metrics::Format, std::shared_ptr<const std::string>> bodies;
  for (Waiting& one : waiting) {
    auto& body = bodies[one.format];
    if (!body) {
      body =
          std::make_shared<const std::string>(metrics::WriteMetrics(snapshot_, own_, one.format));
    }
    http::Response response;
    response.content_type = metrics::ContentType(one.format);
    response.body = body;
    one.responder.Send(std::move(response));
  }
  targets_.clear();
  snapshot_ = {};
}

metrics::Health Scraper::HealthNow() const {
  const engine::Generations& generations = taking_up_.generations();
  const TakingUp::Trouble trouble = taking_up_.trouble();
  metrics::Health health;
  health.changed_on_disk = trouble.word == "CHANGED ON DISK" || !trouble.text.empty();
  health.last_load_successful = trouble.word != "LOAD FAILED";
  if (taking_up_.last_success() != 0) health.last_load_success = taking_up_.last_success();
  health.generation = generations.number();
  if (!generations.has_generation()) return health;
  const Plan& plan = engine_.plan();
  health.as_described = engine_.as_described();
  health.observed_generation = engine_.resting() ? generations.number() : generations.number() - 1;
  health.held = plan.held.size();
  health.refused = plan.refusals.size();
  for (const Gap& gap : plan.gaps) {
    ++(gap.kind == Gap::Kind::kPending ? health.pending : health.unsupported);
  }
  for (const auto& [path, cgroup] : generations.in_force().desired.cgroups) {
    for (const auto& [file, knob] : cgroup.knobs) {
      if (!knob.mark.known()) continue;
      metrics::Health::Policy& policy = health.policies[knob.mark.file->name];
      ++policy.desired;
      ++policy.applied;
    }
  }
  const auto missed = [&](const SourceMark& mark) {
    if (!mark.known()) return;
    const auto found = health.policies.find(mark.file->name);
    if (found != health.policies.end() && found->second.applied != 0) --found->second.applied;
  };
  for (const Held& held : plan.held) missed(held.mark);
  for (const Refusal& refusal : plan.refusals) missed(refusal.mark);
  for (const Action& action : plan.actions) {
    const auto* set = std::get_if<SetFile>(&action.kind);
    if (set != nullptr && set->last_line) missed(action.reason.mark);
  }
  return health;
}

}  // namespace reeve::daemon
