// SPDX-License-Identifier: Apache-2.0
#include "core/model/cgroup_path.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/controller.h"

namespace reeve {
namespace {

constexpr std::size_t kLongestPart = 4095;  // mkdir takes no longer path, whatever NAME_MAX says
constexpr std::size_t kLongestPolicyName = 200;  // below NAME_MAX, with room for a unit's suffix
constexpr std::size_t kShown = 200;              // bytes of a wrong path in an error

constexpr std::array<std::string_view, 4> kReserved = {"_self", "_other", "_payload", "_holder"};

// Words before the dot of interface files that are not among the controllers reeve governs.
constexpr std::array<std::string_view, 4> kOtherPrefixes = {
    "irq", "perf_event", "devices", "debug"};

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool MayStartName(char c) {
  return IsAlphanumeric(c) || c == '_' || c == '-';
}

bool MayContinueName(char c) {
  return MayStartName(c) || c == '.' || c == '@' || c == '+';
}

std::string WhyNotPart(std::string_view part) {
  if (part.empty()) return "an empty name";
  if (part == "." || part == "..") return fmt::format("the name '{}'", part);
  if (part.find('\0') != std::string_view::npos) return "a NUL byte";
  if (part.find('/') != std::string_view::npos) return "a '/' in a name";
  if (part.size() > kLongestPart) {
    return fmt::format("a name of {} bytes; {} are possible", part.size(), kLongestPart);
  }
  return "";
}

// What both kinds of names must not be, whatever their bytes.
std::string WhyTaken(std::string_view name) {
  if (name.size() > kLongestPolicyName) {
    return fmt::format("it has {} bytes; at most {} are allowed", name.size(), kLongestPolicyName);
  }
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    return fmt::format("'{}' is one of reeve's own", name);
  }
  const std::string_view prefix = name.substr(0, name.find('.'));
  if (prefix.size() == name.size()) return "";
  if (prefix == "cgroup") return "names that begin with 'cgroup.' belong to the kernel";
  const bool other =
      std::find(kOtherPrefixes.begin(), kOtherPrefixes.end(), prefix) != kOtherPrefixes.end();
  if (other || ControllerByName(prefix)) {
    // A directory of that name makes enabling the controller fail with EEXIST.
    return fmt::format("names that begin with '{}.' are the kernel's interface files", prefix);
  }
  return "";
}

std::string WhyNotBytes(std::string_view name, bool instance) {
  if (name.empty()) return "it is empty";
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (i == 0 ? MayStartName(c) : MayContinueName(c)) continue;
    if (instance && c == '%') continue;
    const std::string shown = EscapeForTerminal(name.substr(i, 1));
    if (MayContinueName(c)) return fmt::format("it must not begin with '{}'", shown);
    return fmt::format("'{}' is not allowed; letters, digits and _ . @ + - are", shown);
  }
  return "";
}

std::string WhyNotName(std::string_view name, bool instance) {
  std::string why = WhyNotBytes(name, instance);
  return why.empty() ? WhyTaken(name) : why;
}

}  // namespace

Result<CgroupPath> CgroupPath::Parse(std::string_view text) {
  CgroupPath path;
  if (text.empty()) return path;
  for (std::string_view part : Split(text, '/')) {
    const std::string why = WhyNotPart(part);
    if (!why.empty()) {
      return Error{ErrorKind::kInvalid,
                   0,
                   EscapeForTerminal(text.substr(0, kShown)),
                   "not a cgroup's path: it has " + why};
    }
  }
  path.text_ = text;
  return path;
}

std::string_view CgroupPath::name() const {
  return std::string_view(text_).substr(text_.rfind('/') + 1);  // npos + 1 is 0
}

CgroupPath CgroupPath::Parent() const {
  CgroupPath parent;
  const std::size_t slash = text_.rfind('/');
  if (slash != std::string::npos) parent.text_ = text_.substr(0, slash);
  return parent;
}

CgroupPath CgroupPath::Child(std::string_view name) const {
  REEVE_CHECK(WhyNotPart(name).empty());
  CgroupPath child;
  child.text_ = is_root() ? std::string(name) : fmt::format("{}/{}", text_, name);
  return child;
}

int CgroupPath::depth() const {
  if (is_root()) return 0;
  return static_cast<int>(std::count(text_.begin(), text_.end(), '/')) + 1;
}

bool CgroupPath::Contains(const CgroupPath& other) const {
  if (is_root() || text_ == other.text_) return true;
  return other.text_.size() > text_.size() && other.text_.starts_with(text_) &&
         other.text_[text_.size()] == '/';
}

std::string WhyNotPolicyName(std::string_view name) {
  return WhyNotName(name, false);
}

std::string WhyNotInstanceName(std::string_view name) {
  return WhyNotName(name, true);
}

std::string EscapeForName(std::string_view value) {
  std::string escaped;
  escaped.reserve(value.size());
  for (char c : value) {
    const bool first = escaped.empty();
    if (first ? MayStartName(c) : MayContinueName(c)) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

}  // namespace reeve
