// SPDX-License-Identifier: Apache-2.0
// What the interface files hold: which lines to write, in which phase.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/format/knob_text.h"
#include "core/plan/differ.h"

namespace reeve::plan {
namespace {

bool IsRoomForChildren(std::string_view file) {
  return file == "cgroup.max.depth" || file == "cgroup.max.descendants";
}

// subtree_control is a key only to add controllers; Resolve has merged it into DesiredCgroup.
bool IsHandledByStructure(std::string_view file) {
  return file == "cgroup.subtree_control";
}

bool IsWeight(const std::string& file) {
  return file == "cpu.weight" || file == "cpu.weight.nice";
}

bool WantsIdle(const DesiredCgroup& wanted) {
  const auto knob = wanted.knobs.find("cpu.idle");
  return knob != wanted.knobs.end() && knob->second.value == KnobValue(Limit(1));
}

bool WantsWeight(const DesiredCgroup& wanted) {
  return wanted.knobs.contains("cpu.weight") || wanted.knobs.contains("cpu.weight.nice");
}

bool IsIdle(const ObservedCgroup& seen) {
  const auto idle = seen.files.find("cpu.idle");
  return idle != seen.files.end() && idle->second.text == "1";
}

// Whether cpu.idle is on and will be switched off: the weight that is read then (0 or 1) is not the
// one in force afterwards (100), so it must be written whatever it reads.
bool LeavesIdle(const std::string& file, const DesiredCgroup& wanted, const ObservedCgroup& seen) {
  return IsWeight(file) && !WantsIdle(wanted) && IsIdle(seen);
}

// An idle cgroup takes no weight (EINVAL) and gets the default one by itself when it stops being
// idle; and a weight that is wanted under its other name is not to be overwritten.
bool HasNoWeightToReset(const ObservedCgroup& seen, const DesiredCgroup* wanted) {
  return IsIdle(seen) || (wanted != nullptr && (WantsIdle(*wanted) || WantsWeight(*wanted)));
}

bool IsPlaceList(std::string_view file) {
  return file == "cpuset.cpus" || file == "cpuset.mems";
}

}  // namespace

void Differ::DiffFiles(const CgroupPath& path,
                       const DesiredCgroup& wanted,
                       const ObservedCgroup* seen) {
  if (seen != nullptr) LeaveForeignIdle(path, wanted, *seen);
  for (const auto& [file, knob] : wanted.knobs) {
    if (!IsHandledByStructure(file)) DiffFile(path, file, knob, wanted, seen);
  }
  if (seen != nullptr) ResetFiles(path, *seen, &wanted);
}

// Somebody made idle what shall have a weight: the weight can not be put back before.
void Differ::LeaveForeignIdle(const CgroupPath& path,
                              const DesiredCgroup& wanted,
                              const ObservedCgroup& seen) {
  if (!IsIdle(seen) || !WantsWeight(wanted)) return;
  const bool known =
      wanted.knobs.contains("cpu.idle") || (seen.owner && seen.owner->keys.contains("cpu.idle"));
  if (known) return;
  const auto weight = wanted.knobs.contains("cpu.weight") ? wanted.knobs.find("cpu.weight")
                                                          : wanted.knobs.find("cpu.weight.nice");
  DesiredKnob goal;
  goal.knob = FindKnob("cpu.idle");
  goal.value = format::DefaultValue(*goal.knob);
  Reason reason;
  reason.mark = weight->second.mark;
  reason.note = "an idle cgroup has no weight";
  reason.template_name = wanted.template_name;
  reason.now = "1";
  reason.drift = MovedByTheWorld(path, weight->first, weight->second.value);
  if (LeavesValue(path, "cpu.idle", wanted, "0", reason)) return;
  const KnobValue idle = Limit(1);
  AddSet(path, "cpu.idle", goal, &seen, &idle, std::move(reason));
}

void Differ::DiffFile(const CgroupPath& path,
                      const std::string& file,
                      const DesiredKnob& wanted,
                      const DesiredCgroup& cgroup,
                      const ObservedCgroup* seen) {
  if (IsRefused(path, wanted.knob)) return;
  Reason reason;
  reason.mark = wanted.mark;
  reason.written = wanted.written;
  reason.note = wanted.note;
  reason.template_name = cgroup.template_name;
  reason.now = "-";
  const auto found = seen == nullptr ? decltype(seen->files.begin()){} : seen->files.find(file);
  const bool was_read = seen != nullptr && found != seen->files.end();
  if (was_read && found->second.error) {
    const Error& error = *found->second.error;
    plan_.gaps.push_back(
        {Gap::Kind::kUnsupported, path, file, error.ToString(), wanted.mark, false});
    return;
  }
  if (wanted.knob != nullptr && !was_read && IsWithheld(path, wanted.knob->controller)) return;
  reason.drift = seen != nullptr && MovedByTheWorld(path, file, wanted.value);
  if (wanted.knob == nullptr) {
    const std::string& text = std::get<std::string>(wanted.value);
    if (was_read && found->second.text == text) return;
    if (was_read) reason.now = found->second.text;
    if (LeavesValue(path, file, cgroup, text, reason)) return;
    AddSet(path, file, wanted, seen, nullptr, std::move(reason));
    return;
  }
  std::optional<KnobValue> before;
  if (was_read) {
    reason.now = found->second.text;
    auto parsed = format::ParseKnob(*wanted.knob, found->second.text);
    if (parsed.has_value()) {
      const bool leaves_idle = LeavesIdle(file, cgroup, *seen);
      if (!leaves_idle &&
          format::SameValue(*wanted.knob, wanted.value, *parsed, options_.page_size)) {
        return;
      }
      reason.now = format::FormatKnob(*wanted.knob, *parsed);
      if (!leaves_idle) before = *std::move(parsed);
    }
  }
  if (was_read &&
      LeavesValue(path, file, cgroup, format::FormatKnob(*wanted.knob, wanted.value), reason)) {
    return;
  }
  if (seen != nullptr && std::holds_alternative<Limit>(wanted.value) &&
      !MayShrink(path, file, std::get<Limit>(wanted.value), cgroup, *seen, reason)) {
    return;
  }
  if (file == "cgroup.type" && !MayBeThreaded(path, wanted.mark)) return;
  if (before && !MayEmpty(path, file, wanted.value, *before, *seen, reason)) return;
  AddSet(path, file, wanted, seen, before ? &*before : nullptr, std::move(reason));
}

// A list that may not be emptied goes all the same when its controller is taken away after all
// values are set. Until then it must not be outside of the parent's.
std::optional<Differ::Handle> Differ::GoesWithController(const CgroupPath& path,
                                                         const Knob& knob,
                                                         const ObservedCgroup& seen) const {
  const auto off = disabled_.find(path.Parent());
  const bool empty = desired_.populated_cpuset_empties || (seen.populated && !*seen.populated);
  if (!IsPlaceList(knob.file) || empty || off == disabled_.end()) return std::nullopt;
  if (!off->second.first.Has(knob.controller)) return std::nullopt;
  return off->second.second;
}

// What the nearest cgroup above shall have that has a list of its own; the empty one when none has,
// or when the one above keeps its list, which holds the one here already.
KnobValue Differ::ListAbove(const CgroupPath& path, const Knob& knob) const {
  const std::string file(knob.file);
  for (CgroupPath up = path.Parent(); !up.is_root(); up = up.Parent()) {
    const auto above = desired_.cgroups.find(up);
    if (above != desired_.cgroups.end()) {
      const auto list = above->second.knobs.find(file);
      if (list != above->second.knobs.end() && list->second.value != KnobValue(IdSet{})) {
        return list->second.value;
      }
    }
    const ObservedCgroup* seen = Seen(up);
    if (seen == nullptr || !seen->files.contains(file) || seen->files.at(file).text.empty()) {
      continue;
    }
    if (!GoesWithController(up, knob, *seen)) break;
  }
  return IdSet{};
}

// A list of CPUs or nodes that are offline stays as it stands: the kernel keeps it, and it comes true by itself when they
// are back (F78).
bool Differ::WaitsForCpus(const CgroupPath& path, const std::string& file) const {
  if (file != "cpuset.cpus" && file != "cpuset.mems") return false;
  return std::any_of(desired_.gaps.begin(), desired_.gaps.end(), [&](const Gap& gap) {
    return gap.kind == Gap::Kind::kPending && gap.file == file && gap.path == path;
  });
}

DesiredKnob Differ::GivenBack(const Knob* knob, const std::string& original) const {
  DesiredKnob goal;
  if (original.empty() && knob != nullptr) {
    goal.knob = knob;
    goal.value = format::DefaultValue(*knob);
    return goal;
  }
  goal.value = original;
  if (knob == nullptr || !on_units()) return goal;
  auto value = format::ParseKnob(*knob, original);
  if (!value.has_value()) return goal;
  goal.knob = knob;
  goal.value = *std::move(value);
  return goal;
}

// A key that left the policy gets the kernel's default back; raw keys and those of units the text
// found at first.
void Differ::ResetFiles(const CgroupPath& path,
                        const ObservedCgroup& seen,
                        const DesiredCgroup* wanted) {
  if (!seen.owner) return;
  const auto& marked = seen.owner->keys;
  const bool all_wanted = std::all_of(marked.begin(), marked.end(), [&](const auto& key) {
    return wanted != nullptr && wanted->knobs.contains(key.first);
  });
  if (all_wanted) return;
  const DesiredCgroup none;
  OwnerMark kept = wanted == nullptr ? *seen.owner : MarkFor(path, *wanted, &seen);
  const std::size_t keys_before = kept.keys.size();
  std::vector<Handle> resets;
  const auto reset = [&](const std::string& file,
                         const DesiredKnob& goal,
                         const KnobValue* before,
                         Reason reason) {
    for (Handle line : AddSet(path, file, goal, &seen, before, std::move(reason)))
      resets.push_back(line);
  };
  for (const auto& [file, original] : seen.owner->keys) {
    if (wanted != nullptr && wanted->knobs.contains(file)) continue;
    if (WaitsForCpus(path, file)) continue;
    kept.keys.erase(file);
    const auto found = seen.files.find(file);
    if (found == seen.files.end() || found->second.error || IsHandledByStructure(file)) continue;
    if (IsWeight(file) && HasNoWeightToReset(seen, wanted)) continue;
    Reason reason;
    reason.reset = true;
    reason.now = found->second.text;
    if (wanted != nullptr) {
      reason.mark = wanted->mark;
      reason.template_name = wanted->template_name;
    }
    const Knob* knob = FindKnob(file);
    DesiredKnob goal = GivenBack(knob, original);
    if (goal.knob == nullptr) {
      if (original.empty() || found->second.text == original) continue;
      reset(file, goal, nullptr, std::move(reason));
      continue;
    }
    auto before = format::ParseKnob(*knob, found->second.text);
    if (!before.has_value()) {
      if (on_units()) reset(file, goal, nullptr, std::move(reason));
      continue;
    }
    if (format::SameValue(*knob, goal.value, *before, options_.page_size)) continue;
    reason.now = format::FormatKnob(*knob, *before);
    const auto* limit = std::get_if<Limit>(&goal.value);
    if (limit != nullptr &&
        !MayShrink(path, file, *limit, wanted == nullptr ? none : *wanted, seen, reason)) {
      kept.keys.emplace(file, original);
      continue;
    }
    if (const auto gone = GoesWithController(path, *knob, seen)) {
      resets.push_back(*gone);
      goal.value = ListAbove(path, *knob);
      if (goal.value == format::DefaultValue(*knob)) continue;
    } else if (!MayEmpty(path, file, goal.value, *before, seen, reason)) {
      kept.keys.emplace(file, original);
      continue;
    }
    reset(file, goal, &*before, std::move(reason));
  }
  if (kept.keys.size() == keys_before) return;
  Reason reason;
  reason.bookkeeping = true;
  builder_.Add(Phase::kForget, path, 0, {path, seen.id, WriteMark{kept}, reason, {}}, resets);
}

std::vector<Differ::Handle> Differ::AddSet(const CgroupPath& path,
                                           const std::string& file,
                                           const DesiredKnob& wanted,
                                           const ObservedCgroup* seen,
                                           const KnobValue* before,
                                           Reason reason) {
  if (wanted.knob == nullptr) {
    reason.wanted = std::get<std::string>(wanted.value);
    return AddWrites(seen == nullptr ? Phase::kBuild : Phase::kLoosen,
                     path,
                     file,
                     nullptr,
                     wanted.value,
                     {reason.wanted},
                     reason);
  }
  const Knob& knob = *wanted.knob;
  reason.wanted = format::FormatKnob(knob, wanted.value);
  const std::vector<std::string> lines = format::WritesFor(knob, wanted.value, before, true);
  if (seen == nullptr) {
    return AddWrites(Phase::kBuild, path, file, &knob, wanted.value, lines, reason);
  }
  ++changed_[file];
  const KnobValue from = before != nullptr ? *before : format::DefaultValue(knob);
  const Change change = CompareValues(knob, from, wanted.value);
  if (change == Change::kGrows) WarnOfLifting(path, file, wanted.value, reason);
  if (IsRoomForChildren(file) && change == Change::kGrows) {
    return AddWrites(Phase::kMakeRoom, path, file, &knob, wanted.value, lines, reason);
  }
  if (change == Change::kSideways) {
    // Parents first hold both sets, so that no child is ever left outside; then all shrink from
    // below.
    const KnobValue both = Union(std::get<IdSet>(from), std::get<IdSet>(wanted.value));
    Reason step = reason;
    step.bookkeeping = true;
    AddWrites(
        Phase::kLoosen, path, file, &knob, both, format::WritesFor(knob, both, &from, true), step);
  }
  const bool shrinks = change == Change::kShrinks || change == Change::kSideways;
  const bool waits = std::holds_alternative<IdSet>(wanted.value) || IsWeight(file);
  const Phase phase = !shrinks ? Phase::kLoosen : waits ? Phase::kTighten : Phase::kRestrict;
  return AddWrites(phase, path, file, &knob, wanted.value, lines, reason);
}

std::vector<Differ::Handle> Differ::AddWrites(Phase phase,
                                              const CgroupPath& path,
                                              const std::string& file,
                                              const Knob* knob,
                                              const KnobValue& value,
                                              const std::vector<std::string>& lines,
                                              const Reason& reason) {
  const ObservedCgroup* seen = Seen(path);
  const int file_rank = FileRank(file);
  // While values shrink the order among files is the reverse; freezing stays last.
  const bool shrinking = phase == Phase::kRestrict || phase == Phase::kTighten;
  const bool reverse = shrinking && file != "cgroup.freeze";
  const int rank = phase == Phase::kBuild ? kRankSet + file_rank : reverse ? -file_rank : file_rank;
  std::vector<Handle> handles;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    handles.push_back(builder_.Add(phase,
                                   path,
                                   rank,
                                   {path,
                                    seen == nullptr ? 0 : seen->id,
                                    SetFile{file, lines[i], knob, value, i + 1 == lines.size()},
                                    reason,
                                    {}},
                                   NeedsOf(path, knob)));
  }
  return handles;
}

}  // namespace reeve::plan
