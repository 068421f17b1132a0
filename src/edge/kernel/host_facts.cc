// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/host_facts.h"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/base/version.h"
#include "core/format/id_set.h"
#include "edge/io/files.h"
#include "edge/kernel/cpuset_facts.h"
#include "edge/kernel/disks.h"
#include "edge/kernel/mounts.h"
#include "edge/kernel/root_facts.h"
#include "edge/kernel/systemd_version.h"
#include "edge/kernel/virt.h"
#include "edge/kernel/weighted_disks.h"

namespace reeve::kernel {
namespace {

class Reader {
 public:
  Reader(const FactsOptions& options, std::vector<std::string>* notes)
      : options_(options), notes_(notes) {}

  // "" with a note when it can not be read.
  std::string Text(const std::string& path) {
    const auto text = io::ReadWholeFile(path);
    if (text.has_value()) return std::string(Trim(*text));
    notes_->push_back(text.error().ToString());
    return "";
  }

  std::optional<std::uint64_t> Number(const std::string& path) {
    const std::string text = Text(path);
    if (text.empty()) return std::nullopt;
    const auto number = ParseDecimal(text);
    if (!number) {
      notes_->push_back(fmt::format("{}: \"{}\" is no number", path, EscapeForTerminal(text)));
    }
    return number;
  }

  void Machine(HostFacts* facts) {
    facts->host = Text(options_.proc + "/sys/kernel/hostname");
    facts->kernel = Text(options_.proc + "/sys/kernel/osrelease");
    facts->machine_id = Text(options_.etc + "/machine-id");
    facts->boot_id = Text(options_.proc + "/sys/kernel/random/boot_id");
    utsname names = {};
    if (::uname(&names) == 0) facts->arch = names.machine;
    facts->page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    facts->os = Os();
    facts->virt = DetectVirt(options_);
    facts->systemd = SystemdVersion(options_);
    facts->reeve = kVersion;
    const auto pids = Number(options_.proc + "/sys/kernel/pid_max");
    const auto threads = Number(options_.proc + "/sys/kernel/threads-max");
    facts->max_tasks =
        std::min(pids.value_or(threads.value_or(0)), threads.value_or(pids.value_or(0)));
  }

  void Memory(HostFacts* facts) {
    const std::string text = Text(options_.proc + "/meminfo");
    for (const std::string_view line : SplitLines(text)) {
      const auto words = SplitWords(line);
      if (words.size() < 3 || words[2] != "kB") continue;
      const auto kib = ParseDecimal(words[1]);
      if (!kib) continue;
      if (words[0] == "MemTotal:") facts->memory = *kib << 10;
      if (words[0] == "SwapTotal:") facts->swap = *kib << 10;
    }
  }

  // CPUs that this process may use, which is what a cgroup v1 cpuset or a container leaves.
  void Cpus(HostFacts* facts) {
    const std::string text = Text(options_.proc + "/self/status");
    for (const std::string_view line : SplitLines(text)) {
      constexpr std::string_view kKey = "Cpus_allowed_list:";
      if (!line.starts_with(kKey)) continue;
      const auto set = format::ParseIdSet("Cpus_allowed_list", Trim(line.substr(kKey.size())));
      if (!set.has_value()) {
        notes_->push_back(set.error().ToString());
        return;
      }
      facts->cpus = 0;
      for (const auto& [first, last] : set->ranges) facts->cpus += std::uint64_t{last} - first + 1;
      return;
    }
  }

 private:
  // "debian 12", from ID and VERSION_ID; rolling distributions have no version.
  std::string Os() {
    auto text = io::ReadWholeFile(options_.etc + "/os-release");
    if (!text.has_value()) text = io::ReadWholeFile(options_.usr + "/lib/os-release");
    if (!text.has_value()) {
      notes_->push_back(text.error().ToString());
      return "";
    }
    std::string id = "linux";  // os-release(5): what a missing ID means
    std::string version;
    for (const std::string_view line : SplitLines(*text)) {
      if (line.starts_with("ID=")) id = Unquoted(line.substr(3));
      if (line.starts_with("VERSION_ID=")) version = Unquoted(line.substr(11));
    }
    return version.empty() ? id : id + " " + version;
  }

  // A shell word; ids and versions hold nothing that would need more than taking the quotes off.
  static std::string Unquoted(std::string_view text) {
    text = Trim(text);
    const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                        text.back() == text.front();
    return std::string(quoted ? text.substr(1, text.size() - 2) : text);
  }

  const FactsOptions& options_;
  std::vector<std::string>* notes_;
};

void ReadDisks(const MountTable& mounts, const FactsOptions& options, HostFacts* facts) {
  const Disks disks = Disks::Read(options.sys, options.dev, options.run);
  facts->devices = disks.by_name();
  for (const format::Mount& mount : mounts.all()) {
    if (!mounts.IsVisible(mount)) continue;
    facts->mounts.insert_or_assign(mount.mount_point, disks.Below(mount, mounts));
  }
}

}  // namespace

HostFacts ReadHostFacts(const std::string& root,
                        port::CgroupFs* fs,
                        const FactsOptions& options,
                        std::vector<std::string>* notes) {
  HostFacts facts;
  Reader reader(options, notes);
  reader.Machine(&facts);
  reader.Memory(&facts);
  reader.Cpus(&facts);
  ReadMachineIds(options, &facts);
  const auto mounts = MountTable::Read(options.proc);
  if (!mounts.has_value()) notes->push_back(mounts.error().ToString());
  if (mounts.has_value()) ReadDisks(*mounts, options, &facts);
  if (fs != nullptr) {
    const format::Mount* tree = mounts.has_value() ? mounts->Of(root) : nullptr;
    facts.weighted_disks =
        ReadWeightedDisks(options.sys, tree != nullptr ? tree->mount_point : root);
    ReadRootFacts(root, tree != nullptr ? tree->mount_point : root, *fs, options, &facts, notes);
  }
  return facts;
}

}  // namespace reeve::kernel
