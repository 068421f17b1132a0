// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/unit_fs.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/knob_text.h"
#include "core/format/owner_mark.h"
#include "core/format/unit_file.h"
#include "edge/io/clock.h"
#include "edge/systemd/unit_values.h"

namespace reeve::systemd {
namespace {

constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr const char* kUnitInterface = "org.freedesktop.systemd1.Unit";
constexpr const char* kControllers = "cpuset cpu io memory pids";
constexpr Usec kRetry{5'000'000};
// Ids of units that have no cgroup now; the kernel's are far below.
constexpr CgroupId kNoCgroup = CgroupId{1} << 63;

Error Refused(const CgroupPath& path, const char* what) {
  return {ErrorKind::kUnsupported, EOPNOTSUPP, path.text(), what};
}

Error NotLoaded(const CgroupPath& path) {
  return {ErrorKind::kNotFound, ENOENT, path.text(), "no such unit is loaded"};
}

std::string TextIn(const BusValue& dictionary, std::string_view key) {
  const BusValue* found = dictionary.Find(key);
  return found == nullptr || found->text() == nullptr ? "" : *found->text();
}

// "ControlGroup" is "" for a unit without one, "/" for -.slice.
std::optional<CgroupPath> CgroupIn(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto path = CgroupPath::Parse(std::string_view(text).substr(1));
  return path.has_value() ? std::optional<CgroupPath>(*path) : std::nullopt;
}

// Whether a mark says that we have set this file.
bool IsOurs(std::string_view mark, std::string_view file) {
  const auto owner = format::ParseOwnerMark(mark);
  return owner.has_value() && owner->keys.contains(std::string(file));
}

std::string LifeIn(const BusValue& general) {
  const BusValue* transient = general.Find("Transient");
  if (transient == nullptr || !transient->yes().value_or(false)) return "";
  const BusValue* invocation = general.Find("InvocationID");
  std::string life = "transient";
  if (invocation == nullptr || invocation->list() == nullptr) return life;
  for (const BusValue& byte : *invocation->list()) {
    life += fmt::format("{:02x}", byte.number().value_or(0));
  }
  return life;
}

}  // namespace

UnitFs::UnitFs(Loop& loop, Bus& bus, UnitMarks marks, Options options)
    : loop_(loop), bus_(bus), marks_(std::move(marks)), options_(std::move(options)) {}

Result<std::unique_ptr<UnitFs>> UnitFs::Make(Loop& loop,
                                             Bus& bus,
                                             UnitMarks marks,
                                             Options options) {
  std::unique_ptr<UnitFs> fs(new UnitFs(loop, bus, std::move(marks), std::move(options)));
  REEVE_TRY_VOID(fs->Start());
  return fs;
}

Result<> UnitFs::Start() {
  REEVE_TRY(retry_, loop_.OnTimer([this] {
    for (const std::string& name : std::exchange(failed_, {})) Ask(name);
  }));
  return {};
}

void UnitFs::Govern(std::shared_ptr<const Desired> desired,
                    const std::set<std::string>& loaded,
                    const std::set<std::string>& also) {
  desired_ = std::move(desired);
  // A transient unit that is gone took everything with it.
  marks_.ForgetIf([&](const std::string& name, const UnitMarks::Mark& mark) {
    return !mark.life.empty() && !loaded.contains(name);
  });
  std::set<std::string> wanted;
  for (const auto& entry : desired_->cgroups) wanted.insert(entry.first.text());
  for (const auto& entry : desired_->observed_only) wanted.insert(entry.first.text());
  for (const auto& entry : marks_.all()) wanted.insert(entry.first);
  std::erase_if(wanted, [&](const std::string& name) { return !loaded.contains(name); });
  wanted.insert(also.begin(), also.end());
  std::erase_if(units_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  for (const std::string& name : wanted) {
    if (units_.try_emplace(name).second) Ask(name);
  }
}

void UnitFs::LookAt(const std::string& unit) {
  if (units_.contains(unit)) Ask(unit);
}

void UnitFs::LookAtAll() {
  for (const auto& entry : units_) Ask(entry.first);
}

bool UnitFs::current() const {
  return bus_.ready() && std::all_of(units_.begin(), units_.end(), [](const auto& entry) {
           return entry.second.known;
         });
}

std::string UnitFs::why_not() const {
  if (!bus_.ready()) return bus_.away_reason();
  return current() ? "" : "systemd has not told yet what its units have";
}

const PropertyValues* UnitFs::PropertiesOf(const CgroupPath& unit) const {
  const auto found = units_.find(unit.text());
  return found == units_.end() || !found->second.known ? nullptr : &found->second.properties;
}

void UnitFs::Refresh(const CgroupPath& unit, std::function<void(const Result<>&)> done) {
  const auto found = units_.find(unit.text());
  if (found == units_.end()) return done(NotLoaded(unit));
  found->second.waiting.push_back(std::move(done));
  Ask(unit.text());
}

// What is asked while an answer is under way may be newer than that answer.
void UnitFs::Ask(const std::string& name) {
  Unit& unit = units_.at(name);
  if (std::exchange(unit.asking, true)) {
    unit.ask_again = true;
    return;
  }
  GetAll(name, InterfaceOf(name), [this, name](Result<BusValue::List> values) {
    if (!values.has_value()) return Failed(name, values.error());
    GetAll(name,
           kUnitInterface,
           [this, name, values = *std::move(values)](const Result<BusValue::List>& general) {
             Answered(name, values, general);
           });
  });
}

void UnitFs::GetAll(const std::string& name, std::string interface, Bus::Reply reply) {
  bus_.Call({.path = ObjectOf(name),
             .interface = kProperties,
             .member = "GetAll",
             .signature = "s",
             .arguments = {std::move(interface)}},
            std::move(reply));
}

void UnitFs::Answered(const std::string& name,
                      const BusValue::List& values,
                      const Result<BusValue::List>& general) {
  const auto found = units_.find(name);
  if (found == units_.end()) return;
  if (!general.has_value()) return Failed(name, general.error());
  Unit& unit = found->second;
  if (values.empty() || general->empty()) {
    return Failed(name, Error{ErrorKind::kInvalid, 0, name, "systemd gave no properties"});
  }
  const BusValue& about = general->front();
  unit.loaded = TextIn(about, "LoadState") == "loaded";
  unit.life = LifeIn(about);
  unit.cgroup = CgroupIn(TextIn(values.front(), "ControlGroup"));
  unit.properties = ReadProperties(values.front());
  unit.known = true;
  Finish(name, unit, {});
}

void UnitFs::Failed(const std::string& name, const Error& error) {
  const auto found = units_.find(name);
  if (found == units_.end()) return;
  if (failed_.empty()) (void)retry_.FireAt(io::BootTime() + kRetry);
  failed_.insert(name);
  found->second.ask_again = false;
  Finish(name, found->second, error);
}

void UnitFs::Finish(const std::string& name, Unit& unit, const Result<>& result) {
  unit.asking = false;
  if (std::exchange(unit.ask_again, false)) return Ask(name);
  const auto waiting = std::exchange(unit.waiting, {});
  on_touch_(*CgroupPath::Parse(name));
  for (const auto& done : waiting) done(result);
  if (current()) on_current_();
}

std::map<std::string, CgroupPath> UnitFs::Cgroups() const {
  std::map<std::string, CgroupPath> cgroups;
  for (const auto& [name, unit] : units_) {
    if (unit.cgroup) cgroups.emplace(unit.cgroup->text(), *CgroupPath::Parse(name));
  }
  return cgroups;
}

Result<UnitFs::Unit*> UnitFs::Need(const CgroupPath& path) {
  const auto found = units_.find(path.text());
  if (found == units_.end()) return NotLoaded(path);
  if (!found->second.known) {
    return Error{ErrorKind::kBusy, EAGAIN, path.text(), "systemd has not told what it has yet"};
  }
  if (!found->second.loaded) return NotLoaded(path);
  return &found->second;
}

// Another life of a unit has another cgroup.
Result<port::CgroupStat> UnitFs::Stat(const CgroupPath& path) {
  if (path.is_root()) {
    return port::CgroupStat{kNoCgroup, static_cast<std::uint32_t>(units_.size())};
  }
  REEVE_TRY(const Unit* unit, Need(path));
  if (unit->cgroup && options_.tree != nullptr) {
    const auto stat = options_.tree->Stat(*unit->cgroup);
    if (stat.has_value()) return port::CgroupStat{stat->id, 0};
  }
  const CgroupId id = std::hash<std::string>()(path.text() + unit->life) | kNoCgroup;
  return port::CgroupStat{id, 0};
}

Result<std::vector<std::string>> UnitFs::ListChildren(const CgroupPath& path) {
  std::vector<std::string> names;
  if (!path.is_root()) return names;
  for (const auto& [name, unit] : units_) {
    if (!unit.known || unit.loaded) names.push_back(name);
  }
  return names;
}

Result<std::string> UnitFs::ReadFile(const CgroupPath& path, std::string_view file) {
  if (path.is_root()) return std::string(file == "cgroup.type" ? "domain" : kControllers);
  REEVE_TRY(const Unit* unit, Need(path));
  const Knob* knob = FindKnob(file);
  if (knob == nullptr) return ReadEvidence(path, *unit, file);
  return ReadValue(path.text(), *unit, *knob);
}

const DesiredKnob* UnitFs::WantedOf(const std::string& name, const Knob& knob) const {
  const auto path = CgroupPath::Parse(name);
  const auto unit = path.has_value() ? desired_->cgroups.find(*path) : desired_->cgroups.end();
  if (unit == desired_->cgroups.end()) return nullptr;
  const auto wanted = unit->second.knobs.find(std::string(knob.file));
  return wanted == unit->second.knobs.end() ? nullptr : &wanted->second;
}

Result<std::string> UnitFs::ReadValue(const std::string& name, const Unit& unit, const Knob& knob) {
  const auto parts = UnitPropertiesOf(knob.file);
  const bool there =
      !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
        return unit.properties.contains(part.property);
      });
  if (!there) {
    return Error{ErrorKind::kUnsupported,
                 0,
                 fmt::format("{}/{}", name, knob.file),
                 "this systemd has no property for it"};
  }
  std::string said = format::UnitFileText(knob, unit.properties, DiskOf);
  const UnitMarks::Mark* mark = marks_.Find(name);
  if (mark == nullptr || !IsOurs(mark->text, knob.file) || !unit.cgroup ||
      options_.tree == nullptr) {
    return said;
  }
  const auto text = options_.tree->ReadFile(*unit.cgroup, knob.file);
  if (!text.has_value()) return said;  // its controller is not enabled for it
  if (format::KernelAgrees(knob, unit.properties, *text, options_.page_size, DiskOf)) return said;
  // One of the two is not as it is wanted, and that one counts.
  const DesiredKnob* wanted = WantedOf(name, knob);
  const auto seen = format::ParseKnob(knob, Trim(*text));
  const bool kernel_is_right = wanted != nullptr && seen.has_value() &&
                               format::SameValue(knob, wanted->value, *seen, options_.page_size);
  return kernel_is_right ? said : std::string(Trim(*text));
}

