// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/scraper.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/daemon/whole.h"
#include "core/base/version.h"
#include "edge/http/gzip.h"
#include "edge/io/clock.h"

namespace reeve::daemon {
namespace {

// As long as the loop may be away from everybody else.
constexpr Usec kSlice{10'000};

// Readings that are kept for whoever has not read his answer yet, 1 kB a cgroup each. A client that is slower than so
// many scrapes after it is cut off: there may be hundreds of them.
constexpr std::size_t kReadingsKept = 8;

// A reading begins anew when another generation is in force, so that an answer is of one; but policies may change
// faster than a large tree can be read.
constexpr int kTimesAnew = 3;

// Nor can it wait for ever for an engine that has more to do than it gets done: a scraper gives up after ten seconds.
// What was read by then is told with the health that there was when its reading began.
constexpr Usec kLongestWait{1'000'000};

// Of an interface file; the core's for what is about a whole cgroup.
Controller ControllerOf(const std::string& file) {
  const Knob* knob = FindKnob(file);
  return knob == nullptr ? Controller::kCore : knob->controller;
}

metrics::BuildFacts BuildOf(const HostFacts& facts) {
  metrics::BuildFacts build;
  build.version = std::string(kVersion);
  build.kernel = facts.kernel;
  build.systemd = facts.systemd;
  build.started_usec = static_cast<std::uint64_t>(io::EpochSeconds()) * 1'000'000;
  return build;
}

}  // namespace

// An answer, until it is given up.
class Scraper::Text final : public http::Pieces {
 public:
  Text(std::shared_ptr<const metrics::Reading> reading,
       const metrics::OwnMetrics& own,
       metrics::Format format)
      : text_(std::in_place, std::move(reading), own, format) {}

  std::optional<std::string_view> Next() override {
    if (!text_) return std::nullopt;
    return text_->Next();
  }

  void GiveUp() { text_.reset(); }

