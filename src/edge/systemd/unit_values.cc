// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/unit_values.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <systemd/sd-bus.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "edge/io/files.h"

namespace reeve::systemd {
namespace {

constexpr const char* kUnitObjects = "/org/freedesktop/systemd1/unit";

struct Kind {
  std::string_view suffix;
  std::string_view interface;
};

constexpr std::array<Kind, 6> kKinds = {{{".service", "Service"},
                                         {".slice", "Slice"},
                                         {".scope", "Scope"},
                                         {".socket", "Socket"},
                                         {".mount", "Mount"},
                                         {".swap", "Swap"}}};

const Kind* KindOf(std::string_view unit) {
  for (const Kind& kind : kKinds) {
    if (unit.size() > kind.suffix.size() && unit.ends_with(kind.suffix)) return &kind;
  }
  return nullptr;
}

std::optional<PropertyValue> ReadOne(const UnitProperty& property, const BusValue& value) {
  switch (property.type) {
    case UnitPropertyType::kNumber:
      if (const auto number = value.number()) return PropertyValue(*number);
      return std::nullopt;
    case UnitPropertyType::kFlag:
      if (const auto flag = value.yes()) return PropertyValue(*flag);
      return std::nullopt;
    case UnitPropertyType::kIdMask: {
      if (value.list() == nullptr) return std::nullopt;
      std::vector<std::uint8_t> mask;
      for (const BusValue& byte : *value.list()) {
        mask.push_back(static_cast<std::uint8_t>(byte.number().value_or(0)));
      }
      return PropertyValue(std::move(mask));
    }
    case UnitPropertyType::kDevices: {
      if (value.list() == nullptr) return std::nullopt;
      DeviceNumbers devices;
      for (const BusValue& row : *value.list()) {
        const auto* cells = row.list();
        if (cells == nullptr || cells->size() != 2 || (*cells)[0].text() == nullptr) continue;
        devices.emplace_back(*(*cells)[0].text(), (*cells)[1].number().value_or(kUnitInfinity));
      }
      return PropertyValue(std::move(devices));
    }
  }
  return std::nullopt;
}

BusValue WriteOne(const PropertyValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return BusValue::Variant("t", *number);
  }
  if (const auto* flag = std::get_if<bool>(&value)) return BusValue::Variant("b", *flag);
  BusValue::List list;
  if (const auto* mask = std::get_if<std::vector<std::uint8_t>>(&value)) {
    for (const std::uint8_t byte : *mask) list.emplace_back(byte);
    return BusValue::Variant("ay", std::move(list));
  }
  for (const auto& [node, amount] : std::get<DeviceNumbers>(value)) {
    list.emplace_back(BusValue::List{node, amount});
  }
  return BusValue::Variant("a(st)", std::move(list));
}

std::string Timespan(std::uint64_t microseconds) {
  constexpr std::pair<std::uint64_t, const char*> kUnits[] = {
      {60'000'000, "min"}, {1'000'000, "s"}, {1'000, "ms"}, {1, "us"}};
  std::string text;
  for (const auto& [size, name] : kUnits) {
    if (microseconds / size == 0) continue;
    text += fmt::format("{}{}{}", text.empty() ? "" : " ", microseconds / size, name);
    microseconds %= size;
  }
  return text.empty() ? "0" : text;
}

std::string NumberOf(dev_t device) {
  return fmt::format("{}:{}", major(device), minor(device));
}

// A partition lies in the directory of its disk, which the kernel says where to find.
std::string WholeDisk(dev_t device) {
  const std::string link = fmt::format("/sys/dev/block/{}", NumberOf(device));
  const auto partition = io::ReadWholeFile(link + "/partition");
  if (!partition.has_value()) return NumberOf(device);
  const auto disk = io::ReadWholeFile(link + "/../dev");
  if (!disk.has_value()) return NumberOf(device);
  return disk->substr(0, disk->find('\n'));
}

}  // namespace

bool HasCgroup(std::string_view unit) {
  return KindOf(unit) != nullptr;
}

std::string InterfaceOf(std::string_view unit) {
  const Kind* kind = KindOf(unit);
  return fmt::format("org.freedesktop.systemd1.{}", kind == nullptr ? "Unit" : kind->interface);
}

std::string ObjectOf(std::string_view unit) {
  char* path = nullptr;
  if (::sd_bus_path_encode(kUnitObjects, std::string(unit).c_str(), &path) < 0) return "";
  std::string text(path);
  std::free(path);
  return text;
}

std::string UnitOf(const std::string& object) {
  char* name = nullptr;
  if (::sd_bus_path_decode(object.c_str(), kUnitObjects, &name) <= 0) return "";
  std::string text(name);
  std::free(name);
  return text;
}

PropertyValues ReadProperties(const BusValue& dictionary) {
  PropertyValues values;
  for (const UnitProperty& property : AllUnitProperties()) {
    const BusValue* found = dictionary.Find(property.property);
    if (found == nullptr) continue;
    if (auto value = ReadOne(property, *found)) {
      values.insert_or_assign(std::string(property.property), *std::move(value));
    }
  }
  return values;
}

BusValue WriteProperties(const std::vector<format::PropertySetting>& settings) {
  BusValue::List list;
  for (const auto& setting : settings) {
    list.emplace_back(BusValue::List{setting.property, WriteOne(setting.value)});
  }
  return list;
}

std::string DescribeProperty(const UnitProperty& property, const PropertyValue& value) {
  std::string text;
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    const bool weight = property.property.ends_with("Weight");
    text = *number == kUnitInfinity              ? weight ? "[not set]" : "infinity"
           : property.property.ends_with("USec") ? Timespan(*number)
           : weight && *number == 0              ? "idle"
                                                 : std::to_string(*number);
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    text = *flag ? "yes" : "no";
  } else if (std::holds_alternative<std::vector<std::uint8_t>>(value)) {
    const PropertyValues alone = {{std::string(property.property), value}};
    text = format::UnitFileText(*FindKnob(property.file), alone);
  } else {
    for (const auto& [node, amount] : std::get<DeviceNumbers>(value)) {
      text += fmt::format("{}{} {}", text.empty() ? "" : "; ", node, amount);
    }
  }
  return fmt::format("{}={}", property.property, text);
}

std::optional<std::string> DiskOf(std::string_view node) {
  struct stat found = {};
  if (::stat(std::string(node).c_str(), &found) != 0) return format::DeviceOfBlockNode(node);
  if (S_ISBLK(found.st_mode)) return WholeDisk(found.st_rdev);
  if (major(found.st_dev) == 0) return std::nullopt;
  return WholeDisk(found.st_dev);
}

}  // namespace reeve::systemd
