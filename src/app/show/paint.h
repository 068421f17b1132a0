// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace reeve::show {

// Colours for those who want them; they underline what the words say already.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}

  std::string Bold(std::string_view text) const { return Wrap("1", text); }

  std::string Red(std::string_view text) const { return Wrap("1;31", text); }

  std::string Green(std::string_view text) const { return Wrap("32", text); }

  std::string Yellow(std::string_view text) const { return Wrap("33", text); }

 private:
  std::string Wrap(std::string_view code, std::string_view text) const;

  bool on_;
};

}  // namespace reeve::show