 private:
  std::optional<metrics::ScrapeText> text_;
};

Result<std::unique_ptr<Scraper>> Scraper::Make(port::CgroupFs& fs,
                                               const TakingUp& taking_up,
                                               engine::Engine& engine,
                                               Units& units,
                                               systemd::Loop& loop) {
  std::unique_ptr<Scraper> scraper(
      new Scraper(fs, taking_up, engine, units, metrics::OwnMetrics(BuildOf(taking_up.facts()))));
  REEVE_TRY(scraper->work_, loop.OnTurn([scraper = scraper.get()] { scraper->Step(); }));
  return scraper;
}

Scraper::Scraper(port::CgroupFs& fs,
                 const TakingUp& taking_up,
                 engine::Engine& engine,
                 Units& units,
                 metrics::OwnMetrics own)
    : fs_(fs), taking_up_(taking_up), engine_(engine), units_(units), own_(std::move(own)) {}

void Scraper::Ask(const http::Request& request, http::Responder responder) {
  const bool under_way = !waiting_.empty();
  waiting_.push_back({metrics::ChooseFormat(request.accept),
                      metrics::WantsGzip(request.accept_encoding),
                      std::move(responder)});
  if (under_way) return;
  begun_anew_ = 0;
  asked_at_ = io::BootTime();
  Begin();
  Step();
}

void Scraper::Count() {
  KeepBirths();
  const engine::EventLog& events = engine_.events();
  if (events.last() == counted_) return;
  using Kind = engine::Event::Kind;
  for (const engine::Event* event : events.After(counted_)) {
    const Controller controller = ControllerOf(event->file);
    if (event->kind == Kind::kDrift) own_.CountDrift(controller);
    if (event->kind == Kind::kRepair) own_.CountRepair(controller, true);
    if (event->kind == Kind::kApply) {
      const bool units = event->of_units && units_.needed();
      const engine::Engine& engine = units ? units_.engine() : engine_;
      own_.CountApply(engine.last_report(),
                      std::chrono::duration_cast<Usec>(event->took.value_or(engine::Instant(0))));
      CountFailedRepairs(engine);
    }
  }
  counted_ = events.last();
}

// Those that were done are events.
void Scraper::CountFailedRepairs(const engine::Engine& engine) {
  const std::vector<Action>& actions = engine.plan().actions;
  const std::vector<Outcome>& outcomes = engine.last_report().outcomes;
  for (std::size_t i = 0; i < actions.size() && i < outcomes.size(); ++i) {
    const bool failed =
        outcomes[i].kind == Outcome::Kind::kFailed || outcomes[i].kind == Outcome::Kind::kDiffers;
    if (!failed || !engine::IsRepair(actions[i])) continue;
    own_.CountRepair(ControllerOf(engine::KeyOf(actions[i]).second), false);
  }
}

// Only what we made: a cgroup that was there before us has counted since nobody knows when.
void Scraper::KeepBirths() {
  for (const CgroupPath& path : engine_.TakeCreated()) {
    const auto stat = fs_.Stat(path);
    if (!stat.has_value()) continue;
    const auto now = static_cast<std::uint64_t>(io::EpochMicroseconds());
    births_.insert_or_assign(path, engine::Birth{stat->id, now});
  }
}

void Scraper::Begin() {
  generation_ = taking_up_.generations().share();
  targets_.clear();
  if (generation_ != nullptr) targets_ = engine::SampleTargets(generation_->desired);
  std::map<CgroupPath, engine::Birth> births;
  for (engine::SampleTarget& target : targets_) {
    auto birth = births_.extract(target.names->path);
    if (birth.empty()) continue;
    target.birth = birth.mapped();
    births.insert(std::move(birth));
  }
  AddUnits();
  births_ = std::move(births);  // what is no longer wanted is forgotten
  own_.SetHealth(HealthNow());
  next_ = 0;
  missing_.clear();
  snapshot_ = {};
  snapshot_.cgroups.reserve(targets_.size());  // growing would take three times as much
  snapshot_.device_names = engine::DeviceNames(taking_up_.facts());
  snapshot_.boot_id = taking_up_.facts().boot_id;
  (void)work_.Enable(true);
}

// Beside the cgroups of the same generation, in order. A name that a cgroup has as well is that cgroup's.
void Scraper::AddUnits() {
  unit_targets_.clear();
  if (!units_.needed()) return;
  std::set<CgroupPath> taken;
  for (const engine::SampleTarget& target : targets_) taken.insert(target.names->path);
  for (engine::SampleTarget& target : engine::UnitSampleTargets(units_.desired())) {
    if (!taken.insert(target.names->path).second) continue;
    unit_targets_.insert(target.names->path);
    targets_.push_back(std::move(target));
  }
  std::sort(targets_.begin(), targets_.end(), [](const auto& a, const auto& b) {
    return a.names->path < b.names->path;
  });
}

bool Scraper::SampleAt(std::size_t i) {
  const bool unit = unit_targets_.contains(targets_[i].names->path);
  return engine::SampleOne(unit ? units_.fs() : fs_, targets_[i], snapshot_);
}

void Scraper::Step() {
  const Usec begin = io::BootTime();
  while (next_ < targets_.size() && io::BootTime() - begin < kSlice) {
    if (!SampleAt(next_)) missing_.push_back(next_);
    ++next_;
  }
  snapshot_.read_usec += static_cast<std::uint64_t>((io::BootTime() - begin).count());
  if (next_ < targets_.size()) return;
  const bool same = generation_ == taking_up_.generations().share();
  const bool late = io::BootTime() - asked_at_ > kLongestWait;
  if (!same && begun_anew_ < kTimesAnew && !late) {
    ++begun_anew_;
    Begin();
    return;
  }
  if (same && generation_ != nullptr) {
    // It will be with its next step, and tell how the tree stands.
    if (!engine_.planned() && !late) return;
    if (engine_.planned()) {
      // The health speaks of now: so do the cgroups that were only made while we read.
      for (std::size_t i : missing_) (void)SampleAt(i);
      own_.SetHealth(HealthNow());
    }
  }
  Finish();
}

void Scraper::Finish() {
  (void)work_.Enable(false);
  targets_ = {};
  generation_.reset();
  MakeRoom();
  const auto reading = std::make_shared<const metrics::Reading>(std::exchange(snapshot_, {}));
  Sent sent = {reading, {}};
  auto waiting = std::move(waiting_);
  waiting_.clear();
  for (Waiting& one : waiting) {
    if (!one.responder.awaited()) continue;
    const auto text = std::make_shared<Text>(reading, own_, one.format);
    sent.texts.push_back(text);
    http::Response response;
    response.content_type = metrics::ContentType(one.format);
    response.pieces = text;
    response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
    if (one.gzip) http::Gzip(response);
    one.responder.Send(std::move(response));
  }
  sent_.push_back(std::move(sent));
}

void Scraper::MakeRoom() {
  std::erase_if(sent_, [](const Sent& sent) { return sent.reading.expired(); });
  while (sent_.size() >= kReadingsKept) {
    for (const std::weak_ptr<Text>& weak : sent_.front().texts) {
      if (const auto text = weak.lock()) text->GiveUp();
    }
    sent_.pop_front();
  }
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
  const std::shared_ptr<const Plan> whole = WholePlan(engine_, units_);
  const Plan& plan = *whole;
  health.as_described = engine_.as_described() && units_.as_described();
  health.observed_generation = observed_generation_;
  health.held = plan.held.size();
  health.refused = plan.refusals.size();
  for (const engine::ShrinkProgress& shrink : engine_.shrinks()) {
    const std::uint64_t left = shrink.now > shrink.target ? shrink.now - shrink.target : 0;
    health.shrinks.emplace(shrink.path.text(), left);
    if (shrink.state == engine::ShrinkCourse::State::kWaiting) ++health.shrinks_waiting;
  }
  for (const auto& [path, keys] : engine_.fights().ByCgroup()) {
    health.drift_fights.emplace(path.text(), keys);
  }
  if (units_.needed()) {
    for (const auto& [path, keys] : units_.engine().fights().ByCgroup()) {
      health.drift_fights.emplace(path.text(), keys);
    }
  }
  for (const Gap& gap : plan.gaps) {
    ++(gap.kind == Gap::Kind::kPending ? health.pending : health.unsupported);
  }
  const auto desired = WholeDesired(generations.in_force().desired, units_.desired());
  for (const auto& [path, cgroup] : desired->cgroups) {
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
