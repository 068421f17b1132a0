// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/files.h"
#include "edge/kernel/doctor_checks.h"

namespace reeve::kernel {
namespace {

// "8GiB", "512MiB", "1536MiB": the largest unit that says it without a fraction.
std::string Size(std::uint64_t bytes) {
  static constexpr std::array<std::pair<std::uint64_t, std::string_view>, 4> kUnits = {
      {{1ULL << 40, "TiB"}, {1ULL << 30, "GiB"}, {1ULL << 20, "MiB"}, {1ULL << 10, "KiB"}}};
  for (const auto& [size, name] : kUnits) {
    if (bytes >= size && bytes % size == 0) return fmt::format("{}{}", bytes / size, name);
  }
  return fmt::format("{} bytes", bytes);
}

// Disks that a weight could be about: those with a queue of their own that real IO goes through.
bool IsRealDisk(const std::string& name) {
  for (const std::string_view prefix : {"loop", "ram", "zram", "dm-", "md", "sr", "fd"}) {
    if (name.starts_with(prefix)) return false;
  }
  return true;
}

// "8:0 enable=1 ctrl=auto ...": a line of the root's io.cost.qos.
bool HasIoCost(const std::string& qos, const std::string& number) {
  for (const std::string_view line : SplitLines(qos)) {
    const auto words = SplitWords(line);
    if (!words.empty() && words[0] == number) {
      return std::find(words.begin(), words.end(), "enable=1") != words.end();
    }
  }
  return false;
}

// The kernel cgroup-v2 guide, section "Writeback": elsewhere dirty pages are charged to the root.
bool ChargesWriter(std::string_view type) {
  static constexpr std::string_view kTypes[] = {"ext2", "ext4", "btrfs", "f2fs", "xfs"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

// File systems whose writes reach no disk of this host through the page cache's accounting.
bool HoldsData(std::string_view type) {
  for (const std::string_view known : {"nfs",
                                       "nfs4",
                                       "cifs",
                                       "smb3",
                                       "ceph",
                                       "zfs",
                                       "bcachefs",
                                       "ntfs3",
                                       "vfat",
                                       "exfat",
                                       "reiserfs",
                                       "jfs",
                                       "gfs2",
                                       "ocfs2",
                                       "9p",
                                       "virtiofs",
                                       "ext3"}) {
    if (type == known) return true;
  }
  return type.starts_with("fuse");
}

}  // namespace

HealthCheck CheckSwap(const HostFacts& facts) {
  HealthCheck check{Health::kOk, "swap", "", ""};
  const bool counted = facts.files.contains("memory.swap.max");
  if (facts.swap == 0) {
    check.text = "none: above memory.high only file cache can be reclaimed";
  } else if (!facts.controllers.Has(Controller::kMemory) || counted) {
    check.text =
        fmt::format("{}, accounting {}", Size(facts.swap), counted ? "on" : "not available");
  } else {
    check.health = Health::kWarn;
    check.text = fmt::format("{}, but not counted per cgroup: memory.swap.max is Unsupported",
                             Size(facts.swap));
    check.fix = "swapaccount=1 on the kernel's command line";
  }
  return check;
}

HealthCheck CheckPressure(const FactsOptions& options) {
  std::vector<std::string> there;
  std::vector<std::string> missing;
  for (const char* kind : {"cpu", "memory", "io"}) {
    // Without psi=1 the files may be there and give EOPNOTSUPP.
    const auto text = io::ReadWholeFile(options.proc + "/pressure/" + kind);
    (text.has_value() ? there : missing).emplace_back(kind);
  }
  if (missing.empty()) return {Health::kOk, "pressure", Join(there, " "), ""};
  return {Health::kWarn,
          "pressure",
          fmt::format("not told for {}: conditions on it never hold", Join(missing, " ")),
          "psi=1 on the kernel's command line"};
}

std::vector<HealthCheck> CheckIoWeight(const HostFacts& facts,
                                       const std::string& tree,
                                       const FactsOptions& options) {
  if (!facts.controllers.Has(Controller::kIo)) return {};
  const auto qos = io::ReadWholeFile(tree + "/io.cost.qos");
  std::set<std::string> driven;
  std::set<std::string> idle;
  for (const auto& entry : facts.devices) {
    const BlockDevice& disk = entry.second;
    if (!IsRealDisk(disk.name)) continue;
    const auto scheduler =
        io::ReadWholeFile(fmt::format("{}/block/{}/queue/scheduler", options.sys, disk.name));
    const bool bfq = scheduler.has_value() && scheduler->find("[bfq]") != std::string::npos;
    (bfq || (qos.has_value() && HasIoCost(*qos, disk.number)) ? driven : idle).insert(disk.name);
  }
  std::vector<HealthCheck> checks;
  checks.reserve(driven.size() + idle.size());
  for (const std::string& name : driven) {
    checks.push_back(
        {Health::kOk, "io.weight", fmt::format("{}: in effect", EscapeForTerminal(name)), ""});
  }
  for (const std::string& name : idle) {
    checks.push_back(
        {Health::kWarn,
         "io.weight",
         fmt::format("{}: neither iocost nor BFQ, weights have no effect there",
                     EscapeForTerminal(name)),
         fmt::format("echo bfq > /sys/block/{}/queue/scheduler", EscapeForTerminal(name))});
  }
  return checks;
}

HealthCheck CheckClock(bool in_step) {
  if (in_step) return {Health::kOk, "clock", "in step", ""};
  return {Health::kWarn,
          "clock",
          "NTP is not in step: durations are right, dates may be off",
          "systemctl enable --now systemd-timesyncd"};
}

std::vector<HealthCheck> CheckFileSystems(const HostFacts& facts, const MountTable& mounts) {
  std::vector<std::string> charged;
  std::vector<std::string> others;
  for (const format::Mount& mount : mounts.all()) {
    if (!mounts.IsVisible(mount) || mount.mount_point.starts_with("/proc/")) continue;
    const std::string shown =
        fmt::format("{} {}", EscapeForTerminal(mount.mount_point), EscapeForTerminal(mount.type));
    if (ChargesWriter(mount.type)) charged.push_back(shown);
    if (HoldsData(mount.type)) others.push_back(shown);
  }
  const bool both =
      facts.controllers.Has(Controller::kMemory) && facts.controllers.Has(Controller::kIo);
  std::vector<HealthCheck> checks;
  if (!charged.empty()) {
    checks.push_back({Health::kOk,
                      "filesystems",
                      fmt::format("{}: writes are {}",
                                  Join(charged, ", "),
                                  both ? "charged to the writer"
                                       : "not charged, that needs the memory and io controllers"),
                      ""});
  }
  if (!others.empty()) {
    checks.push_back(
        {Health::kOk,
         "filesystems",
         fmt::format("{}: writes are NOT charged to the writer; limits on them do nothing",
                     Join(others, ", ")),
         ""});
  }
  return checks;
}

HealthCheck CheckPrivileges(const FactsOptions& options) {
  static constexpr std::array<std::pair<int, std::string_view>, 5> kUsed = {{
      {CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE (cgroups of others)"},
      {CAP_KILL, "CAP_KILL (kill)"},
      {CAP_SYS_PTRACE, "CAP_SYS_PTRACE (what processes of others run)"},
      {CAP_SYS_ADMIN, "CAP_SYS_ADMIN (owner marks that nobody can forge)"},
      {CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE (pressure windows shorter than 2 s)"},
  }};
  std::optional<std::uint64_t> effective;
  const auto status = io::ReadWholeFile(options.proc + "/self/status");
  const std::string_view text = status.has_value() ? *status : std::string_view();
  for (const std::string_view line : SplitLines(text)) {
    if (!line.starts_with("CapEff:")) continue;
    const std::string_view digits = Trim(line.substr(7));
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (parsed.ec == std::errc()) effective = value;
  }
  if (!effective) return {Health::kWarn, "privileges", "can not be told", ""};
  std::vector<std::string> missing;
  for (const auto& [capability, name] : kUsed) {
    if ((*effective >> static_cast<unsigned>(capability) & 1U) == 0) missing.emplace_back(name);
  }
  const std::string who = fmt::format("uid {}", ::geteuid());
  if (missing.empty()) return {Health::kOk, "privileges", who + " with all that is used", ""};
  return {Health::kWarn,
          "privileges",
          fmt::format("{} without {}", who, Join(missing, ", ")),
          "run it as root; of the daemon, see CapabilityBoundingSet= of its unit"};
}

}  // namespace reeve::kernel
