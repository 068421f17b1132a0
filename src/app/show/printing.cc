// SPDX-License-Identifier: Apache-2.0
#include "app/show/printing.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/text.h"

namespace reeve::show {
namespace {

constexpr std::array<std::string_view, 11> kYamlWords = {
    "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"};

// Whether a text can stand in YAML without quotes and is a string to every reader.
bool IsPlainWord(std::string_view text) {
  if (text.empty() || text.size() > 80) return false;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '/';
  };
  if (std::isalpha(static_cast<unsigned char>(text.front())) == 0 && text.front() != '/')
    return false;
  if (!std::all_of(text.begin(), text.end(), [&](char c) {
        return is_word(c) || c == '.' || c == '-' || c == '+' || c == ' ' || c == '@';
      })) {
    return false;
  }
  if (text.back() == ' ') return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return std::find(kYamlWords.begin(), kYamlWords.end(), lower) == kYamlWords.end();
}

// JSON's \ud83d\ude00 for one character is two broken ones to YAML readers: they want \U0001f600.
std::string Quoted(const std::string& text) {
  const std::string json = Json(text).dump(-1, ' ', true);
  std::string out;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '\\' && json[i + 1] != 'u') {
      out += json[i++];
      out += json[i];
      continue;
    }
    if (json[i] != '\\') {
      out += json[i];
      continue;
    }
    const auto unit = [&](std::size_t at) {
      return std::stoul(json.substr(at + 2, 4), nullptr, 16);
    };
    const unsigned long high = unit(i);
    if (high >= 0xD800 && high < 0xDC00) {
      out += fmt::format("\\U{:08x}", 0x10000 + ((high - 0xD800) << 10U) + (unit(i + 6) - 0xDC00));
      i += 11;
    } else {
      out += json.substr(i, 6);
      i += 5;
    }
  }
  return out;
}

std::string YamlScalar(const Json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return IsPlainWord(text) ? text : Quoted(text);
  }
  if (value.is_object()) return "{}";
  if (value.is_array()) return "[]";
  return value.dump();
}

bool IsBlock(const Json& value) {
  return value.is_structured() && !value.empty();
}

void AppendYaml(const Json& value, std::size_t indent, bool inside_item, std::string& out) {
  const std::string margin(indent, ' ');
  bool first = inside_item;  // an item's first line goes on behind its "- "
  const auto begin_line = [&] {
    if (!first) out += margin;
    first = false;
  };
  if (value.is_object()) {
    for (const auto& member : value.items()) {
      begin_line();
      out += IsPlainWord(member.key()) ? member.key() : Quoted(member.key());
      out += ':';
      if (IsBlock(member.value())) {
        out += '\n';
        AppendYaml(member.value(), indent + 2, false, out);
      } else {
        out += ' ' + YamlScalar(member.value()) + '\n';
      }
    }
    return;
  }
  for (const Json& item : value) {
    begin_line();
    out += "- ";
    if (IsBlock(item)) {
      AppendYaml(item, indent + 2, true, out);
    } else {
      out += YamlScalar(item) + '\n';
    }
  }
}

}  // namespace

Json JsonString(std::string_view text) {
  return IsValidUtf8(text) ? std::string(text) : EscapeForTerminal(text);
}

std::string PrintJson(const Json& value) {
  return value.dump(2, ' ', true) + "\n";
}

std::string PrintYaml(const Json& value) {
  std::string out;
  if (IsBlock(value)) {
    AppendYaml(value, 0, false, out);
  } else {
    out = YamlScalar(value) + "\n";
  }
  return out;
}

}  // namespace reeve::show
