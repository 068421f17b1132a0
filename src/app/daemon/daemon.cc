// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/daemon.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/exit_code.h"
#include "app/daemon/journal_fields.h"
#include "app/daemon/whole.h"
#include "app/show/plan_counts.h"
#include "app/show/screen.h"
#include "app/show/settling.h"
#include "core/base/text.h"
#include "core/engine/words.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"
#include "edge/io/memory.h"
#include "edge/systemd/notify.h"

namespace reeve::daemon {
namespace {

// Work is done in slices of this length; in between the loop serves whoever else waits.
constexpr Usec kSlice{10'000};
// When watches can not be had, everything is looked at this often instead.
constexpr Usec kPollInterval{10'000'000};
// How long --once waits for systemd in all, and how often it looks whether that is over.
constexpr Usec kUnitsOnce{20'000'000};
constexpr Usec kUnitsLook{20'000};
// How often an unconfirmed generation is looked after.
constexpr Usec kAlarmLook{1'000'000};

engine::Instant Now() {
  return io::BootTime();
}

void LogGap(const Gap& gap) {
  io::LogWarning("{} {}: {}: {} ({})",
                 EscapeForTerminal(gap.path.text()),
                 gap.file,
                 gap.kind == Gap::Kind::kPending ? "pending" : "unsupported here",
                 EscapeForTerminal(gap.reason),
                 EscapeForTerminal(gap.mark.FileLine()));
}

io::LogLevel LevelOf(const engine::Note& note) {
  switch (note.level) {
    case engine::Note::Level::kInfo:
      return io::LogLevel::kInfo;
    case engine::Note::Level::kWarning:
      return io::LogLevel::kWarning;
    case engine::Note::Level::kError:
      break;
  }
  return io::LogLevel::kError;
}

// What goes on over several lines is as many lines of the log: it keeps none together.
void Log(const engine::Note& note) {
  const io::Fields fields = note.event ? FieldsOf(*note.event) : io::Fields();
  for (const std::string_view line : SplitLines(note.text)) {
    io::LogWith(LevelOf(note), fields, Trim(line));
  }
}

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// The first word is the one that `reevectl status` begins with.
std::string DifferenceLine(const Plan& plan, const std::vector<engine::ShrinkProgress>& shrinks) {
  if (show::WordOf(plan) != "HELD") return "DIFFERS: see the log";
  if (shrinks.empty()) return "SETTLING: " + engine::DescribeHeld(plan.held.front());
  std::string line = "SETTLING: " + show::DescribeShrink(shrinks.front());
  if (shrinks.size() > 1) line += fmt::format(", and {} more", shrinks.size() - 1);
  return line;
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::Make(systemd::Loop& loop,
                                             Options options,
                                             std::vector<systemd::PassedSocket> sockets) {
  io::MapLargeBlocks();
  REEVE_TRY(std::unique_ptr<kernel::CgroupFsKernel> fs, kernel::CgroupFsKernel::Open(options.root));
  if (fs->read_only()) {
    return Error{
        ErrorKind::kDenied,
        0,
        options.root,
        "the tree is mounted read-only, so no limit can be set; `reevectl plan` still shows what "
        "would be done"};
  }
  REEVE_TRY_VOID(fs->Lock(options.nested ? kernel::Nesting::kAllowed : kernel::Nesting::kRefused));
  std::unique_ptr<Daemon> daemon(new Daemon(loop, std::move(options), std::move(fs)));
  daemon->sockets_ = std::move(sockets);
  REEVE_TRY_VOID(daemon->Open());
  REEVE_TRY_VOID(daemon->Connect());
  return daemon;
}

Daemon::Daemon(systemd::Loop& loop, Options options, std::unique_ptr<kernel::CgroupFsKernel> fs)
    : options_(std::move(options)),
      fs_(std::move(fs)),
      loop_(loop),
      drift_watch_(kernel::DriftWatch::Make(fs_->root())),
      engine_(*fs_, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))),
      units_(loop_,
             DirectoryOf(options_.socket) + "/units",
             engine_.events(),
             {[this] { (void)work_.Enable(true); }, [this] { JudgeUnits(); }}),
      gap_watch_(loop_, [this] { policy_watch_->Changed(); }) {}

Result<> Daemon::Open() {
  REEVE_TRY(taking_up_, TakingUp::Make(options_, *fs_, engine_));
  REEVE_TRY(clamping_, Clamping::Make(fs_->root(), options_.state_dir));
  taking_up_->OnPutInForce(
      [this](TakingUp::SharedGeneration generation) { PutInForce(std::move(generation)); });
  taking_up_->OnTell([this](engine::Event::Kind kind, std::string text) {
    engine::Event event;
    event.at = Now();
    event.kind = kind;
    event.text = std::move(text);
    engine_.events().Add(std::move(event));
    if (control_) control_->OnEvents();
  });
  taking_up_->OnLoad([this](bool successful) {
    if (scraper_) scraper_->CountLoad(successful);
  });
  taking_up_->OnUnits(
      [this]() -> const std::map<std::string, UnitFact>& { return units_.Facts(); });
  taking_up_->OnRemember([this](const Standing& standing, TakingUp::SharedGeneration in_force) {
    engine_.RestoreAdopted(standing.adopted);
    units_.Restore(standing);
    // Only what was carried out whole tells drift from change.
    if (in_force != nullptr && in_force->desired.policy_hash == standing.in_force) {
      engine_.AssumeInForce({in_force, &in_force->desired});
    }
  });
  policy_watch_.emplace(
      loop_,
      taking_up_->Watched(),
      options_.settle,
      PolicyWatch::Callbacks{[this] { taking_up_->FactsAreStale(); },
                             [this] { ReadPolicies(); },
                             [this] { return ReadPoliciesAtUnrest(); },
                             [this] { CountOverflow(metrics::EventSource::kInotify); }},
      taking_up_->apart());
  return policy_watch_->Start();
}

Result<> Daemon::Connect() {
  const auto keep = [this](Result<systemd::Source> source) -> Result<> {
    if (!source.has_value()) return source.error();
    sources_.push_back(*std::move(source));
    return {};
  };
  // Without them the ten-minute pass sees it.
  auto device_events = kernel::UeventWatch::Make();
  if (device_events.has_value()) {
    device_events_.emplace(*std::move(device_events));
    REEVE_TRY_VOID(keep(loop_.OnReadable(device_events_->fd(), [this] { OnDevicesChanged(); })));
  }
  auto clock_watch = kernel::ClockWatch::Make();
  if (clock_watch.has_value()) {
    clock_watch_.emplace(*std::move(clock_watch));
    REEVE_TRY_VOID(keep(loop_.OnReadable(clock_watch_->fd(), [this] { OnClockSet(); })));
  }
  for (const int signal : {SIGTERM, SIGINT}) {
    REEVE_TRY_VOID(keep(loop_.OnSignal(signal, [this] { loop_.Stop(); })));
  }
  REEVE_TRY_VOID(keep(loop_.OnSignal(SIGHUP, [this] { Reload(); })));
  REEVE_TRY(wake_, loop_.OnTimer([this] {
    if (scraper_) scraper_->CountLag(std::max(io::BootTime() - wake_at_, Usec(0)));
    Work();
  }));
  REEVE_TRY(moment_, loop_.OnTimer([this] { OnMoment(); }));
  REEVE_TRY(alarm_look_, loop_.OnTimer([this] { OnAlarm(); }));
  REEVE_TRY(work_, loop_.OnTurn([this] { Work(); }));
  return loop_.KeepWatchdog();
}

Result<> Daemon::OpenControl() {
  REEVE_TRY(scraper_, Scraper::Make(*fs_, *taking_up_, engine_, units_, loop_));
  REEVE_TRY(control_,
            Control::Make({options_,
                           *fs_,
                           *taking_up_,
                           *clamping_,
                           engine_,
                           units_,
                           loop_,
                           sockets_,
                           [this] {
                             (void)work_.Enable(true);
                             Sleep();
                           },
                           [this](const http::Request& request, http::Responder responder) {
                             scraper_->Ask(request, std::move(responder));
                           },
                           [this] { return ready_; }}));
  return {};
}

Result<> Daemon::ConnectSlowWriter() {
  REEVE_TRY(slow_writer_, kernel::SlowWriterThread::Make(*fs_));
  REEVE_TRY(systemd::Source ended, loop_.OnReadable(slow_writer_->fd(), [this] {
    slow_writer_->Heard();  // or the loop would never be idle
    (void)work_.Enable(true);
  }));
  sources_.push_back(std::move(ended));
  engine_.UseSlowWriter(*slow_writer_);
  return {};
}

Result<> Daemon::Run() {
  io::LogInfo("reeved governs {}", EscapeForTerminal(fs_->root()));
  if (!drift_watch_.lacks().empty()) {
    io::LogInfo("{}", EscapeForTerminal(drift_watch_.lacks()));
  }
  REEVE_TRY_VOID(ConnectSlowWriter());
  taking_up_->Start();
  REEVE_TRY_VOID(OpenControl());
  if (!taking_up_->generations().has_generation()) {
    io::LogInfo("no policies in force; waiting for files in {}",
                EscapeForTerminal(Join(options_.policy_dirs, ", ")));
    Report();
  }
  Sleep();
  const auto ran = loop_.Run();
  // With a root that went we may go on with another one; the supervisor would wait for our end.
  if (!root_gone_) systemd::NotifyStopping();
  engine_.LetGo();
  LogNotes();
  if (root_gone_) {
    return Error{ErrorKind::kGone,
                 0,
                 options_.root,
                 "the managed root was removed; whoever starts reeved again gives it another"};
  }
  io::LogInfo("reeved ends; limits and processes stay as they are");
  return ran;
}

int Daemon::RunOnce() {
  taking_up_->Start();
  // What fails is due again only later, so this ends.
  while (engine_.Step(Now())) {
  }
  SettleUnits();
  LogNotes();
  taking_up_->KeepStanding(StandingNow());
  const std::shared_ptr<const Plan> whole = WholePlan(engine_, units_);
  const Plan& plan = *whole;
  io::LogInfo("{}", StatusLine());
  const std::string word = taking_up_->trouble().word;
  if (word == "LOAD FAILED") return kFailed;
  if (!word.empty()) return kRefused;
  if (!units_.why_not().empty()) return kFailed;
  if (!taking_up_->generations().has_generation() || AsDescribed()) return kDone;
  const bool only_held = !plan.held.empty() && plan.actions.empty() && plan.refusals.empty();
  return only_held ? kRefused : kFailed;
}

// systemd answers over the loop, so it runs until all is done that can be.
void Daemon::SettleUnits() {
  if (!units_.needed()) return;
  const Usec end = io::BootTime() + kUnitsOnce;
  systemd::Source look;
  auto timer = loop_.OnTimer([&] {
    const bool over = units_.resting() || io::BootTime() > end;
    if (over) loop_.Stop();
    if (!over) (void)look.FireAt(io::BootTime() + kUnitsLook);
  });
  if (!timer.has_value()) return;
  look = *std::move(timer);
  (void)look.FireAt(io::BootTime() + kUnitsLook);
  (void)loop_.Run().has_value();
}

void Daemon::ReadPolicies() {
  taking_up_->Look();
  Judged();
}

void Daemon::Judged() {
  heap_is_loose_ = true;
  (void)work_.Enable(true);
  Sleep();
  if (ready_) Report();
}

bool Daemon::ReadPoliciesAtUnrest() {
  const bool taken = taking_up_->LookAtUnrest();
  Judged();
  return taken;
}

void Daemon::Reload() {
  systemd::NotifyReloading();
  taking_up_->FactsAreStale();
  engine::Ask ask;
  ask.by_hand = true;
  ask.origin = {"a reload", ""};
  taking_up_->Look(ask);
  reloading_ = heap_is_loose_ = true;
  (void)work_.Enable(true);  // what came of it is said when the engine has come to rest
}

void Daemon::PutInForce(TakingUp::SharedGeneration generation) {
  const TakingUp::SharedGeneration last = std::exchange(generation_, std::move(generation));
  const std::vector<Gap>& known = last->desired.gaps;
  for (const Gap& gap : desired().gaps) {
    const bool said = std::any_of(known.begin(), known.end(), [&](const Gap& before) {
      return before.path == gap.path && before.file == gap.file && before.reason == gap.reason;
    });
    if (!said) LogGap(gap);
  }
  WatchOver();
  EndClamps();
  engine_.SetDesired(std::shared_ptr<const Desired>(generation_, &generation_->desired));
  if (generation_->names_units || units_.remembers()) units_.Need();
  units_.Judged(generation_);
  cover_due_ = true;
  gap_watch_.Listen(desired());
  (void)work_.Enable(true);
}

// Units came, went, or are known at last.
void Daemon::JudgeUnits() {
  (void)work_.Enable(true);
  if (!taking_up_->generations().has_generation()) return;
  taking_up_->Again();
  units_.Judged(taking_up_->generations().share());
  cover_due_ = true;
  Judged();
}

Standing Daemon::StandingNow() const {
  return units_.Join(engine_.standing());
}

bool Daemon::AsDescribed() const {
  return engine_.as_described() && units_.as_described();
}

bool Daemon::Resting() const {
  return engine_.resting() && units_.resting();
}

// While their cgroups are still there.
void Daemon::EndClamps() {
  for (const Clamping::Ended& ended : clamping_->EndOthers(desired())) {
    io::LogInfo("{} is over: {} brought back",
                ended.name,
                show::Count(ended.report.moved, "process", "processes"));
    for (const Error& stayed : ended.report.stayed) {
      io::LogWarning("{}: {}", ended.name, EscapeForTerminal(stayed.ToString()));
    }
  }
}

Result<> Daemon::CoverTree() {
  auto covered = drift_watch_.Cover(desired());
  for (const int fd : drift_watch_.fds()) {
    if (tree_heard_.contains(fd)) continue;
    REEVE_TRY(systemd::Source source, loop_.OnReadable(fd, [this] { OnTreeChanged(); }));
    tree_heard_.emplace(fd, std::move(source));
  }
  return covered;
}

void Daemon::WatchTree() {
  if (auto units = units_.TakeDirectories()) drift_watch_.WatchAlso(*std::move(units));
  if (tree_deaf_) {
    tree_watched_ = false;
    return;
  }
  if (!cover_due_ && made_ == engine_.made()) return;
  made_ = engine_.made();
  const auto covered = CoverTree();
  if (!covered.has_value() && tree_watched_) {
    io::LogWarning("{}; the tree is looked at every {} s instead",
                   EscapeForTerminal(covered.error().ToString()),
                   kPollInterval.count() / 1'000'000);
  }
  tree_watched_ = covered.has_value();
  cover_due_ = !tree_watched_;
}

void Daemon::OnTreeChanged() {
  if (HearOfDrift()) (void)work_.Enable(true);
}

void Daemon::CountOverflow(metrics::EventSource source) {
  if (scraper_) scraper_->CountOverflow(source);
}

// Reading failed: the descriptors are no good any more. Not from within a source of theirs.
void Daemon::ListenAnew() {
  const Usec now = io::BootTime();
  if (now < listen_anew_at_) return;
  listen_anew_at_ =
      now + kPollInterval;  // it may fail again at once: then the tree is looked at meanwhile
  tree_heard_.clear();
  // Gone before the next one is made: a descriptor that somebody has closed may be a number that the next one gets.
  { const kernel::DriftWatch old = std::move(drift_watch_); }
  drift_watch_ = kernel::DriftWatch::Make(fs_->root());
  tree_deaf_ = false;
  cover_due_ = true;
}

// False: nothing of ours was touched since.
bool Daemon::HearOfDrift() {
  if (tree_deaf_) return false;
  const auto heard = drift_watch_.Read(Now());
  const bool deaf = !heard.has_value() || heard->overflow;
  if (deaf) {
    engine_.LostTrack();
    units_.LostTrack();
    CountOverflow(drift_watch_.hears_writers() ? metrics::EventSource::kFanotify
                                               : metrics::EventSource::kInotify);
  }
  if (!heard.has_value()) {
    tree_deaf_ = true;
    // What is there to read stays there, and would wake us for ever.
    for (auto& [fd, source] : tree_heard_) (void)source.Enable(false);
    const std::string why = heard.error().ToString();
    if (why != tree_trouble_) {
      io::LogWarning("{}; the tree is watched anew", EscapeForTerminal(why));
    }
    tree_trouble_ = why;
  } else {
    tree_trouble_.clear();
  }
  cover_due_ = cover_due_ || deaf;
  bool ours = deaf;
  if (!heard.has_value()) return ours;
  for (const Touch& touch : heard->touches) {
    ours = engine_.MarkDirty(touch) || ours;
    cover_due_ = cover_due_ || touch.file.empty();
  }
  for (const auto& [directory, touch] : heard->elsewhere) {
    ours = units_.Heard(directory, touch) || ours;
  }
  return ours;
}

// CPUs and disks that come and go change what a policy means here.
void Daemon::OnDevicesChanged() {
  if (device_events_->Read()) OnHostChanged();
}

void Daemon::OnHostChanged() {
  engine_.MarkDirty();
  (void)work_.Enable(true);
  policy_watch_->Changed();
}

// A moment that policies, holds or confirmations wait for has come.
void Daemon::OnMoment() {
  taking_up_->EndByClock();
  taking_up_->Again();
  Judged();
}

void Daemon::OnClockSet() {
  const std::int64_t seconds = clock_watch_->Read();
  if (seconds == 0) return;
  taking_up_->ClockWasSet(seconds);
  OnMoment();
}

// A generation that awaits its confirmation is watched over, in what it changed; any other needs no watch.
void Daemon::WatchOver() {
  alarm_.reset();
  const auto& confirmation = taking_up_->generations().confirmation();
  if (!confirmation) return;
  const auto before = taking_up_->Earlier(confirmation->back_to);
  alarm_.emplace(*fs_, before.has_value() ? before->desired : Desired(), desired());
  (void)alarm_look_.FireAt(io::BootTime() + kAlarmLook);
}

void Daemon::OnAlarm() {
  const auto confirmation = taking_up_->generations().confirmation();
  if (!alarm_ || !confirmation) {
    alarm_.reset();
    return;
  }
  const auto why = alarm_->Look(Now());
  if (!why) {
    (void)alarm_look_.FireAt(io::BootTime() + kAlarmLook);
    return;
  }
  alarm_.reset();
  io::LogError("generation {} is undone: {}", confirmation->generation, *why);
  const auto undone = taking_up_->Undo(confirmation->back_to, {"reeve", *why});
  if (!undone.has_value()) io::LogError("{}", EscapeForTerminal(undone.error().ToString()));
  Sleep();
}

void Daemon::Work() {
  if (tree_deaf_) ListenAnew();
  const engine::Instant slice_end = Now() + kSlice;
  bool more = true;
  while (more && Now() < slice_end) {
    more = Step();
  }
  LogNotes();
  // Takes what we have written ourselves out of the queue, which would wake us for nothing.
  more = HearOfDrift() || more;
  (void)work_.Enable(more);
  if (more) return;
  taking_up_->KeepStanding(StandingNow());
  WatchTree();
  Sleep();
  Report();
  if (!engine_.as_described() && RootIsGone()) OnRootGone();
  if (scraper_ && Resting()) scraper_->OnRested();
  if (control_) control_->OnRested();
  if (!Resting()) return;
  engine_.ForgetRounds();
  if (units_.needed()) units_.engine().ForgetRounds();
  if (std::exchange(heap_is_loose_, false)) io::GiveBackMemory();
}

bool Daemon::Step() {
  const std::size_t looks = engine_.looks();
  const engine::Instant begin = Now();
  const bool more = engine_.Step(begin);
  if (scraper_) {
    scraper_->Count();
    const auto took = std::chrono::duration_cast<Usec>(Now() - begin);
    if (engine_.looks() != looks) scraper_->CountLook(took);
  }
  return units_.Step(begin) || more;
}

void Daemon::OnRootGone() {
  root_gone_ = true;
  loop_.Stop();
}

// A cgroup of the same name is another one: nothing can be done with this one any more.
bool Daemon::RootIsGone() {
  const auto text = fs_->ReadFile(CgroupPath(), "cgroup.controllers");  // every cgroup has it
  if (text.has_value()) return false;
  const ErrorKind kind = text.error().kind;
  return kind == ErrorKind::kGone || kind == ErrorKind::kNotFound ||
         kind == ErrorKind::kUnsupported;
}

void Daemon::LogNotes() {
  for (const engine::Note& note : engine_.TakeNotes()) Log(note);
  if (units_.needed()) {
    for (const engine::Note& note : units_.engine().TakeNotes()) Log(note);
  }
  if (control_) control_->OnEvents();
  if (options_.tell_terminal) teller_.Tell(engine_.events());
}

void Daemon::Sleep() {
  policy_watch_->KeepLooking();
  // By the wall clock, which may be set: looked at again at least with each safety pass of the engine.
  if (const auto moment = taking_up_->NextMoment()) {
    constexpr std::int64_t kLongest = 600;
    const std::int64_t in = std::clamp<std::int64_t>(*moment - io::EpochSeconds(), 0, kLongest);
    (void)moment_.FireAt(io::BootTime() + std::chrono::seconds(in) + Usec(1));
  }
  std::optional<engine::Instant> next = engine_.NextWake();
  const std::optional<engine::Instant> units = units_.NextWake();
  if (units) next = next ? std::min(*next, *units) : *units;
  if (!next) return;
  auto at = std::chrono::duration_cast<Usec>(*next) + Usec(1);
  if (!tree_watched_ && at > io::BootTime() + kPollInterval) {
    at = io::BootTime() + kPollInterval;
    engine_.MarkDirty();
  }
  wake_at_ = std::max(at, io::BootTime());  // long past: as soon as can be
  (void)wake_.FireAt(at);
}

std::string Daemon::StatusLine() const {
  const TakingUp::Trouble trouble = taking_up_->trouble();
  const std::uint64_t number = taking_up_->generations().number();
  if (!trouble.word.empty()) {
    return fmt::format("{}: {}; generation {} stays in force",
                       trouble.word,
                       EscapeForTerminal(trouble.text),
                       number);
  }
  if (!taking_up_->generations().has_generation()) return "no policies in force";
  if (!engine_.planned()) return fmt::format("putting generation {} in force", number);
  if (!engine_.as_described()) return DifferenceLine(engine_.plan(), engine_.shrinks());
  if (!units_.as_described()) return DifferenceLine(units_.plan(), {});
  const std::string units =
      generation_->names_units ? fmt::format(", {} units", units_.desired().cgroups.size()) : "";
  const std::string away = units_.why_not();
  return fmt::format("AS DESCRIBED: generation {}, {} cgroups{}, {} values put back{}",
                     number,
                     desired().cgroups.size(),
                     units,
                     engine_.repaired() + (units_.needed() ? units_.engine().repaired() : 0),
                     away.empty() ? "" : "; units wait: " + EscapeForTerminal(away));
}

void Daemon::Report() {
  const std::string status = StatusLine();
  if (!ready_) {
    ready_ = true;
    reloading_ = false;
    systemd::NotifyReady(status);
    io::LogInfo("ready: {}", status);
  } else if (reloading_) {
    reloading_ = false;
    systemd::NotifyReady(status);
  } else {
    systemd::NotifyStatus(status);
  }
}

}  // namespace reeve::daemon
