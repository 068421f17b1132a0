// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reeve::systemd {

// One value of a D-Bus message. Which of D-Bus's own types it has is said by the signature of the
// message it stands in: integers of every width are one of two here; strings, object paths and
// signatures are text; arrays, structs and dict entries are lists.
struct BusValue {
  using List = std::vector<BusValue>;

  BusValue() = default;

  template <typename T>

  requires std::integral<T> &&
      (!std::same_as<T, bool>)BusValue(T number) {  // NOLINT: meant to be implicit
    if constexpr (std::signed_integral<T>) {
      value = static_cast<std::int64_t>(number);
    } else {
      value = static_cast<std::uint64_t>(number);
    }
  }

  BusValue(std::same_as<bool> auto yes) : value(yes) {}  // NOLINT: meant to be implicit

  BusValue(double number) : value(number) {}  // NOLINT: meant to be implicit

  BusValue(std::string text) : value(std::move(text)) {}  // NOLINT: meant to be implicit

  BusValue(std::string_view text) : value(std::string(text)) {}  // NOLINT: meant to be implicit

  BusValue(const char* text) : value(std::string(text)) {}  // NOLINT: meant to be implicit

  BusValue(List list) : value(std::move(list)) {}  // NOLINT: meant to be implicit

  // What D-Bus calls a variant: a value that carries the signature of its own type.
  static BusValue Variant(std::string type, BusValue content);

  // What it holds, or none when it is something else. A number that does not fit is none.
  const std::string* text() const { return std::get_if<std::string>(&value); }

  const List* list() const { return std::get_if<List>(&value); }

  std::optional<bool> yes() const;
  std::optional<std::uint64_t> number() const;

  // Of a dictionary (a list of pairs of text and value): the value of `key`, nullptr without one.
  const BusValue* Find(std::string_view key) const;

  bool operator==(const BusValue& other) const;

  std::variant<bool, std::int64_t, std::uint64_t, double, std::string, List> value = false;
  std::string type = {};  // of a variant: the signature of what it holds; else ""
};

}  // namespace reeve::systemd
