// SPDX-License-Identifier: Apache-2.0
#include "core/policy/json_writer.h"

#include <fmt/format.h>

namespace reeve::policy {

void JsonWriter::BeginValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_members_.empty()) return;
  if (has_members_.back()) out_ += ',';
  has_members_.back() = true;
  out_ += '\n';
  out_.append(2 * has_members_.size(), ' ');
}

void JsonWriter::BeginObject() {
  BeginValue();
  out_ += '{';
  has_members_.push_back(false);
}

void JsonWriter::BeginArray() {
  BeginValue();
  out_ += '[';
  has_members_.push_back(false);
}

void JsonWriter::End(char bracket) {
  const bool members = has_members_.back();
  has_members_.pop_back();
  if (members) {
    out_ += '\n';
    out_.append(2 * has_members_.size(), ' ');
  }
  out_ += bracket;
}

void JsonWriter::EndObject() {
  End('}');
}

void JsonWriter::EndArray() {
  End(']');
}

void JsonWriter::Key(std::string_view key) {
  String(key);
  out_ += ": ";
  after_key_ = true;
}

void JsonWriter::String(std::string_view text) {
  BeginValue();
  out_ += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out_ += "\\\"";
        break;
      case '\\':
        out_ += "\\\\";
        break;
      case '\n':
        out_ += "\\n";
        break;
      case '\t':
        out_ += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out_ += c;
        }
    }
  }
  out_ += '"';
}

void JsonWriter::Literal(std::string_view text) {
  BeginValue();
  out_ += text;
}

void JsonWriter::Member(std::string_view key, std::string_view text) {
  Key(key);
  String(text);
}

std::string JsonWriter::Take() {
  out_ += '\n';
  return std::move(out_);
}

}  // namespace reeve::policy
