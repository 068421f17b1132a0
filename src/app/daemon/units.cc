// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/units.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/unit_facts.h"
#include "core/base/text.h"
#include "core/engine/adoption.h"
#include "core/engine/planning.h"
#include "core/engine/way_up.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/cgroup_mounts.h"
#include "edge/systemd/unit_values.h"

namespace reeve::daemon {
namespace {

// What no signal tells of is found within this time.
constexpr Usec kSafety{600'000'000};
// That nobody has answered for so long after we began to ask is worth saying.
constexpr Usec kFirstAnswer{3'000'000};

// The hierarchy that systemd's cgroups lie in; "" when there is none.
std::string HierarchyDirectory() {
  const auto mounts = kernel::MountTable::Read("/proc");
  if (!mounts.has_value()) return "";
  const kernel::CgroupMounts found = kernel::FindCgroupMounts(*mounts);
  return found.v2.empty() ? "" : found.v2.front().mount_point;
}

bool HoldsMarks(const std::string& directory) {
  DIR* names = ::opendir(directory.c_str());
  if (names == nullptr) return false;
  bool any = false;
  while (const dirent* entry = ::readdir(names)) any = any || entry->d_name[0] != '.';
  ::closedir(names);
  return any;
}

}  // namespace

Units::Units(systemd::Loop& loop,
             std::string directory,
             engine::EventLog& events,
             Callbacks callbacks)
    : loop_(loop),
      directory_(std::move(directory)),
      events_(events),
      callbacks_(std::move(callbacks)),
      page_size_(static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))) {}

Units::~Units() {
  bus_.reset();  // before those whom it calls back
}

bool Units::remembers() const {
  return HoldsMarks(directory_);
}

void Units::Need() {
  if (needed()) return;
  const auto opened = Open();
  const std::string failed = opened.has_value() ? "" : opened.error().ToString();
  if (!failed.empty() && failed != failed_) {
    io::LogError("limits of units can not be kept: {}", EscapeForTerminal(failed));
  }
  failed_ = failed;
}

Result<> Units::Open() {
  REEVE_TRY(systemd::UnitMarks marks, systemd::UnitMarks::Open(directory_));
  REEVE_TRY(std::unique_ptr<systemd::Bus> bus, systemd::Bus::Make(loop_));
  tree_directory_ = HierarchyDirectory();
  systemd::UnitFs::Options options;
  options.page_size = page_size_;
  if (!tree_directory_.empty()) {
    options.tree = kernel::OpenTreeOf(tree_directory_);
    tree_ = kernel::OpenTreeOf(tree_directory_);
  }
  REEVE_TRY(std::unique_ptr<systemd::UnitFs> fs,
            systemd::UnitFs::Make(loop_, *bus, std::move(marks), std::move(options)));
  systemd::UnitList::Listener listener;
  listener.on_list = [this] { OnList(); };
  listener.on_unit = [this](const std::string& unit) { OnUnit(unit); };
  listener.on_all = [this] {
    if (fs_) fs_->LookAtAll();
  };
  REEVE_TRY(safety_, loop_.OnTimer([this] {
    fs_->LookAtAll();
    (void)safety_.FireAt(io::BootTime() + kSafety);
  }));
  (void)safety_.FireAt(io::BootTime() + kSafety);
  bus_ = std::move(bus);
  needed_since_ = io::BootTime();
  bus_->OnChange([this] {
    was_ready_ = was_ready_ || bus_->ready();
    callbacks_.wake();
  });
  fs_ = std::move(fs);
  writer_ = std::make_unique<systemd::UnitWriter>(*bus_, *fs_, callbacks_.wake);
  engine_ = std::make_unique<engine::Engine>(*fs_, page_size_, plan::Ground::kUnits, &events_);
  engine_->UseSlowWriter(*writer_);
  engine_->RestoreAdopted(standing_.adopted);
  fs_->OnTouch([this](const CgroupPath& unit) {
    directories_stale_ = true;
    engine_->MarkDirty(unit);
    callbacks_.wake();
  });
  fs_->OnCurrent(callbacks_.wake);
  REEVE_TRY(list_, systemd::UnitList::Make(loop_, *bus_, std::move(listener)));
  return {};
}

