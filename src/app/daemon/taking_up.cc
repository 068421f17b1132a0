// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/taking_up.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/journal_fields.h"
#include "app/daemon/log_findings.h"
#include "core/base/text.h"
#include "core/engine/kept_data.h"
#include "core/model/unit_name.h"
#include "core/policy/facts_reader.h"
#include "core/policy/load.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"
#include "edge/kernel/data_source.h"
#include "edge/kernel/host_facts.h"
#include "edge/kernel/policy_dir.h"
#include "edge/kernel/proc_reader.h"

namespace reeve::daemon {
namespace {

using Kind = engine::Verdict::Kind;
using engine::Event;

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

// The units that a process is in, outermost first: parts of its cgroup's path that are names of units.
std::vector<CgroupPath> UnitsAround(std::int64_t pid) {
  std::vector<CgroupPath> units;
  const auto cgroup = kernel::ProcReader().CgroupOf(pid);
  if (!cgroup.has_value()) return units;
  for (const std::string_view part : SplitWords(cgroup->path, "/")) {
    if (WhyNotUnitName(part).empty()) units.push_back(CgroupPath().Child(part));
  }
  return units;
}

}  // namespace

Result<std::unique_ptr<TakingUp>> TakingUp::Make(const Options& options,
                                                 kernel::CgroupFsKernel& fs,
                                                 engine::Engine& engine) {
  REEVE_TRY(store::StateDirectory directory, store::StateDirectory::Open(options.state_dir));
  REEVE_TRY_VOID(directory.Lock());
  return std::unique_ptr<TakingUp>(
      new TakingUp(options, fs, engine, store::GenerationStore(std::move(directory))));
}

TakingUp::TakingUp(const Options& options,
                   kernel::CgroupFsKernel& fs,
                   engine::Engine& engine,
                   store::GenerationStore store)
    : options_(options),
      fs_(fs),
      store_(std::move(store)),
      by_hand_(ByHandDirectory(options)),
      files_(std::make_unique<kernel::PolicyDirs>(
          Layers(options, by_hand_), kernel::Ownership::kTrusted, &apart_)),
      data_(std::make_unique<kernel::HostData>(kernel::DataDirectoriesBeside(options.policy_dirs),
                                               kernel::Ownership::kTrusted,
                                               &apart_)),
      engine_(engine),
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
  const auto cgroup = kernel::ProcReader().CgroupOf(pid);
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
  for (CgroupPath& unit : UnitsAround(pid)) unit_selves_.insert(std::move(unit));
}

bool TakingUp::IsIn(std::int64_t pid, const CgroupPath& cgroup) const {
  const auto where = CgroupOf(pid);
  return where && cgroup.Contains(*where);
}

void TakingUp::ForgetProtected() {
  selves_.clear();
  unit_selves_.clear();
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
  return engine_.PlanFor(
      desired, generations_.has_generation() ? &generations_.in_force().desired : nullptr);
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
  if (facts_stale_) {
    const auto read = ReadFacts();
    const std::string complaint = read.has_value() ? "" : read.error().ToString();
    if (!complaint.empty() && complaint != facts_complaint_) {
      io::LogWarning("{}; the facts known so far stay", EscapeForTerminal(complaint));
    }
    facts_complaint_ = complaint;
  }
  if (units_) facts_.units = units_();
  return {facts_,
          *data_,
          io::EpochSeconds(),
          [this](const Desired& desired) { return PlanFor(desired); },
          [this] { return CountProcesses(); },
          selves_,
          unit_selves_};
}

Result<> TakingUp::ReadFacts() {
  std::vector<std::string> notes;
  auto own_before = std::move(facts_.own);
  facts_ = kernel::ReadHostFacts(fs_.root(), &fs_, {}, &notes);
  for (const std::string& note : notes) io::LogDebug("facts: {}", EscapeForTerminal(note));
  const auto own =
      kernel::ReadOptionalDir(options_.facts_dir, kernel::Ownership::kTrusted, &apart_);
  // What does not answer is asked again with the next look; everything else when it changes.
  facts_stale_ = !own.has_value() && own.error().kind == ErrorKind::kBusy;
  if (!own.has_value()) {
    facts_.own = std::move(own_before);
    return own.error();
  }
  TakeFacts(own->files);
  return {};
}

void TakingUp::TakeFacts(const SourceFiles& files) {
  own_facts_known_ = true;
  policy::Findings findings;
  facts_.own = policy::ReadOwnFacts(files, findings);
  fact_files_ = files;
  LogFindings(findings);
}

// Own facts decide which documents apply, so nothing is read before they are known.
Result<port::FileSet> TakingUp::ReadSet() {
  if (!own_facts_known_) {
    REEVE_TRY_VOID(ReadFacts());
  }
  return files_->Read();
}

engine::Verdict TakingUp::Look(const engine::Ask& ask) {
  if (ask.by_hand) complaint_.clear();  // whoever asks is told, also what was said before
  return TakeUp(ReadSet(), ask);
}

bool TakingUp::LookAtUnrest() {
  auto set = ReadSet();
  const bool steady = set.has_value() && SameTexts(set->files, unsteady_);
  unsteady_ = set.has_value() ? set->files : SourceFiles();
  // What can not be read is no half of anything.
  if (set.has_value() && !steady) return false;
  TakeUp(std::move(set), {});
  return true;
}

engine::Verdict TakingUp::TakeUp(Result<port::FileSet> set, const engine::Ask& ask) {
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
  Enact(verdict);
  if (verdict.kind != Kind::kAnother) SayHowDiskStands();
  return verdict;
}

