// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/taking_up.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/hand_files.h"
#include "app/daemon/log_findings.h"
#include "core/base/text.h"
#include "core/engine/kept_data.h"
#include "core/engine/planning.h"
#include "core/format/proc_text.h"
#include "core/policy/facts_reader.h"
#include "core/policy/load.h"
#include "edge/io/clock.h"
#include "edge/io/files.h"
#include "edge/io/log.h"
#include "edge/kernel/data_source.h"
#include "edge/kernel/host_facts.h"
#include "edge/kernel/policy_dir.h"

namespace reeve::daemon {
namespace {

using Kind = engine::Verdict::Kind;
using engine::Event;

constexpr std::int64_t kClockStep =
    60;  // a policy that depends on the time is judged again this often

engine::Generations::Settings SettingsOf(const Options& options) {
  return {options.take_up, options.guards};
}

// The strongest directory that is gone after a reboot, else one of our own.
std::string ByHandDirectory(const Options& options) {
  const auto layers = kernel::LayersOf(options.policy_dirs);
  if (!layers.empty() && layers.back().layer == kByHandLayer) return layers.back().directory;
  return options.state_dir + "/by-hand.d";
}

std::vector<kernel::PolicyLayer> Layers(const Options& options, const std::string& by_hand) {
  auto layers = kernel::LayersOf(options.policy_dirs);
  if (layers.empty() || layers.back().directory != by_hand)
    layers.push_back({by_hand, kByHandLayer});
  return layers;
}

std::string Join(const std::vector<engine::GuardHit>& hits) {
  std::string text;
  for (const engine::GuardHit& hit : hits) {
    text += fmt::format("{}guard {}: {}", text.empty() ? "" : "; ", hit.name, hit.message);
  }
  return text;
}

// One life of the managed root: another boot or a root made anew has another name.
std::string NameOfTree(kernel::CgroupFsKernel& fs) {
  const auto stat = fs.Stat(CgroupPath());
  return stat.has_value() ? fmt::format("{} {}", io::BootId(), stat->id) : "";
}

}  // namespace

Result<std::unique_ptr<TakingUp>> TakingUp::Make(const Options& options,
                                                 kernel::CgroupFsKernel& fs) {
  REEVE_TRY(store::StateDirectory directory, store::StateDirectory::Open(options.state_dir));
  return std::unique_ptr<TakingUp>(
      new TakingUp(options, fs, store::GenerationStore(std::move(directory))));
}

TakingUp::TakingUp(const Options& options, kernel::CgroupFsKernel& fs, store::GenerationStore store)
    : options_(options),
      fs_(fs),
      store_(std::move(store)),
      by_hand_(ByHandDirectory(options)),
      files_(std::make_unique<kernel::PolicyDirs>(Layers(options, by_hand_),
                                                  kernel::Ownership::kTrusted)),
      data_(std::make_unique<kernel::HostData>(kernel::DataDirectoriesBeside(options.policy_dirs),
                                               kernel::Ownership::kTrusted)),
      observer_(fs),
      generations_(SettingsOf(options)) {
  ProtectProcess(::getpid());
}

std::vector<std::string> TakingUp::Watched() const {
  std::vector<std::string> all = options_.policy_dirs;
  if (std::find(all.begin(), all.end(), by_hand_) == all.end()) all.push_back(by_hand_);
  for (std::string& directory : kernel::DataDirectoriesBeside(options_.policy_dirs)) {
    all.push_back(std::move(directory));
  }
  all.push_back(options_.facts_dir);
  return all;
}

// Below our root, as seen from this cgroup namespace; nullopt for what lies outside.
std::optional<CgroupPath> TakingUp::CgroupOf(std::int64_t pid) const {
  const auto text = io::ReadWholeFile(fmt::format("/proc/{}/cgroup", pid));
  if (!text.has_value()) return std::nullopt;
  const auto cgroup = format::ParseProcCgroup(*text);
  if (!cgroup.has_value()) return std::nullopt;
  const std::string_view path = cgroup->path;
  // Where the file system is mounted is not said, so every end of our root's path may be its path in the tree.
  for (std::size_t at = fs_.root().find('/', 1); at != std::string::npos;
       at = fs_.root().find('/', at + 1)) {
    const std::string_view root = std::string_view(fs_.root()).substr(at);
    if (!path.starts_with(root) || path.size() <= root.size() || path[root.size()] != '/') continue;
    const auto inside = CgroupPath::Parse(path.substr(root.size() + 1));
    if (inside.has_value()) return *inside;
  }
  return std::nullopt;
}

void TakingUp::ProtectProcess(std::int64_t pid) {
  if (auto path = CgroupOf(pid)) selves_.insert(*std::move(path));
}

void TakingUp::ForgetProtected() {
  selves_.clear();
  ProtectProcess(::getpid());
}

std::size_t TakingUp::CountProcesses() {
  std::size_t count = 0;
  if (!generations_.has_generation()) return count;
  for (const auto& entry : generations_.in_force().desired.cgroups) {
    const auto processes = fs_.ReadProcesses(entry.first);
    if (processes.has_value()) count += processes->size();
  }
  return count;
}

Plan TakingUp::PlanFor(const Desired& desired) {
  plan::PlanOptions options;
  options.page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  if (generations_.has_generation()) options.previous = &generations_.in_force().desired;
  return engine::ObserveAndPlan(observer_, desired, options).plan;
}

Result<engine::Generation> TakingUp::OnDisk() {
  REEVE_TRY(const port::FileSet set, files_->Read());
  for (const port::IgnoredName& name : set.ignored) {
    if (name.error) return Error{ErrorKind::kInvalid, 0, name.name, name.reason};
  }
  return generations_.Peek(set, MakeWorld());
}

engine::Generation TakingUp::Try(const SourceFiles& files) {
  const engine::World world = MakeWorld();
  engine::KeptData data(generations_.in_force().data, world.data);
  return engine::Judge(files, world.facts, data, world.now);
}

std::vector<engine::GuardHit> TakingUp::AskGuards(const engine::Generation& candidate,
                                                  const Plan& plan) {
  return generations_.GuardsOf(candidate, plan, MakeWorld());
}

engine::World TakingUp::MakeWorld() {
  if (facts_stale_) ReadFacts();
  return {facts_,
          *data_,
          io::EpochSeconds(),
          [this](const Desired& desired) { return PlanFor(desired); },
          [this] { return CountProcesses(); },
          selves_};
}

void TakingUp::ReadFacts() {
  facts_stale_ = false;
  std::vector<std::string> notes;
  auto own_before = std::move(facts_.own);
  facts_ = kernel::ReadHostFacts(fs_.root(), &fs_, {}, &notes);
  for (const std::string& note : notes) io::LogDebug("facts: {}", EscapeForTerminal(note));
  const auto own = kernel::ReadOptionalDir(options_.facts_dir, kernel::Ownership::kTrusted);
  if (!own.has_value()) {
    io::LogWarning("{}; the facts known so far stay", EscapeForTerminal(own.error().ToString()));
    facts_.own = std::move(own_before);
    return;
  }
  policy::Findings findings;
  facts_.own = policy::ReadOwnFacts(own->files, findings);
  fact_files_ = own->files;
  LogFindings(findings);
}

void TakingUp::Start() {
  ReadFacts();
  auto books = store_.LoadBooks();
  if (!books.has_value()) {
    io::LogError("{}; history and holds begin anew", EscapeForTerminal(books.error().ToString()));
    books = store::Books();
  }
  standing_ = books->engine;
  tree_ = NameOfTree(fs_);
  if (standing_.tree != tree_) standing_.in_force.clear();
  auto kept = store_.Load();
  if (kept.has_value()) {
    const std::int64_t accepted_at = kept->accepted_at;
    const engine::Verdict verdict = generations_.Restore(*std::move(kept),
                                                         std::move(books->history),
                                                         std::move(books->hold),
                                                         std::move(books->confirmation),
                                                         MakeWorld());
    if (verdict.generation) {
      io::LogInfo("generation {} of {} is in force again: {} files, {} cgroups",
                  generations_.number(),
                  io::FormatUtc(accepted_at),
                  verdict.generation->files.size(),
                  verdict.generation->desired.cgroups.size());
      remember_(standing_, &verdict.generation->desired);
      put_(*verdict.generation);
    } else {
      LogFindings(verdict.findings);
      io::LogError("generation {} of {} can not be used on this host any more",
                   generations_.number(),
                   io::FormatUtc(accepted_at));
    }
  } else if (kept.error().kind != ErrorKind::kNotFound) {
    io::LogError("{}", EscapeForTerminal(kept.error().ToString()));
  }
  EndByClock();
  Look();
}

engine::Verdict TakingUp::Look(const engine::Ask& ask) {
  auto set = files_->Read();
  if (!set.has_value()) {
    if (load_) load_(false);
    unreadable_ = set.error().ToString();
    SayOnce(EscapeForTerminal(unreadable_) + "; what is in force stays", true);
    engine::Verdict verdict;
    verdict.kind = Kind::kBroken;
    return verdict;
  }
  unreadable_.clear();
  engine::Ask asked = ask;
  if (asked.origin.who.empty()) asked.origin.who = "files that changed";
  engine::Verdict verdict = generations_.Consider(*set, asked, MakeWorld());
  Settle(verdict, set->files.size());
  return verdict;
}

void TakingUp::Settle(const engine::Verdict& verdict, std::size_t files) {
  switch (verdict.kind) {
    case Kind::kTaken:
      if (load_) load_(true);
      LogFindings(verdict.findings);
      Say(Event::Kind::kGeneration,
          fmt::format("generation {} accepted ({}) from {}: {} files, {} documents, {} cgroups",
                      generations_.number(),
                      EscapeForTerminal(generations_.history().back().what),
                      EscapeForTerminal(generations_.history().back().origin.who),
                      files,
                      verdict.generation->documents,
                      verdict.generation->desired.cgroups.size()));
      Keep();
      put_(*verdict.generation);
      break;
    case Kind::kRefreshed:
      put_(*verdict.generation);
      break;
    case Kind::kSame:
    case Kind::kAnother:
      break;
    case Kind::kBroken:
      if (load_) load_(false);
      SayBroken(verdict);
      return;
    case Kind::kWaiting:
      SayOnce(
          "the files on disk have changed; they wait for `systemctl reload reeved` or `reevectl "
          "apply`",
          false);
      return;
    case Kind::kHeld:
      SayOnce(fmt::format("the files on disk have changed; generation {} is held by {} ({})",
                          generations_.number(),
                          EscapeForTerminal(generations_.hold()->origin.who),
                          EscapeForTerminal(generations_.hold()->origin.why)),
              false);
      return;
    case Kind::kGuarded:
      SayOnce(
          fmt::format("HELD BACK by {}; look at `reevectl plan`, then `reevectl apply --accept {}`",
                      Join(verdict.guards),
                      verdict.guards.front().name),
          true);
      return;
  }
  if (generations_.disk_state() == engine::DiskState::kSame) {
    complaint_.clear();
    last_success_ = io::EpochSeconds();
  }
}

void TakingUp::Say(Event::Kind kind, std::string text) {
  io::LogInfo("{}", text);
  if (tell_) tell_(kind, std::move(text));
}

void TakingUp::SayOnce(std::string complaint, bool error) {
  if (complaint == complaint_) return;
  if (error) {
    io::LogError("{}", complaint);
  } else {
    io::LogWarning("{}", complaint);
  }
  if (tell_) tell_(Event::Kind::kHold, complaint);
  complaint_ = std::move(complaint);
}

void TakingUp::SayBroken(const engine::Verdict& verdict) {
  for (const port::IgnoredName& name : verdict.refused_names) {
    io::LogError("{}: {}", EscapeForTerminal(name.name), EscapeForTerminal(name.reason));
  }
  LogFindings(verdict.findings);
  const std::string text =
      fmt::format("the policies on disk can not be used; {}",
                  generations_.has_generation() ? "the last good generation stays in force"
                                                : "nothing is in force");
  io::LogError("{}", text);
  if (tell_) tell_(Event::Kind::kGeneration, text);
  complaint_ = "broken";
}

void TakingUp::Again() {
  const engine::Verdict verdict = generations_.Again(MakeWorld());
  if (verdict.generation) put_(*verdict.generation);
}

Result<> TakingUp::Undo(std::uint64_t to, const Origin& origin) {
  REEVE_TRY(const KeptGeneration kept, store_.Load(to));
  const engine::Verdict verdict = generations_.Undo(kept, origin, MakeWorld());
  if (!verdict.generation) {
    LogFindings(verdict.findings);
    return Error{ErrorKind::kInvalid,
                 0,
                 fmt::format("generation {}", to),
                 "it can not be used on this host any more; the log says why"};
  }
  Say(Event::Kind::kGeneration,
      fmt::format("generation {}: undo to {} by {} ({}); held until `reevectl release`",
                  generations_.number(),
                  to,
                  EscapeForTerminal(origin.who),
                  EscapeForTerminal(origin.why)));
  Keep();
  put_(*verdict.generation);
  return {};
}

void TakingUp::Hold(reeve::Hold hold) {
  Say(Event::Kind::kHold,
      fmt::format("generation {} is held by {}: {}",
                  generations_.number(),
                  EscapeForTerminal(hold.origin.who),
                  EscapeForTerminal(hold.origin.why)));
  generations_.SetHold(std::move(hold));
  KeepBooks();
}

bool TakingUp::Release() {
  if (!generations_.Release()) return false;
  Say(Event::Kind::kHold, "the hold is over");
  KeepBooks();
  Look();
  return true;
}

bool TakingUp::Confirm(const Origin& origin) {
  if (!generations_.Confirm(origin.who)) return false;
  Say(Event::Kind::kHold,
      fmt::format("generation {} is confirmed by {}",
                  generations_.number(),
                  EscapeForTerminal(origin.who)));
  KeepBooks();
  return true;
}

std::vector<policy::HandInForce> TakingUp::Hands() const {
  if (!generations_.has_generation()) return {};
  policy::Findings findings;  // none: these files are in force
  return policy::HandsIn(policy::LoadPolicy(ByHand(generations_.in_force().files), findings));
}

// What was done by hand and is over would only be read for ever.
void TakingUp::RemoveExpired() {
  HandFiles files(by_hand_);
  bool removed = false;
  for (const policy::HandInForce& hand : Hands()) {
    if (!hand.expires || *hand.expires > io::EpochSeconds()) continue;
    Say(Event::Kind::kByHand, fmt::format("{} is over", EscapeForTerminal(hand.name)));
    const auto gone = files.Remove(hand.file_name);
    if (!gone.has_value()) io::LogWarning("{}", EscapeForTerminal(gone.error().ToString()));
    removed = removed || gone.has_value();
  }
  if (removed) Look({false, {}, {"reeve", "its time is over"}, "", std::nullopt});
}

void TakingUp::EndByClock() {
  RemoveExpired();
  const bool held = generations_.hold().has_value();
  const auto back_to = generations_.EndByClock(io::EpochSeconds());
  if (held && !generations_.hold()) {
    Say(Event::Kind::kHold, "the hold is over");
    KeepBooks();
    Look();
  }
  if (!back_to) return;
  io::LogWarning("generation {} was not confirmed in time", generations_.number());
  const auto undone = Undo(*back_to, {"reeve", "not confirmed in time"});
  if (undone.has_value()) return;
  io::LogError("{}; generation {} stays in force",
               EscapeForTerminal(undone.error().ToString()),
               generations_.number());
  // It would be asked again at once, and for ever.
  (void)generations_.Confirm("reeve, because there is nothing to go back to");
  KeepBooks();
}

std::optional<std::int64_t> TakingUp::NextMoment() const {
  std::optional<std::int64_t> next = generations_.NextEnd();
  if (!generations_.has_generation()) return next;
  const engine::Generation& generation = generations_.in_force();
  if (const auto again = generation.tree.judge_again_at) {
    // A moment that is over and changed nothing (it could not be judged) must not come again at once.
    const std::int64_t now = io::EpochSeconds();
    const std::int64_t then = *again > now ? *again : now + kClockStep;
    next = std::min(next.value_or(then), then);
  }
  return next;
}

Result<engine::Generation> TakingUp::Earlier(std::uint64_t number) {
  if (generations_.has_generation() && number == generations_.number()) {
    return generations_.in_force();
  }
  REEVE_TRY(const KeptGeneration kept, store_.Load(number));
  const engine::World world = MakeWorld();
  return engine::Judge(kept.policies, world.facts, *data_, world.now);
}

TakingUp::Trouble TakingUp::trouble() const {
  using engine::DiskState;
  const engine::Verdict& verdict = generations_.disk_verdict();
  if (!unreadable_.empty()) return {"LOAD FAILED", unreadable_};
  switch (generations_.disk_state()) {
    case DiskState::kBroken:
      return {"LOAD FAILED",
              verdict.findings.all().empty() ? "a name in the policy directory can not be read"
                                             : verdict.findings.all().front().mark.FileLine() +
                                                   ": " + verdict.findings.all().front().message};
    case DiskState::kHeld:
      return {"HELD", "the files on disk say otherwise"};
    case DiskState::kWaiting:
      return {"CHANGED ON DISK", "waits for a reload or `reevectl apply`"};
    case DiskState::kEmptied:
    case DiskState::kGuarded:
      return {"CHANGED ON DISK", "held back by " + Join(verdict.guards)};
    case DiskState::kSame:
      break;
  }
  if (generations_.hold()) return {"HELD", ""};
  return {};
}

void TakingUp::Keep() {
  KeptGeneration kept = generations_.Kept();
  kept.facts = fact_files_;
  const auto saved = store_.Save(kept);
  if (!saved.has_value()) {
    io::LogError("{}; after a restart the set before this one would be in force",
                 EscapeForTerminal(saved.error().ToString()));
  }
  KeepBooks();
}

void TakingUp::KeepStanding(Standing standing) {
  standing.tree = tree_;
  if (standing == standing_) return;
  standing_ = std::move(standing);
  KeepBooks();
}

void TakingUp::KeepBooks() {
  const auto saved = store_.SaveBooks(
      {generations_.history(), generations_.hold(), generations_.confirmation(), standing_});
  if (!saved.has_value()) {
    io::LogError("{}; history and holds would not survive a restart",
                 EscapeForTerminal(saved.error().ToString()));
  }
}

}  // namespace reeve::daemon
