// SPDX-License-Identifier: Apache-2.0
#include "core/model/unit_name.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr std::array<std::string_view, 6> kTypes = {
    "service", "slice", "scope", "socket", "mount", "swap"};
constexpr std::array<std::string_view, 5> kTypesWithout = {
    "timer", "target", "path", "device", "automount"};
constexpr std::string_view kSlice = ".slice";

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool MayBeInName(char c) {
  constexpr std::string_view kOthers = ":-_.\\@";
  return IsLetterOrDigit(c) || kOthers.find(c) != std::string_view::npos;
}

template <typename List>
bool Lists(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::string_view UnitTypeOf(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

std::string WhyNotUnitName(std::string_view name) {
  if (name.size() > kLongestName) {
    return fmt::format("it has {} bytes; at most {} are allowed", name.size(), kLongestName);
  }
  const auto wrong = std::find_if_not(name.begin(), name.end(), MayBeInName);
  if (wrong != name.end()) {
    const auto at = static_cast<std::size_t>(wrong - name.begin());
    return fmt::format("'{}' is not allowed; letters, digits and : - _ . \\ @ are",
                       EscapeForTerminal(name.substr(at, 1)));
  }
  const std::string_view type = UnitTypeOf(name);
  if (Lists(kTypesWithout, type)) {
    return fmt::format("a {} has no processes; name the service that it starts", type);
  }
  if (!Lists(kTypes, type)) {
    return "it has no type; units end in .service, .slice, .scope, .socket, .mount or .swap";
  }
  const std::string_view stem = name.substr(0, name.size() - type.size() - 1);
  if (stem.empty() || stem.front() == '@') return "there is nothing before its type";
  if (stem.back() == '@') {
    return fmt::format("it is a template; `{}<instance>.{}` is every instance of it", stem, type);
  }
  return "";
}

std::string WhyLeftAlone(std::string_view name) {
  if (name == "-.slice") return "it is the root of all, and the kernel does not limit the root";
  if (name == "init.scope") return "systemd itself lives in it";
  const bool ours = name == "reeve.slice" || name == "reeve-tree.scope" ||
                    name == "reeved.service" || name == "reeved.socket";
  if (ours) {
    return "it is reeve's own; what is in its tree stands under `cgroups:`, and how much all of it "
           "may weigh in reeved.yaml under `tree:`";
  }
  return "";
}

std::string SliceAbove(std::string_view slice) {
  if (!slice.ends_with(kSlice) || slice == "-.slice") return "";
  const std::string_view stem = slice.substr(0, slice.size() - kSlice.size());
  const std::size_t dash = stem.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return "";
  return std::string(stem.substr(0, dash)) + std::string(kSlice);
}

std::optional<std::uint64_t> UidOfUnit(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kForms[] = {
      {"user-", ".slice"}, {"user@", ".service"}, {"user-runtime-dir@", ".service"}};
  for (const auto& [begin, end] : kForms) {
    if (name.size() <= begin.size() + end.size()) continue;
    if (!name.starts_with(begin) || !name.ends_with(end)) continue;
    return ParseDecimal(name.substr(begin.size(), name.size() - begin.size() - end.size()));
  }
  return std::nullopt;
}

}  // namespace reeve
