// SPDX-License-Identifier: Apache-2.0
// Names and texts that strangers choose: cgroup paths, values of template variables, what reaches a terminal.
// The first line is a glob pattern, the rest the text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/text.h"
#include "core/model/cgroup_path.h"
#include "core/model/knob.h"
#include "fuzz/judge.h"

namespace {

using reeve::fuzz::Require;

void TryPath(std::string_view text) {
  const auto path = reeve::CgroupPath::Parse(text);
  if (!path.has_value()) return;
  Require(path->text() == text);
  Require(path->Parent().Contains(*path));
  Require(("/" + path->text() + "/").find("/../") == std::string::npos);
  if (!path->is_root()) Require(path->Parent().Child(path->name()) == *path);
}

void TryTerminal(std::string_view text) {
  const std::string shown = reeve::EscapeForTerminal(text);
  Require(reeve::IsValidUtf8(shown));
  for (const char c : shown) Require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  Require(reeve::EscapeForTerminal(shown) == shown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view pattern = input.substr(0, input.find('\n'));
  const std::string_view text =
      pattern.size() < input.size() ? input.substr(pattern.size() + 1) : "";
  TryPath(text);
  TryTerminal(text);
  // A name that a policy may use can be made below any cgroup.
  if (reeve::WhyNotPolicyName(text).empty()) Require(reeve::CgroupPath::Parse(text).has_value());
  const std::string escaped = reeve::EscapeForName(text);
  Require(escaped.find_first_of("/ \n<>") == std::string::npos);
  reeve::FindKnob(text);
  reeve::IsReadOnlyFile(text);
  if (size < 2'000) {
    reeve::GlobMatches(pattern, text);
    const std::string_view candidates[] = {pattern, "memory.max"};
    reeve::NearestSpelling(text, candidates);
  }
  return 0;
}