void Units::OnList() {
  facts_stale_ = true;
  callbacks_.judge();
}

void Units::OnUnit(const std::string& unit) {
  if (fs_) fs_->LookAt(unit);
}

const std::map<std::string, UnitFact>& Units::Facts() {
  const bool known = list_ != nullptr && list_->known();
  judged_known_ = known;
  if (!known || !std::exchange(facts_stale_, false)) return facts_;
  facts_ = FactsOf(list_->units(), kernel::LocalAccounts::Read(), tree_.get());
  return facts_;
}

void Units::Restore(const Standing& standing) {
  standing_ = standing;
}

void Units::Judged(TakingUp::SharedGeneration generation) {
  const bool same = generation_ == generation && enforced_;
  generation_ = std::move(generation);
  if (!needed() || generation_ == nullptr) return;
  std::set<std::string> named;
  for (const auto& entry : generation_->units.cgroups) named.insert(entry.first.text());
  for (const Gap& gap : generation_->units.gaps) {
    if (gap.kind == Gap::Kind::kPending) named.insert(gap.path.text());
  }
  list_->Want(std::move(named));
  if (!judged_known_) return;
  std::set<std::string> loaded;
  for (const auto& entry : facts_) loaded.insert(entry.first);
  if (same && loaded == loaded_) return;
  loaded_ = std::move(loaded);
  Enforce();
}

void Units::Enforce() {
  const std::shared_ptr<const Desired> units(generation_, &generation_->units);
  also_.clear();
  fs_->Govern(units, loaded_, also_);
  if (!std::exchange(enforced_, true) && !standing_.units_in_force.empty() &&
      standing_.units_in_force == generation_->desired.policy_hash) {
    engine_->AssumeInForce(units);
  }
  engine_->SetDesired(units);
  callbacks_.wake();
}

bool Units::wanted() const {
  return generation_ != nullptr &&
         (!generation_->units.cgroups.empty() || !generation_->units.gaps.empty());
}

bool Units::current() const {
  return needed() && enforced_ && list_->known() && fs_->current();
}

bool Units::Step(engine::Instant now) {
  return current() && engine_->Step(now);
}

std::optional<engine::Instant> Units::NextWake() const {
  if (!current()) return std::nullopt;
  return engine_->NextWake();
}

bool Units::resting() const {
  if (!needed() || !why_not().empty()) return true;
  return !wanted() || (current() && engine_->resting());
}

const Desired& Units::desired() const {
  static const Desired nothing;
  if (generation_ == nullptr) return nothing;
  return enforced_ ? engine_->desired() : generation_->units;
}

Plan Units::plan() const {
  if (current() && engine_->planned()) return engine_->plan();
  return generation_ == nullptr ? Plan() : PendingPlan(generation_->units);
}

bool Units::as_described() const {
  return !wanted() || !current() || engine_->as_described();
}

std::string Units::why_not() const {
  if (!wanted() && !needed()) return "";
  if (!needed()) return failed_;
  if (bus_->ready()) return "";
  const bool at_first = !was_ready_ && io::BootTime() - needed_since_ < kFirstAnswer;
  return at_first ? "" : "systemd can not be asked: " + bus_->away_reason();
}

Standing Units::Join(Standing standing) const {
  const bool own = enforced_ && engine_->planned();
  const Standing& units = own ? engine_->standing() : standing_;
  standing.units_in_force = own ? units.in_force : units.units_in_force;
  for (const Adopted& adopted : units.adopted) {
    const auto same = [&](const Adopted& one) {
      return one.path == adopted.path && one.file == adopted.file;
    };
    if (std::none_of(standing.adopted.begin(), standing.adopted.end(), same)) {
      standing.adopted.push_back(adopted);
    }
  }
  return standing;
}

bool Units::CanPreview(const Desired& units) {
  if (!list_->known()) return false;
  bool more = false;
  for (const auto& entry : units.cgroups) {
    if (desired().cgroups.contains(entry.first)) continue;
    more = also_.insert(entry.first.text()).second || more;
  }
  if (more) fs_->Govern(Kept(), loaded_, also_);
  return fs_->current();
}

