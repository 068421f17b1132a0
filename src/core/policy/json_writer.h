// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::policy {

// Writes indented JSON in the order of the calls. Whoever calls keeps it well-formed: in an object
// every value comes after its Key.
class JsonWriter {
 public:
  void BeginObject();
  void EndObject();
  void BeginArray();
  void EndArray();
  void Key(std::string_view key);
  void String(std::string_view text);

  // A number, true or false, as it stands.
  void Literal(std::string_view text);

  // Key and String in one.
  void Member(std::string_view key, std::string_view text);

  // Ends with a newline.
  std::string Take();

 private:
  void BeginValue();
  void End(char bracket);

  std::string out_;
  std::vector<bool> has_members_;
  bool after_key_ = false;
};

}  // namespace reeve::policy
