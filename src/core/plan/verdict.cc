// SPDX-License-Identifier: Apache-2.0
// What can hurt, and what is therefore held back.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/knob_text.h"
#include "core/plan/differ.h"

namespace reeve::plan {
namespace {

std::string InUse(std::uint64_t bytes) {
  return fmt::format("{} bytes are in use", bytes);
}

// Whether the cgroup's memory.max is one that MayShrink holds back.
bool MaxIsHeld(const DesiredCgroup& cgroup, const ObservedCgroup& seen) {
  const auto wanted = cgroup.knobs.find("memory.max");
  const auto now = seen.files.find("memory.max");
  if (cgroup.shrink == Shrink::kKill || wanted == cgroup.knobs.end() || now == seen.files.end()) {
    return false;
  }
  const auto* limit = std::get_if<Limit>(&wanted->second.value);
  if (limit == nullptr || limit->is_max()) return false;
  if (seen.memory_current && *seen.memory_current <= limit->value()) return false;
  const auto in_force = ParseDecimal(now->second.text);
  return !in_force || *in_force > limit->value();
}

}  // namespace

// The kernel accepts a memory.max below the current use and kills until it fits (measured on 6.1
// to 6.18); v1 refused it. So such a step is not taken by surprise (P5): it is held back unless
// `shrink: kill`.
bool Differ::MayShrink(const CgroupPath& path,
                       const std::string& file,
                       const Limit& wanted,
                       const DesiredCgroup& cgroup,
                       const ObservedCgroup& seen,
                       const Reason& reason) {
  if (wanted.is_max()) return true;
  const bool memory = file == "memory.max" || file == "memory.high";
  const bool pids = file == "pids.max";
  if (!memory && !pids) return true;
  // Nothing is charged yet where the controller is only now being handed down.
  if (!seen.controllers.Has(memory ? Controller::kMemory : Controller::kPids)) return true;
  const auto& use = memory ? seen.memory_current : seen.pids_current;
  if (!use) Miss(path, memory ? Evidence::Kind::kMemoryCurrent : Evidence::Kind::kPidsCurrent);
  if (use && *use <= wanted.value()) return true;
  const std::string wanted_text = fmt::format("{}", wanted.value());
  if (pids) {
    if (use) {
      plan_.care.push_back(
          {Danger::kStall,
           path,
           file,
           fmt::format("{} tasks run; nothing is killed, but nothing new starts until "
                       "fewer than {} are left",
                       *use,
                       wanted.value()),
           reason.mark});
    }
    return true;
  }
  const std::string in_use = use ? InUse(*use) : "its use could not be read";
  if (file == "memory.high") {
    // Together with a memory.max that has to wait it waits as well: those inside could not give
    // enough, and would stand nearly still below a brake that leads nowhere.
    if (MaxIsHeld(cgroup, seen)) {
      plan_.held.push_back({path,
                            file,
                            reason.now,
                            wanted_text,
                            in_use + "; goes down with memory.max",
                            reason.mark});
      return false;
    }
    plan_.care.push_back(
        {Danger::kStall,
         path,
         file,
         fmt::format(
             "memory.high {} -> {}, but {}: slowed until it fits", reason.now, wanted_text, in_use),
         reason.mark});
    return true;
  }
  const bool kill = cgroup.shrink == Shrink::kKill;
  plan_.care.push_back(
      {Danger::kKill,
       path,
       file,
       fmt::format("memory.max {} -> {}, but {}. {}",
                   reason.now,
                   wanted_text,
                   in_use,
                   kill ? "`shrink: kill` lets the kernel kill until it fits"
                        : "Held back: nothing is killed (`shrink: wait` is the default)"),
       reason.mark});
  if (kill) return true;
  plan_.held.push_back(
      {path, file, reason.now, wanted_text, in_use, reason.mark, reason.drift, nullptr});
  return false;
}

// Kernels before 7.0 do not let a cgroup with processes in it or below give its list of CPUs or
// memory nodes back (ENOSPC, measured on 6.1 and 6.12).
bool Differ::MayEmpty(const CgroupPath& path,
                      const std::string& file,
                      const KnobValue& wanted,
                      const KnobValue& before,
                      const ObservedCgroup& seen,
                      const Reason& reason) {
  const auto* ids = std::get_if<IdSet>(&wanted);
  const auto* had = std::get_if<IdSet>(&before);
  const bool list = file == "cpuset.cpus" || file == "cpuset.mems";
  if (!list || ids == nullptr || !ids->ranges.empty()) return true;
  if (had == nullptr || had->ranges.empty() || desired_.populated_cpuset_empties) return true;
  if (!seen.populated) Miss(path, Evidence::Kind::kPopulated);
  if (seen.populated && !*seen.populated) return true;
  plan_.held.push_back(
      {path,
       file,
       reason.now,
       "",
       "this kernel refuses to empty the list while processes are inside (ENOSPC); "
       "write the parent's list out instead",
       reason.mark});
  return false;
}

void Differ::WarnOfLifting(const CgroupPath& path,
                           const std::string& file,
                           const KnobValue& wanted,
                           const Reason& reason) {
  const auto* limit = std::get_if<Limit>(&wanted);
  const auto* cpu = std::get_if<CpuMax>(&wanted);
  const bool lifted =
      (limit != nullptr && limit->is_max()) || (cpu != nullptr && cpu->quota.is_max());
  if (!lifted) return;
  plan_.care.push_back({Danger::kUnlimit,
                        path,
                        file,
                        fmt::format("{} {} is lifted{}",
                                    file,
                                    reason.now,
                                    reason.reset ? ": the policy no longer sets it" : ""),
                        reason.mark});
}

// One key that changes in more than a quarter of all cgroups at once is more often a slip than an
// intent.
void Differ::WarnOfWideChanges() {
  constexpr std::size_t kWorthSaying = 20;
  const std::size_t existing = observed_.cgroups.size();
  if (existing < kWorthSaying) return;
  for (const auto& [file, count] : changed_) {
    if (count < kWorthSaying || count * 4 <= existing) continue;
    plan_.care.push_back(
        {Danger::kWide,
         CgroupPath(),
         file,
         fmt::format("{} of {} cgroups change their {} at once", count, existing, file),
         {}});
  }
}

}  // namespace reeve::plan