std::shared_ptr<const Desired> Units::Kept() const {
  if (generation_ == nullptr || !enforced_) return std::make_shared<const Desired>();
  return {generation_, &generation_->units};
}

// What can not be looked at now.
Plan Units::PendingPlan(const Desired& units) const {
  Plan plan;
  plan.gaps = units.gaps;
  plan.watched = units.watched;
  plan.cgroups = units.cgroups.size();
  std::string why = why_not();
  if (why.empty()) why = "systemd has not told yet what the unit has";
  for (const auto& [path, unit] : units.cgroups) {
    plan.values += unit.knobs.size();
    for (const auto& [file, knob] : unit.knobs) {
      plan.gaps.push_back({Gap::Kind::kPending, path, file, why, knob.mark});
    }
  }
  return plan;
}

Plan Units::Preview(const Desired& units) {
  if (!list_->known() || !fs_->current()) return PendingPlan(units);
  plan::PlanOptions options;
  options.ground = plan::Ground::kUnits;
  options.page_size = page_size_;
  const std::shared_ptr<const Desired> kept = Kept();
  if (enforced_) options.previous = kept.get();
  Desired with_adopted = units;
  std::vector<Adopted> adopted = engine_->standing().adopted;
  engine::LayAdopted(adopted, with_adopted);
  engine::Observer observer(*fs_);
  return engine::ObserveAndPlan(observer, with_adopted, options).plan;
}

std::optional<std::set<std::string>> Units::TakeDirectories() {
  if (!std::exchange(directories_stale_, false) || tree_directory_.empty()) return std::nullopt;
  std::set<std::string> directories;
  for (const auto& entry : fs_->Cgroups()) {
    directories.insert(tree_directory_ + "/" + entry.first);
  }
  return directories;
}

bool Units::Heard(const std::string& directory, Touch touch) {
  if (!needed() || !directory.starts_with(tree_directory_ + "/")) return false;
  const auto cgroups = fs_->Cgroups();
  const auto found = cgroups.find(directory.substr(tree_directory_.size() + 1));
  if (found == cgroups.end()) return false;
  touch.path = found->second;
  if (!engine_->MarkDirty(touch)) return false;
  // systemd itself writes what somebody told it: then it has another property now.
  fs_->LookAt(found->second.text());
  return true;
}

void Units::LostTrack() {
  if (!needed()) return;
  engine_->LostTrack();
  fs_->LookAtAll();
}

WayUp Units::ReadWay(const CgroupPath& unit, const std::vector<std::string>& files) {
  WayUp way;
  if (!needed() || !fs_->Stat(unit).has_value()) return way;
  std::optional<CgroupPath> cgroup;
  for (const auto& [directory, name] : fs_->Cgroups()) {
    if (name == unit) cgroup = *CgroupPath::Parse(directory);
  }
  reeve::Step own = engine::ReadStep(*fs_, unit, unit.text(), files);
  way.push_back(std::move(own));
  if (!cgroup || tree_ == nullptr) return way;
  way.back().usage = engine::ReadStep(*tree_, *cgroup, unit.text(), {}).usage;
  engine::ReadWeights(*tree_, cgroup->Parent(), cgroup->name(), way.back());
  for (CgroupPath above = cgroup->Parent(); !above.is_root(); above = above.Parent()) {
    reeve::Step step = engine::ReadStep(*tree_, above, std::string(above.name()), files);
    engine::ReadWeights(*tree_, above.Parent(), above.name(), step);
    step.path = *CgroupPath::Parse(above.name());  // slices have policies, too
    way.push_back(std::move(step));
  }
  return way;
}

std::string Units::DescribeProperties(const CgroupPath& unit, const std::string& file) const {
  const PropertyValues* properties = needed() ? fs_->PropertiesOf(unit) : nullptr;
  if (properties == nullptr) return "";
  std::string text;
  for (const UnitProperty& part : UnitPropertiesOf(file)) {
    const auto found = properties->find(part.property);
    if (found == properties->end()) continue;
    text += (text.empty() ? "" : ", ") + systemd::DescribeProperty(part, found->second);
  }
  return text;
}

}  // namespace reeve::daemon
