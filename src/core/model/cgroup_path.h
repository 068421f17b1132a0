// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace reeve {

// Identity of one life of a cgroup: the inode number of its directory, which a re-created cgroup
// of the same name does not share. 0 = not known.
using CgroupId = std::uint64_t;

// Where a cgroup lies below the managed root: "web/api"; the root itself is "".
// Normalized: no leading, trailing or double '/', no "." or "..". Names observed in the kernel may
// hold any byte but '/' and NUL, and be longer than NAME_MAX (kernfs does not check); names from a
// policy are judged by IsPolicyName.
class CgroupPath {
 public:
  CgroupPath() = default;  // the managed root

  // errors   Invalid: empty part, "." or "..", NUL, a part over 4095 bytes
  static Result<CgroupPath> Parse(std::string_view text);

  bool is_root() const { return text_.empty(); }

  const std::string& text() const { return text_; }

  // The last part; "" for the root.
  std::string_view name() const;

  // The root for the root.
  CgroupPath Parent() const;

  // `name` must be one valid part, or the process aborts; what a directory listing gives is one.
  CgroupPath Child(std::string_view name) const;

  // 0 for the root.
  int depth() const;

  // True for itself and everything below.
  bool Contains(const CgroupPath& other) const;

  auto operator<=>(const CgroupPath&) const = default;

 private:
  std::string text_;
};

// Whether a policy may name a cgroup so: [A-Za-z0-9_-][A-Za-z0-9_.@+-]*, at most 200 bytes, not
// "cgroup.*", not an interface file's name now or in later kernels (CONTROLLER.anything), not one
// of reeve's own (_self, _other, _payload). Returns what is wrong in words, or "" when it is fine.
std::string WhyNotPolicyName(std::string_view name);

// The same for the name of a template's instance, which may also hold the %XX of EscapeForName.
std::string WhyNotInstanceName(std::string_view name);

// A template variable's value as part of a cgroup's name: bytes outside the grammar become %XX.
// Not reversible by the kernel, but by anyone who reads the name.
std::string EscapeForName(std::string_view value);

}  // namespace reeve
