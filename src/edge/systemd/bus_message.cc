// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/bus_message.h"

#include <systemd/sd-bus.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace reeve::systemd {
namespace {

Result<> Check(int result, const char* what) {
  if (result < 0) return ErrnoError(-result, "D-Bus", what);
  return {};
}

Error DoesNotFit(std::string_view type) {
  return Error{
      ErrorKind::kInternal, 0, "D-Bus", fmt::format("a value that is not of the type '{}'", type)};
}

// The first complete type of a signature: "a{sv}" of "a{sv}u". Empty when there is none.
std::string_view FirstType(std::string_view signature) {
  std::size_t at = 0;
  while (at < signature.size() && signature[at] == 'a') ++at;
  int depth = 0;
  for (; at < signature.size(); ++at) {
    const char c = signature[at];
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') --depth;
    if (depth < 0) return {};
    if (depth == 0) return signature.substr(0, at + 1);
  }
  return {};
}

// sd-bus takes numbers by pointer to the type's own width.
template <typename T>
Result<> AppendNumber(sd_bus_message* message, char type, std::uint64_t number) {
  const T narrow = static_cast<T>(number);
  return Check(sd_bus_message_append_basic(message, type, &narrow), "writing a number");
}

Result<> AppendBasic(sd_bus_message* message, char type, const BusValue& value) {
  std::uint64_t bits = 0;  // of either sign, in two's complement
  if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
    bits = static_cast<std::uint64_t>(*number);
  } else if (const auto* positive = std::get_if<std::uint64_t>(&value.value)) {
    bits = *positive;
  } else if (const bool* yes = std::get_if<bool>(&value.value); yes != nullptr && type == 'b') {
    return AppendNumber<int>(message, type, *yes ? 1 : 0);
  } else if (const double* real = std::get_if<double>(&value.value); real && type == 'd') {
    return Check(sd_bus_message_append_basic(message, type, real), "writing a number");
  } else if (const std::string* text = value.text();
             text && (type == 's' || type == 'o' || type == 'g')) {
    return Check(sd_bus_message_append_basic(message, type, text->c_str()), "writing a text");
  } else {
    return DoesNotFit({&type, 1});
  }
  switch (type) {
    case 'y':
      return AppendNumber<std::uint8_t>(message, type, bits);
    case 'n':
    case 'q':
      return AppendNumber<std::uint16_t>(message, type, bits);
    case 'i':
    case 'u':
      return AppendNumber<std::uint32_t>(message, type, bits);
    case 'x':
    case 't':
      return AppendNumber<std::uint64_t>(message, type, bits);
    default:
      return DoesNotFit({&type, 1});
  }
}

Result<> Append(sd_bus_message* message, std::string_view type, const BusValue& value);

Result<> AppendContainer(sd_bus_message* message,
                         char kind,
                         std::string_view inside,
                         const BusValue::List& values) {
  REEVE_TRY_VOID(
      Check(sd_bus_message_open_container(message, kind, std::string(inside).c_str()), "writing"));
  if (kind == SD_BUS_TYPE_ARRAY) {
    for (const BusValue& value : values) {
      REEVE_TRY_VOID(Append(message, inside, value));
    }
  } else {
    REEVE_TRY_VOID(AppendBody(message, inside, values));
  }
  return Check(sd_bus_message_close_container(message), "writing");
}

Result<> Append(sd_bus_message* message, std::string_view type, const BusValue& value) {
  const char kind = type.front();
  if (kind == 'v') {
    REEVE_TRY_VOID(
        Check(sd_bus_message_open_container(message, SD_BUS_TYPE_VARIANT, value.type.c_str()),
              "writing a variant"));
    REEVE_TRY_VOID(Append(message, value.type, value));
    return Check(sd_bus_message_close_container(message), "writing a variant");
  }
  if (kind != 'a' && kind != '(' && kind != '{') return AppendBasic(message, kind, value);
  if (value.list() == nullptr) return DoesNotFit(type);
  if (kind == 'a') {
    return AppendContainer(message, SD_BUS_TYPE_ARRAY, type.substr(1), *value.list());
  }
  return AppendContainer(message,
                         kind == '(' ? SD_BUS_TYPE_STRUCT : SD_BUS_TYPE_DICT_ENTRY,
                         type.substr(1, type.size() - 2),
                         *value.list());
}

Result<BusValue> ReadBasic(sd_bus_message* message, char type) {
  union {
    std::uint8_t byte;
    int boolean;
    std::int16_t int16;
    std::uint16_t uint16;
    std::int32_t int32;
    std::uint32_t uint32;
    std::int64_t int64;
    std::uint64_t uint64;
    double real;
    const char* text;
  } read = {};

  if (type == 'h') {
    return Error{ErrorKind::kUnsupported, 0, "D-Bus", "a descriptor in a message"};
  }
  REEVE_TRY_VOID(Check(sd_bus_message_read_basic(message, type, &read), "reading a message"));
  switch (type) {
    case 'y':
      return BusValue(read.byte);
    case 'b':
      return BusValue(read.boolean != 0);
    case 'n':
      return BusValue(read.int16);
    case 'q':
      return BusValue(read.uint16);
    case 'i':
      return BusValue(read.int32);
    case 'u':
      return BusValue(read.uint32);
    case 'x':
      return BusValue(read.int64);
    case 't':
      return BusValue(read.uint64);
    case 'd':
      return BusValue(read.real);
    default:
      return BusValue(read.text);
  }
}

// Everything up to the end of the container that was entered last. D-Bus nests 64 deep at most, and
// sd-bus sees to it.
Result<BusValue::List> ReadAll(sd_bus_message* message) {  // NOLINT(misc-no-recursion)
  BusValue::List values;
  for (;;) {
    char type = 0;
    const char* inside = nullptr;
    const int more = sd_bus_message_peek_type(message, &type, &inside);
    REEVE_TRY_VOID(Check(more, "reading a message"));
    if (more == 0) return values;
    if (inside == nullptr) {
      REEVE_TRY(BusValue value, ReadBasic(message, type));
      values.push_back(std::move(value));
      continue;
    }
    const std::string contents = inside;
    REEVE_TRY_VOID(Check(sd_bus_message_enter_container(message, type, inside), "reading"));
    REEVE_TRY(BusValue::List list, ReadAll(message));
    REEVE_TRY_VOID(Check(sd_bus_message_exit_container(message), "reading a message"));
    if (type == SD_BUS_TYPE_VARIANT) {
      if (list.size() != 1) return Error{ErrorKind::kIo, 0, "D-Bus", "a variant without a value"};
      values.push_back(BusValue::Variant(contents, std::move(list.front())));
    } else {
      values.emplace_back(std::move(list));
    }
  }
}

}  // namespace

Result<> AppendBody(sd_bus_message* message,
                    std::string_view signature,
                    const BusValue::List& values) {
  for (const BusValue& value : values) {
    const std::string_view type = FirstType(signature);
    if (type.empty()) return DoesNotFit(signature);
    REEVE_TRY_VOID(Append(message, type, value));
    signature.remove_prefix(type.size());
  }
  if (!signature.empty()) return DoesNotFit(signature);
  return {};
}

Result<BusValue::List> ReadBody(sd_bus_message* message) {
  REEVE_TRY_VOID(Check(sd_bus_message_rewind(message, 1), "reading a message"));
  return ReadAll(message);
}

}  // namespace reeve::systemd