// A unit without a cgroup, or one whose controller is not enabled yet, uses nothing that a limit counts.
Result<std::string> UnitFs::ReadEvidence(const CgroupPath& path,
                                         const Unit& unit,
                                         std::string_view file) {
  const bool counted = file == "memory.current" || file == "pids.current";
  if (!unit.cgroup || options_.tree == nullptr) {
    if (counted) return std::string("0");
    if (file == "cgroup.events") return std::string("populated 0\nfrozen 0\n");
    return Error{ErrorKind::kGone, ENOENT, path.text(), "the unit has no cgroup now"};
  }
  auto text = options_.tree->ReadFile(*unit.cgroup, file);
  if (!text.has_value() && counted && text.error().kind == ErrorKind::kUnsupported) {
    return std::string("0");
  }
  return text;
}

Result<std::string> UnitFs::WriteFile(const CgroupPath& path, std::string_view, std::string_view) {
  return Refused(path, "units are written by UnitWriter");
}

Result<CgroupId> UnitFs::Create(const CgroupPath& path) {
  return Refused(path, "systemd makes its units");
}

Result<> UnitFs::Remove(const CgroupPath& path) {
  return Refused(path, "systemd removes its units");
}

Result<std::vector<std::int64_t>> UnitFs::ReadProcesses(const CgroupPath& path) {
  if (path.is_root()) return std::vector<std::int64_t>();
  REEVE_TRY(const Unit* unit, Need(path));
  if (!unit->cgroup || options_.tree == nullptr) return std::vector<std::int64_t>();
  return options_.tree->ReadProcesses(*unit->cgroup);
}

Result<> UnitFs::AddProcess(const CgroupPath& path, std::int64_t) {
  return Refused(path, "processes of units are systemd's");
}

// A transient unit takes with it what was set on it.
Result<std::optional<std::string>> UnitFs::ReadMark(const CgroupPath& path) {
  REEVE_TRY(const Unit* unit, Need(path));
  const UnitMarks::Mark* mark = marks_.Find(path.text());
  if (mark == nullptr || mark->life != unit->life) return std::optional<std::string>();
  return std::optional<std::string>(mark->text);
}

Result<> UnitFs::WriteMark(const CgroupPath& path, std::string_view text) {
  REEVE_TRY(const Unit* unit, Need(path));
  const auto owner = format::ParseOwnerMark(text);
  if (owner.has_value() && owner->keys.empty()) {
    marks_.Forget(path.text());
    return {};
  }
  return marks_.Write(path.text(), {unit->life, std::string(text)});
}

}  // namespace reeve::systemd
