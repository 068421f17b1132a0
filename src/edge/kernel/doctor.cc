// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/doctor.h"

#include <sys/timex.h>

#include <filesystem>
#include <iterator>

#include "edge/kernel/doctor_checks.h"

namespace reeve::kernel {
namespace {

void Append(std::vector<HealthCheck> more, std::vector<HealthCheck>* checks) {
  std::move(more.begin(), more.end(), std::back_inserter(*checks));
}

bool ClockInStep() {
  timex state = {};  // no modes: reads only
  return ::adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace

std::vector<HealthCheck> Examine(const std::string& root,
                                 const HostFacts& facts,
                                 const FactsOptions& options,
                                 const Desired* desired) {
  std::vector<HealthCheck> checks;
  auto read = MountTable::Read(options.proc);
  if (!read.has_value()) {
    checks.push_back(
        {Health::kFail, "mounts", read.error().ToString(), "mount -t proc proc /proc"});
  }
  const MountTable mounts = read.has_value() ? *std::move(read) : MountTable({});
  const CgroupMounts cgroups = FindCgroupMounts(mounts);
  Append(CheckCgroupMounts(cgroups), &checks);
  Append(CheckManagedRoot(root, mounts, options), &checks);
  std::error_code error;
  const std::string real = std::filesystem::canonical(root, error).string();  // "" for none
  const format::Mount* around = mounts.Of(real);
  const std::string tree = around != nullptr && around->type == "cgroup2" ? around->mount_point
                           : cgroups.v2.empty()                           ? ""
                                                : cgroups.v2.front().mount_point;
  Append(CheckIoWeight(facts, tree, options), &checks);
  if (!real.empty()) {
    Append(CheckProtection(real, tree, facts, desired), &checks);
    Append(CheckPartitions(real, facts, desired), &checks);
  }
  checks.push_back(CheckSwap(facts));
  checks.push_back(CheckPressure(options));
  checks.push_back(CheckClock(ClockInStep()));
  Append(CheckFileSystems(facts, mounts), &checks);
  Append(CheckNeighbours(real, tree, options), &checks);
  checks.push_back(CheckPrivileges(options));
  return checks;
}

}  // namespace reeve::kernel
