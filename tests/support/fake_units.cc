// SPDX-License-Identifier: Apache-2.0
#include "support/fake_units.h"

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "core/format/unit_file.h"

namespace reeve::support {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr const char* kControllers = "cpuset cpu io memory pids";

Error Refused(const CgroupPath& path, const char* what) {
  return {ErrorKind::kUnsupported, EOPNOTSUPP, path.text(), what};
}

// systemd adds rows of devices to those it has; an empty list takes all away.
void Merge(const format::PropertySetting& setting, PropertyValues& properties) {
  const auto* devices = std::get_if<DeviceNumbers>(&setting.value);
  if (devices == nullptr || devices->empty()) {
    properties[setting.property] = setting.value;
    return;
  }
  PropertyValue& known = properties[setting.property];
  if (!std::holds_alternative<DeviceNumbers>(known)) known = DeviceNumbers();
  auto& rows = std::get<DeviceNumbers>(known);
  for (const auto& device : *devices) {
    std::erase_if(rows, [&](const auto& row) { return row.first == device.first; });
    if (device.second != kUnitInfinity) rows.push_back(device);
  }
}

}  // namespace

void FakeUnits::Start(const std::string& name) {
  const auto kept = dormant_.find(name);
  Unit unit = kept == dormant_.end() ? Unit() : kept->second;
  dormant_.erase(name);
  unit.id = next_id_++;
  unit.raw.clear();
  units_[name] = std::move(unit);
}

void FakeUnits::Stop(const std::string& name) {
  dormant_[name] = units_.at(name);
  units_.erase(name);
}

void FakeUnits::Vanish(const std::string& name) {
  units_.erase(name);
  marks_.erase(name);
}

Result<> FakeUnits::Set(Unit& unit, std::string_view file, std::string_view text) {
  const Knob* knob = FindKnob(file);
  REEVE_CHECK(knob != nullptr);
  REEVE_TRY(const auto settings, format::UnitFileWrite(*knob, text, unit.properties));
  for (const auto& setting : settings) Merge(setting, unit.properties);
  unit.raw.erase(std::string(file));
  return {};
}

void FakeUnits::SetProperty(const std::string& name, std::string_view file, std::string_view text) {
  REEVE_CHECK(Set(units_.at(name), file, text).has_value());
}

void FakeUnits::RawWrite(const std::string& name,
                         const std::string& file,
                         const std::string& text) {
  units_.at(name).raw[file] = text;
}

void FakeUnits::DaemonReload() {
  for (auto& entry : units_) entry.second.raw.clear();
}

std::string FakeUnits::Text(const std::string& name, std::string_view file) {
  const auto text = ReadFile(*CgroupPath::Parse(name), file);
  return text.has_value() ? *text : text.error().ToString();
}

Result<FakeUnits::Unit*> FakeUnits::Find(const CgroupPath& path) {
  const auto found = units_.find(path.text());
  if (found == units_.end()) {
    return Error{ErrorKind::kNotFound, ENOENT, path.text(), "no such unit is loaded"};
  }
  return &found->second;
}

Result<port::CgroupStat> FakeUnits::Stat(const CgroupPath& path) {
  if (path.is_root()) {
    return port::CgroupStat{1'000'000, static_cast<std::uint32_t>(units_.size())};
  }
  REEVE_TRY(const Unit* unit, Find(path));
  return port::CgroupStat{unit->id, 0};
}

Result<std::vector<std::string>> FakeUnits::ListChildren(const CgroupPath& path) {
  std::vector<std::string> names;
  if (!path.is_root()) return names;
  for (const auto& entry : units_) names.push_back(entry.first);
  return names;
}

Result<std::string> FakeUnits::ReadFile(const CgroupPath& path, std::string_view file) {
  if (path.is_root()) return std::string(file == "cgroup.type" ? "domain" : kControllers);
  REEVE_TRY(const Unit* unit, Find(path));
  if (file == "memory.current") return std::to_string(unit->memory);
  if (file == "pids.current") return std::string("1");
  const Knob* knob = FindKnob(file);
  if (knob == nullptr || UnitPropertiesOf(file).empty() || lacking_.contains(std::string(file))) {
    return Refused(path, "systemd has no property for it");
  }
  const auto raw = unit->raw.find(std::string(file));
  if (raw != unit->raw.end() &&
      !format::KernelAgrees(*knob, unit->properties, raw->second, kPage)) {
    return raw->second;
  }
  return format::UnitFileText(*knob, unit->properties);
}

Result<std::string> FakeUnits::WriteFile(const CgroupPath& path,
                                         std::string_view file,
                                         std::string_view text) {
  REEVE_TRY(Unit * unit, Find(path));
  journal_.push_back(fmt::format("write {} {} {}", path.text(), file, text));
  if (lacking_.contains(std::string(file))) return Refused(path, "systemd has no property for it");
  REEVE_TRY_VOID(Set(*unit, file, text));
  return ReadFile(path, file);
}

Result<CgroupId> FakeUnits::Create(const CgroupPath& path) {
  return Refused(path, "systemd makes its units");
}

Result<> FakeUnits::Remove(const CgroupPath& path) {
  return Refused(path, "systemd removes its units");
}

Result<std::vector<std::int64_t>> FakeUnits::ReadProcesses(const CgroupPath& path) {
  return Refused(path, "processes of units are systemd's");
}

Result<> FakeUnits::AddProcess(const CgroupPath& path, std::int64_t) {
  return Refused(path, "processes of units are systemd's");
}

Result<std::optional<std::string>> FakeUnits::ReadMark(const CgroupPath& path) {
  REEVE_TRY_VOID(Find(path));
  const auto found = marks_.find(path.text());
  if (found == marks_.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Result<> FakeUnits::WriteMark(const CgroupPath& path, std::string_view text) {
  journal_.push_back("mark " + path.text());
  marks_[path.text()] = text;
  return {};
}

}  // namespace reeve::support