// Directly, not apart: while another directory hangs, the reader may be waiting for that.
engine::Verdict TakingUp::LookByHand(const engine::Ask& ask) {
  auto set = kernel::PolicyDirs({{by_hand_, kByHandLayer}}, kernel::Ownership::kTrusted).Read();
  if (!set.has_value() && set.error().kind == ErrorKind::kNotFound) set = port::FileSet();
  engine::Verdict verdict;
  if (!set.has_value()) {
    verdict.refused_names.push_back({by_hand_, set.error().message, true, kByHandLayer});
  } else {
    for (const port::IgnoredName& name : set->ignored) {
      if (name.error) verdict.refused_names.push_back(name);
    }
  }
  if (!verdict.refused_names.empty()) {
    verdict.kind = Kind::kBroken;
    return verdict;
  }
  verdict = generations_.ConsiderByHand(set->files, ask, MakeWorld());
  Enact(verdict);
  return verdict;
}

void TakingUp::Enact(const engine::Verdict& verdict) {
  if (verdict.kind == Kind::kTaken) {
    if (load_) load_(true);
    LogFindings(verdict.findings);
    const GenerationRecord& record = generations_.history().back();
    Say(Event::Kind::kGeneration,
        fmt::format("generation {} accepted ({}) from {}: {} files, {} documents, {} cgroups{}",
                    generations_.number(),
                    EscapeForTerminal(record.what),
                    EscapeForTerminal(record.origin.who),
                    verdict.generation->files.size(),
                    verdict.generation->documents,
                    verdict.generation->desired.cgroups.size(),
                    verdict.generation->names_units
                        ? fmt::format(", {} units", verdict.generation->units.cgroups.size())
                        : ""));
    Keep();
  }
  if (verdict.generation) put_(verdict.generation);
}

// Says once what keeps the files on disk from being in force, and when it is over.
void TakingUp::SayHowDiskStands() {
  const engine::Verdict& verdict = generations_.disk_verdict();
  switch (generations_.disk_state()) {
    case engine::DiskState::kSame:
      if (!complaint_.empty()) io::LogInfo("the files on disk are what is in force again");
      complaint_.clear();
      last_success_ = io::EpochSeconds();
      return;
    case engine::DiskState::kBroken:
      if (load_) load_(false);
      SayBroken(verdict);
      return;
    case engine::DiskState::kWaiting:
      SayOnce(
          "the files on disk have changed; they wait for `systemctl reload reeved` or `reevectl "
          "apply`",
          false);
      return;
    case engine::DiskState::kHeld:
      SayOnce(fmt::format("the files on disk have changed; generation {} is held by {} ({})",
                          generations_.number(),
                          EscapeForTerminal(generations_.hold()->origin.who),
                          EscapeForTerminal(generations_.hold()->origin.why)),
              false);
      return;
    case engine::DiskState::kEmptied:
    case engine::DiskState::kGuarded: {
      std::string accept;
      for (const engine::GuardHit& hit : verdict.guards) accept += " --accept " + hit.name;
      SayOnce(fmt::format("HELD BACK by {}; look at `reevectl plan`, then `reevectl apply{}`",
                          Join(verdict.guards),
                          accept),
              true);
      return;
    }
  }
}

void TakingUp::Say(Event::Kind kind, std::string text) {
  io::LogWith(io::LogLevel::kInfo, FieldsOf(kind), text);
  if (tell_) tell_(kind, std::move(text));
}

void TakingUp::SayOnce(std::string complaint, bool error) {
  if (complaint == complaint_) return;
  io::LogWith(error ? io::LogLevel::kError : io::LogLevel::kWarning,
              FieldsOf(Event::Kind::kHold),
              complaint);
  if (tell_) tell_(Event::Kind::kHold, complaint);
  complaint_ = std::move(complaint);
}

// The same trouble found again, because something else was looked for, is no news.
void TakingUp::SayBroken(const engine::Verdict& verdict) {
  std::string trouble = "broken";
  for (const port::IgnoredName& name : verdict.refused_names) {
    trouble += fmt::format("\n{}: {}", name.name, name.reason);
  }
  for (const policy::Diagnostic& finding : verdict.findings.all()) {
    trouble += fmt::format("\n{}: {}", finding.mark.FileLine(), finding.message);
  }
  if (trouble == complaint_) return;
  complaint_ = std::move(trouble);
  for (const port::IgnoredName& name : verdict.refused_names) {
    io::LogError("{}: {}", EscapeForTerminal(name.name), EscapeForTerminal(name.reason));
  }
  LogFindings(verdict.findings);
  const std::string text =
      fmt::format("the policies on disk can not be used; {}",
                  generations_.has_generation() ? "the last good generation stays in force"
                                                : "nothing is in force");
  io::LogWith(io::LogLevel::kError, FieldsOfBroken(), text);
  if (tell_) tell_(Event::Kind::kGeneration, text);
}

TakingUp::Trouble TakingUp::trouble() const {
  using engine::DiskState;
  const engine::Verdict& verdict = generations_.disk_verdict();
  if (!unreadable_.empty()) return {"LOAD FAILED", unreadable_};
  switch (generations_.disk_state()) {
    case DiskState::kBroken:
      if (!verdict.refused_names.empty()) {
        const port::IgnoredName& name = verdict.refused_names.front();
        return {"LOAD FAILED", name.name + ": " + name.reason};
      }
      return {"LOAD FAILED",
              verdict.findings.all().empty() ? ""
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

}  // namespace reeve::daemon
