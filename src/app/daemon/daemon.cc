// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/exit_code.h"
#include "app/daemon/kept_data.h"
#include "app/daemon/log_findings.h"
#include "core/base/text.h"
#include "core/policy/facts_reader.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"
#include "edge/kernel/data_source.h"
#include "edge/kernel/host_facts.h"
#include "edge/kernel/policy_dir.h"
#include "edge/systemd/notify.h"

namespace reeve::daemon {
namespace {

// Work is done in slices of this length; in between the loop serves whoever else waits.
constexpr Usec kSlice{10'000};
// When watches can not be had, everything is looked at this often instead.
constexpr Usec kPollInterval{30'000'000};
constexpr Usec kMinute{60'000'000};

engine::Instant Now() {
  return io::BootTime();
}

std::set<CgroupPath> PathsOf(const Desired& desired) {
  std::set<CgroupPath> paths;
  for (const auto& entry : desired.cgroups) paths.insert(entry.first);
  return paths;
}

std::vector<std::string> WatchedDirectories(const Options& options) {
  std::vector<std::string> all = options.policy_dirs;
  for (std::string& directory : kernel::DataDirectoriesBeside(options.policy_dirs)) {
    all.push_back(std::move(directory));
  }
  all.push_back(options.facts_dir);
  return all;
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::Make(Options options) {
  REEVE_TRY(std::unique_ptr<kernel::CgroupFsKernel> fs, kernel::CgroupFsKernel::Open(options.root));
  if (fs->read_only()) {
    return Error{
        ErrorKind::kDenied,
        0,
        options.root,
        "the tree is mounted read-only, so no limit can be set; `reevectl plan` still shows what "
        "would be done"};
  }
  REEVE_TRY_VOID(fs->Lock());
  REEVE_TRY(store::LastGoodStore last_good, store::LastGoodStore::Open(options.state_dir));
  REEVE_TRY(kernel::TreeWatch tree_watch, kernel::TreeWatch::Make(fs->root()));
  REEVE_TRY(kernel::DirWatch dir_watch, kernel::DirWatch::Make(WatchedDirectories(options)));
  REEVE_TRY(systemd::Loop loop, systemd::Loop::Make());
  std::unique_ptr<Daemon> daemon(new Daemon(std::move(options),
                                            std::move(fs),
                                            std::move(loop),
                                            std::move(last_good),
                                            std::move(tree_watch),
                                            std::move(dir_watch)));
  REEVE_TRY_VOID(daemon->Connect());
  return daemon;
}

Daemon::Daemon(Options options,
               std::unique_ptr<kernel::CgroupFsKernel> fs,
               systemd::Loop loop,
               store::LastGoodStore last_good,
               kernel::TreeWatch tree_watch,
               kernel::DirWatch dir_watch)
    : options_(std::move(options)),
      fs_(std::move(fs)),
      loop_(std::move(loop)),
      last_good_(std::move(last_good)),
      tree_watch_(std::move(tree_watch)),
      dir_watch_(std::move(dir_watch)),
      files_(std::make_unique<kernel::PolicyDirs>(kernel::LayersOf(options_.policy_dirs),
                                                  kernel::Ownership::kTrusted)),
      data_(std::make_unique<kernel::HostData>(kernel::DataDirectoriesBeside(options_.policy_dirs),
                                               kernel::Ownership::kTrusted)),
      engine_(*fs_, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))) {}

Result<> Daemon::Connect() {
  const auto keep = [this](Result<systemd::Source> source) -> Result<> {
    if (!source.has_value()) return source.error();
    sources_.push_back(*std::move(source));
    return {};
  };
  REEVE_TRY_VOID(keep(loop_.OnReadable(tree_watch_.fd(), [this] { OnTreeChanged(); })));
  REEVE_TRY_VOID(keep(loop_.OnReadable(dir_watch_.fd(), [this] { OnPoliciesChanged(); })));
  for (const int signal : {SIGTERM, SIGINT}) {
    REEVE_TRY_VOID(keep(loop_.OnSignal(signal, [this] { loop_.Stop(); })));
  }
  REEVE_TRY_VOID(keep(loop_.OnSignal(SIGHUP, [this] {
    systemd::NotifyReloading();
    facts_stale_ = true;
    ReadPolicies();
    systemd::NotifyReady("reloaded");
  })));
  REEVE_TRY(settle_, loop_.OnTimer([this] { ReadPolicies(); }));
  REEVE_TRY(wake_, loop_.OnTimer([this] { Work(); }));
  REEVE_TRY(minute_, loop_.OnTimer([this] {
    JudgeAgain();
    if (depends_on_clock_) (void)minute_.FireAt(io::BootTime() + kMinute);
  }));
  REEVE_TRY(work_, loop_.OnIdle([this] { Work(); }));
  return loop_.KeepWatchdog();
}

Result<> Daemon::Run() {
  io::LogInfo("reeved governs {}", EscapeForTerminal(fs_->root()));
  Start();
  if (!acceptor_.has_generation()) {
    io::LogInfo("no policies in force; waiting for files in {}",
                EscapeForTerminal(Join(options_.policy_dirs, ", ")));
    Report();
  }
  const auto ran = loop_.Run();
  systemd::NotifyStopping();
  io::LogInfo("reeved ends; limits and processes stay as they are");
  return ran;
}

void Daemon::Start() {
  // Generations go on counting where they were, whatever is read now.
  const auto kept = last_good_.Load();
  if (kept.has_value()) acceptor_.CountFrom(kept->generation, kept->policies);
  ReadFacts();
  ReadPolicies();
  if (!acceptor_.has_generation()) StartFromLastGood();
}

int Daemon::RunOnce() {
  Start();
  const bool refused = !complaint_.empty();
  // What fails is due again only later, so this ends.
  while (engine_.Step(Now())) {
  }
  LogNotes();
  const Plan& plan = engine_.plan();
  io::LogInfo("{}", engine_.as_described() ? "AS DESCRIBED" : "DIFFERS");
  if (refused) return kFailed;
  if (!acceptor_.has_generation() || engine_.as_described()) return kDone;
  const bool only_held = !plan.held.empty() && plan.actions.empty() && plan.refusals.empty();
  return only_held ? kRefused : kFailed;
}

void Daemon::ReadFacts() {
  facts_stale_ = false;
  std::vector<std::string> notes;
  facts_ = kernel::ReadHostFacts(fs_->root(), fs_.get(), {}, &notes);
  for (const std::string& note : notes) io::LogDebug("facts: {}", EscapeForTerminal(note));
  const auto own = kernel::ReadOptionalDir(options_.facts_dir, kernel::Ownership::kTrusted);
  if (!own.has_value()) {
    io::LogWarning("{}", EscapeForTerminal(own.error().ToString()));
    return;
  }
  policy::Findings findings;
  facts_.own = policy::ReadOwnFacts(own->files, findings);
  fact_files_ = own->files;
  LogFindings(findings);
}

void Daemon::ReadPolicies() {
  const auto armed = dir_watch_.Arm();
  if (!armed.has_value()) {
    io::LogWarning("{}; the directories are read every {} s instead",
                   EscapeForTerminal(armed.error().ToString()),
                   kPollInterval.count() / 1'000'000);
    (void)settle_.FireAt(io::BootTime() + kPollInterval);
  }
  if (facts_stale_) ReadFacts();
  auto set = files_->Read();
  if (!set.has_value()) {
    // Said once for each reason: a poller would repeat it for ever.
    std::string complaint = set.error().ToString();
    if (complaint != complaint_)
      io::LogError("{}; what is in force stays", EscapeForTerminal(complaint));
    complaint_ = std::move(complaint);
    return;
  }
  engine::Acceptance result = acceptor_.Consider(*set, facts_, *data_, io::EpochSeconds());
  switch (result.kind) {
    case engine::Acceptance::Kind::kSame:
      complaint_.clear();
      JudgeAgain();  // data files lie beside the policies and may be what changed
      return;
    case engine::Acceptance::Kind::kEmptied:
      if (complaint_ != "emptied") {
        io::LogWarning(
            "no policy files are left; what is in force stays. Put an empty document in place "
            "to lift all limits on purpose");
      }
      complaint_ = "emptied";
      return;
    case engine::Acceptance::Kind::kRefused:
      for (const port::IgnoredName& name : result.refused_names) {
        io::LogError("{}: {}", EscapeForTerminal(name.name), EscapeForTerminal(name.reason));
      }
      LogFindings(result.findings);
      complaint_ = "refused";
      io::LogError("the policies on disk can not be used; {}",
                   acceptor_.has_generation() ? "the last good generation stays in force"
                                              : "nothing is in force");
      systemd::NotifyStatus("LOAD FAILED: policies on disk can not be used, last good stays");
      return;
    case engine::Acceptance::Kind::kAccepted:
      complaint_.clear();
      LogFindings(result.findings);
      io::LogInfo("generation {} accepted: {} files, {} documents, {} cgroups",
                  acceptor_.generation(),
                  set->files.size(),
                  result.generation->documents,
                  result.generation->desired.cgroups.size());
      PutInForce(*std::move(result.generation), true);
      return;
  }
}

void Daemon::JudgeAgain() {
  auto generation = acceptor_.Again(facts_, *data_, io::EpochSeconds());
  if (generation && generation->desired != desired_) PutInForce(*std::move(generation), false);
}

void Daemon::StartFromLastGood() {
  const auto kept = last_good_.Load();
  if (!kept.has_value()) {
    if (kept.error().kind != ErrorKind::kNotFound) {
      io::LogError("{}", EscapeForTerminal(kept.error().ToString()));
    }
    return;
  }
  policy::Findings findings;
  facts_.own = policy::ReadOwnFacts(kept->facts, findings);
  KeptData data(*kept, *data_);
  engine::Generation generation;
  if (!acceptor_.Restore(
          kept->policies, kept->generation, facts_, data, io::EpochSeconds(), &generation)) {
    io::LogError("the last good set of {} can not be used on this host any more",
                 io::FormatUtc(kept->accepted_at));
    return;
  }
  io::LogWarning("generation {} of {} is in force again: {} files, {} cgroups",
                 kept->generation,
                 io::FormatUtc(kept->accepted_at),
                 kept->policies.size(),
                 generation.desired.cgroups.size());
  PutInForce(std::move(generation), false);
}

void Daemon::PutInForce(engine::Generation generation, bool keep) {
  if (keep) {
    const auto saved = last_good_.Save({acceptor_.generation(),
                                        io::EpochSeconds(),
                                        generation.desired.policy_hash,
                                        generation.files,
                                        generation.data,
                                        fact_files_});
    if (!saved.has_value()) {
      io::LogError("{}; after a restart the set before this one would be in force",
                   EscapeForTerminal(saved.error().ToString()));
    }
  }
  desired_ = generation.desired;
  depends_on_clock_ = generation.depends_on_clock;
  if (depends_on_clock_) (void)minute_.FireAt(io::BootTime() + kMinute);
  for (const Gap& gap : desired_.gaps) {
    io::LogWarning("{} {}: {}: {} ({})",
                   EscapeForTerminal(gap.path.text()),
                   gap.file,
                   gap.kind == Gap::Kind::kPending ? "pending" : "unsupported here",
                   EscapeForTerminal(gap.reason),
                   EscapeForTerminal(gap.mark.FileLine()));
  }
  engine_.SetDesired(std::move(generation.desired));
  WaitForGaps();
  (void)work_.Enable(true);
}

void Daemon::WatchTree() {
  const auto covered = tree_watch_.Cover(PathsOf(desired_));
  if (!covered.has_value() && tree_watched_) {
    io::LogWarning("{}; the tree is looked at every {} s instead",
                   EscapeForTerminal(covered.error().ToString()),
                   kPollInterval.count() / 1'000'000);
  }
  tree_watched_ = covered.has_value();
}

// A device or mount that is not there comes with an event: a name in /dev, a change of the mount table.
void Daemon::WaitForGaps() {
  const bool pending = std::any_of(desired_.gaps.begin(), desired_.gaps.end(), [](const Gap& gap) {
    return gap.kind == Gap::Kind::kPending;
  });
  devices_ = {};
  mounts_ = {};
  device_watch_.reset();
  mountinfo_.reset();
  if (!pending) return;
  const auto again = [this] {
    (void)settle_.FireAt(io::BootTime() + options_.settle);
    facts_stale_ = true;
  };
  auto watch = kernel::DirWatch::Make({"/dev", "/dev/disk/by-id"});
  if (watch.has_value()) {
    device_watch_.emplace(*std::move(watch));
    auto source = loop_.OnReadable(device_watch_->fd(), [this, again] {
      const auto heard = device_watch_->Read();
      if (heard.has_value() && *heard) again();
    });
    if (source.has_value()) devices_ = *std::move(source);
  }
  mountinfo_.reset(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!mountinfo_.valid()) return;
  auto source = loop_.OnPriority(mountinfo_.get(), again);
  if (source.has_value()) mounts_ = *std::move(source);
}

void Daemon::OnTreeChanged() {
  const auto changes = tree_watch_.Read();
  if (!changes.has_value() || changes->overflow) engine_.MarkDirty();
  if (changes.has_value()) {
    for (const CgroupPath& path : changes->paths) engine_.MarkDirty(path);
    if (!changes->any()) return;
  }
  (void)work_.Enable(true);
}

void Daemon::OnPoliciesChanged() {
  const auto heard = dir_watch_.Read();
  if (heard.has_value() && !*heard) return;
  facts_stale_ = true;
  (void)settle_.FireAt(io::BootTime() + options_.settle);
}

void Daemon::Work() {
  const engine::Instant slice_end = Now() + kSlice;
  bool more = true;
  while (more && Now() < slice_end) more = engine_.Step(Now());
  LogNotes();
  if (more) return;
  (void)work_.Enable(false);
  WatchTree();
  Sleep();
  Report();
}

void Daemon::LogNotes() {
  for (const engine::Note& note : engine_.TakeNotes()) {
    switch (note.level) {
      case engine::Note::Level::kInfo:
        io::LogInfo("{}", note.text);
        break;
      case engine::Note::Level::kWarning:
        io::LogWarning("{}", note.text);
        break;
      case engine::Note::Level::kError:
        io::LogError("{}", note.text);
        break;
    }
  }
}

void Daemon::Sleep() {
  std::optional<engine::Instant> next = engine_.NextWake();
  if (!next) return;
  auto at = std::chrono::duration_cast<Usec>(*next) + Usec(1);
  if (!tree_watched_ && at > io::BootTime() + kPollInterval) {
    at = io::BootTime() + kPollInterval;
    engine_.MarkDirty();
  }
  (void)wake_.FireAt(at);
}

void Daemon::Report() {
  const std::string status = !acceptor_.has_generation() ? "no policies in force"
                             : engine_.as_described()
                                 ? fmt::format("AS DESCRIBED: {} cgroups, {} values put back",
                                               desired_.cgroups.size(),
                                               engine_.repaired())
                                 : "DIFFERS: see the log";
  if (!ready_) {
    ready_ = true;
    systemd::NotifyReady(status);
    io::LogInfo("ready: {}", status);
  } else {
    systemd::NotifyStatus(status);
  }
}

}  // namespace reeve::daemon
