// SPDX-License-Identifier: Apache-2.0
// What the cgroups above the managed root must grant before values below it mean anything.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/files.h"
#include "edge/kernel/doctor_checks.h"
#include "edge/kernel/mounts.h"

namespace reeve::kernel {
namespace {

std::optional<std::string> TextOf(const std::string& path) {
  const auto text = io::ReadWholeFile(path);
  return text.has_value() ? std::optional(std::string(Trim(*text))) : std::nullopt;
}

// What the policies ask of one file in their outermost cgroups, whose values are what counts: those
// below share them.
struct Promise {
  std::uint64_t bytes = 0;  // the sum; `max` asks for all there is, which is a promise to nobody
  SourceMark mark;          // of the largest
};

std::optional<Promise> PromiseOf(const Desired* desired, const std::string& file) {
  if (desired == nullptr) return std::nullopt;
  Promise promise;
  std::uint64_t largest = 0;
  for (const auto& [path, cgroup] : desired->cgroups) {
    const auto knob = cgroup.knobs.find(file);
    if (!path.Parent().is_root() || knob == cgroup.knobs.end()) continue;
    const auto* limit = std::get_if<Limit>(&knob->second.value);
    if (limit == nullptr || limit->is_max() || limit->value() == 0) continue;
    promise.bytes += limit->value();
    if (limit->value() > largest) promise.mark = knob->second.mark;
    largest = std::max(largest, limit->value());
  }
  if (promise.bytes == 0) return std::nullopt;
  return promise;
}

// The cgroup from the managed root up that grants the least of a file, and how much: nullopt where
// all grant everything. The hierarchy's own root has no such file and grants all there is.
struct Grant {
  std::uint64_t bytes = 0;
  std::string cgroup;
};

std::optional<Grant> SmallestGrant(const std::string& root,
                                   const std::string& tree,
                                   const std::string& file) {
  std::optional<Grant> smallest;
  for (std::filesystem::path at = root; IsAtOrBelow(at.string(), tree); at = at.parent_path()) {
    const auto text = TextOf((at / file).string());
    const auto bytes = text ? ParseDecimal(*text) : std::nullopt;
    if (bytes && (!smallest || *bytes < smallest->bytes)) smallest = Grant{*bytes, at.string()};
    if (at.string() == tree || !at.has_relative_path()) break;
  }
  return smallest;
}

HealthCheck ProtectionCheck(const std::string& root,
                            const std::string& tree,
                            const std::string& file,
                            const Desired* desired) {
  const auto grant = SmallestGrant(root, tree, file);
  const auto promise = PromiseOf(desired, file);
  if (!grant) return {Health::kOk, "protection", file + ": as the policies write it", ""};
  const std::string has =
      fmt::format("{} has {} bytes of it itself", EscapeForTerminal(grant->cgroup), grant->bytes);
  if (!promise || promise->bytes <= grant->bytes) {
    return {Health::kOk,
            "protection",
            fmt::format("{}: {}, which is the most that cgroups below get{}",
                        file,
                        has,
                        promise ? "" : " (unused)"),
            ""};
  }
  return {Health::kWarn,
          "protection",
          fmt::format("{}: {}, so that cgroups below get no more. {} wants {} bytes in all",
                      file,
                      has,
                      EscapeForTerminal(promise->mark.FileLine()),
                      promise->bytes),
          fmt::format("echo {} > {}/{}, or {}= of the unit",
                      promise->bytes,
                      EscapeForTerminal(grant->cgroup),
                      file,
                      file == "memory.min" ? "MemoryMin" : "MemoryLow")};
}

// The first policy line that makes a partition.
std::optional<SourceMark> PartitionWanted(const Desired* desired) {
  if (desired == nullptr) return std::nullopt;
  for (const auto& entry : desired->cgroups) {
    const auto knob = entry.second.knobs.find("cpuset.cpus.partition");
    if (knob == entry.second.knobs.end()) continue;
    const auto* word = std::get_if<std::string>(&knob->second.value);
    if (word != nullptr && *word != "member") return knob->second.mark;
  }
  return std::nullopt;
}

}  // namespace

std::vector<HealthCheck> CheckProtection(const std::string& root,
                                         const std::string& tree,
                                         const HostFacts& facts,
                                         const Desired* desired) {
  if (!facts.controllers.Has(Controller::kMemory)) return {};
  return {ProtectionCheck(root, tree, "memory.min", desired),
          ProtectionCheck(root, tree, "memory.low", desired)};
}

std::vector<HealthCheck> CheckPartitions(const std::string& root,
                                         const HostFacts& facts,
                                         const Desired* desired) {
  constexpr const char* kTopic = "partitions";
  if (!facts.controllers.Has(Controller::kCpuset)) return {};
  const auto own = TextOf(root + "/cpuset.cpus.partition");
  // Only the hierarchy's root has no such file, and it is a partition always.
  if (!own || *own == "root" || *own == "isolated") {
    return {{Health::kOk, kTopic, "can be made below the managed root", ""}};
  }
  if (TextOf(root + "/cpuset.cpus.exclusive").has_value()) {
    return {{Health::kOk,
             kTopic,
             "can be made of CPUs in cpuset.cpus.exclusive of every cgroup above them",
             ""}};
  }
  const std::string why = fmt::format(
      "cpuset.cpus.partition can not come true below {}: it is no partition root, and kernel {} "
      "makes partitions only below one",
      EscapeForTerminal(root),
      EscapeForTerminal(facts.kernel));
  const auto wanted = PartitionWanted(desired);
  if (!wanted) return {{Health::kOk, kTopic, why + " (unused)", ""}};
  return {{Health::kWarn,
           kTopic,
           fmt::format("{}. {} wants one", why, EscapeForTerminal(wanted->FileLine())),
           "a managed root directly below the hierarchy's, with cpuset.cpus set and `root` in its "
           "cpuset.cpus.partition; or kernel 6.7"}};
}

}  // namespace reeve::kernel
