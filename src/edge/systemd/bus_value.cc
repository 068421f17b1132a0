// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/bus_value.h"

namespace reeve::systemd {

BusValue BusValue::Variant(std::string type, BusValue content) {
  content.type = std::move(type);
  return content;
}

std::optional<bool> BusValue::yes() const {
  if (const bool* found = std::get_if<bool>(&value)) return *found;
  return std::nullopt;
}

std::optional<std::uint64_t> BusValue::number() const {
  if (const auto* found = std::get_if<std::uint64_t>(&value)) return *found;
  if (const auto* found = std::get_if<std::int64_t>(&value); found != nullptr && *found >= 0) {
    return static_cast<std::uint64_t>(*found);
  }
  return std::nullopt;
}

const BusValue* BusValue::Find(std::string_view key) const {
  const List* entries = list();
  if (entries == nullptr) return nullptr;
  for (const BusValue& entry : *entries) {
    const List* pair = entry.list();
    if (pair == nullptr || pair->size() != 2) continue;
    if (const std::string* name = pair->front().text(); name != nullptr && *name == key) {
      return &pair->back();
    }
  }
  return nullptr;
}

bool BusValue::operator==(const BusValue& other) const {
  return type == other.type && value == other.value;
}

}  // namespace reeve::systemd
