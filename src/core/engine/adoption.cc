// SPDX-License-Identifier: Apache-2.0
#include "core/engine/adoption.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/format/knob_text.h"

namespace reeve::engine {
namespace {

DesiredKnob* FindKnobOf(Desired& desired, const CgroupPath& path, const std::string& file) {
  const auto cgroup = desired.cgroups.find(path);
  if (cgroup == desired.cgroups.end() || cgroup->second.on_drift != OnDrift::kAdopt) return nullptr;
  const auto knob = cgroup->second.knobs.find(file);
  return knob == cgroup->second.knobs.end() ? nullptr : &knob->second;
}

std::string TextOf(const DesiredKnob& knob) {
  return knob.knob == nullptr ? std::get<std::string>(knob.value)
                              : format::FormatKnob(*knob.knob, knob.value);
}

// "root invalid (reason)" is what became of a value, not one that anybody could have written.
bool IsBrokenState(const Adopted& record) {
  return record.value.find(" invalid") != std::string::npos;
}

bool Lay(const Adopted& record, DesiredKnob& knob) {
  if (IsBrokenState(record)) return false;
  if (knob.knob == nullptr) {
    knob.value = record.value;
  } else {
    auto value = format::ParseKnob(*knob.knob, record.value);
    if (!value.has_value()) return false;
    knob.value = *std::move(value);
  }
  knob.note = record.by.empty() ? "adopted from somebody else" : "adopted from " + record.by;
  return true;
}

bool Before(const Adopted& record, const Drifted& drifted) {
  return std::tie(record.path, record.file) < std::tie(drifted.path, drifted.file);
}

}  // namespace

void LayAdopted(std::vector<Adopted>& adopted, Desired& desired) {
  std::erase_if(adopted, [&desired](const Adopted& record) {
    DesiredKnob* knob = FindKnobOf(desired, record.path, record.file);
    return knob == nullptr || TextOf(*knob) != record.instead_of || !Lay(record, *knob);
  });
}

bool Adopt(const Drifted& drifted,
           std::string by,
           std::vector<Adopted>& adopted,
           Desired& desired) {
  DesiredKnob* knob = FindKnobOf(desired, drifted.path, drifted.file);
  if (knob == nullptr) return false;
  auto at = std::lower_bound(adopted.begin(), adopted.end(), drifted, Before);
  const bool again = at != adopted.end() && at->path == drifted.path && at->file == drifted.file;
  // Adopted over an adopted one: what the policy wants is still what it wanted then.
  Adopted record{drifted.path,
                 drifted.file,
                 drifted.now,
                 again ? at->instead_of : TextOf(*knob),
                 std::move(by)};
  if (!Lay(record, *knob)) return false;
  if (again) {
    *at = std::move(record);
  } else {
    adopted.insert(at, std::move(record));
  }
  return true;
}

}  // namespace reeve::engine
