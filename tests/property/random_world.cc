// SPDX-License-Identifier: Apache-2.0
#include "property/random_world.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/knob_text.h"

namespace reeve::property {
namespace {

constexpr std::uint64_t kMiB = 1U << 20;
constexpr unsigned kCpus = 8;

std::string Text(std::uint64_t number) {
  return std::to_string(number);
}

// Whole MiB, whole pages, or neither.
std::uint64_t Bytes(Random& random, std::uint64_t lowest, std::uint64_t highest) {
  std::uint64_t bytes = random.Number(lowest, highest);
  if (random.Chance(40)) bytes = std::max(bytes / kMiB * kMiB, lowest);
  return bytes;
}

void AddMemory(Random& random, testing::Files& files) {
  std::uint64_t bound = 0;
  std::uint64_t most = 512 * kMiB;
  for (const char* file : {"memory.min", "memory.low"}) {
    if (!random.Chance(25)) continue;
    bound = Bytes(random, bound, 64 * kMiB);
    files[file] = Text(bound);
  }
  if (random.Chance(40)) {
    most = Bytes(random, std::max(bound, 100 * kMiB), 512 * kMiB);
    files["memory.max"] = Text(most);
  }
  if (random.Chance(30))
    files["memory.high"] = Text(Bytes(random, std::max(bound, 90 * kMiB), most));
  if (random.Chance(20)) files["memory.swap.max"] = Text(Bytes(random, 0, 64 * kMiB));
  if (random.Chance(20)) files["memory.oom.group"] = "1";
}

void AddCpu(Random& random, testing::Files& files) {
  std::uint64_t quota = 0;
  if (random.Chance(40)) {
    std::uint64_t period = random.Chance(70) ? 100'000 : random.Number(1000, 1'000'000);
    quota = random.Number(1000, 4'000'000);
    files["cpu.max"] = random.Chance(15) ? "max " + Text(period) : Text(quota) + " " + Text(period);
    if (files["cpu.max"][0] == 'm') quota = 0;
  }
  if (random.Chance(25)) {
    files["cpu.max.burst"] = Text(random.Number(0, quota == 0 ? 1'000'000 : quota));
  }
  if (random.Chance(15)) {
    files["cpu.idle"] = "1";
  } else if (random.Chance(40)) {
    files["cpu.weight"] = Text(random.Number(1, 10'000));
  }
  if (random.Chance(15)) files["cpu.uclamp.max"] = random.Chance(30) ? "max" : "80.50";
  if (random.Chance(15)) files["cpu.uclamp.min"] = "12.34";
}

std::string DeviceLine(Random& random, const char* device) {
  std::string line = device;
  bool any = false;
  for (const char* column : {"rbps", "wbps", "riops", "wiops"}) {
    bool set = random.Chance(50) || (!any && column == std::string("wiops"));
    any = any || set;
    line += fmt::format(" {}={}", column, set ? Text(random.Number(1000, 9'000'000)) : "max");
  }
  return line;
}

void AddIo(Random& random, testing::Files& files) {
  if (random.Chance(25)) {
    std::vector<std::string> lines;
    for (const char* device : {"259:0", "8:0", "8:16"}) {
      if (random.Chance(60)) lines.push_back(DeviceLine(random, device));
    }
    if (!lines.empty()) files["io.max"] = Join(lines, "\n");
  }
  if (random.Chance(15)) files["io.weight"] = "default " + Text(random.Number(1, 10'000));
  if (random.Chance(10)) files["io.latency"] = "8:0 target=" + Text(random.Number(1, 99'999));
  if (random.Chance(10)) files["io.prio.class"] = random.Chance(50) ? "idle" : "restrict-to-be";
}

void AddOthers(Random& random, testing::Files& files) {
  if (random.Chance(40)) files["pids.max"] = Text(random.Number(50, 5000));
  if (random.Chance(10)) files["hugetlb.2MB.max"] = Text(random.Number(0, 100) * 2 * kMiB);
  if (random.Chance(10)) files["misc.max"] = "res_a " + Text(random.Number(0, 50));
  if (random.Chance(10))
    files["rdma.max"] = "mlx_0 hca_handle=" + Text(random.Number(0, 9)) + " hca_object=max";
  if (random.Chance(15)) files["cgroup.max.descendants"] = Text(random.Number(200, 300));
  if (random.Chance(10)) files["cgroup.max.depth"] = Text(random.Number(10, 20));
  if (random.Chance(5)) files["cgroup.freeze"] = "1";
}

// A part of `within`, never empty, so that a set is never outside of the parent's.
std::set<unsigned> Part(Random& random, const std::set<unsigned>& within) {
  std::set<unsigned> part;
  for (unsigned id : within) {
    if (random.Chance(60)) part.insert(id);
  }
  return part.empty() ? within : part;
}

void Grow(Random& random,
          const std::string& path,
          int depth,
          const std::set<unsigned>& cpus,
          Trees& tree) {
  for (const char* name : {"a", "b", "c"}) {
    if (!random.Chance(depth == 0 ? 70 : 40)) continue;
    std::string child = path.empty() ? name : path + "/" + name;
    testing::Files& files = tree[child];
    AddMemory(random, files);
    AddCpu(random, files);
    AddIo(random, files);
    AddOthers(random, files);
    std::set<unsigned> own = cpus;
    if (random.Chance(30)) {
      own = Part(random, cpus);
      files["cpuset.cpus"] = support::FormatIdList(own);
    }
    if (depth < 2) Grow(random, child, depth + 1, own, tree);
  }
}

bool IsInner(const Trees& tree, const std::string& path) {
  auto next = tree.upper_bound(path + "/");
  return tree.count(path) != 0 && next != tree.end() && next->first.starts_with(path + "/");
}

bool HoldsForeign(const std::string& path, const Inhabitants& inhabitants) {
  return std::any_of(
      inhabitants.foreign.begin(), inhabitants.foreign.end(), [&](const auto& entry) {
        return entry.first == path || entry.first.starts_with(path + "/");
      });
}

}  // namespace

support::FakeCgroupFs::Options EveryFile() {
  support::FakeCgroupFs::Options options;
  options.kernel.cpus = kCpus;
  options.kernel.rdma_devices = {"mlx_0"};
  options.kernel.misc_capacity = {{"res_a", 100}};
  options.kernel.uclamp = true;
  options.kernel.io_latency = true;
  options.kernel.io_prio = true;
  return options;
}

Trees RandomTree(Random& random) {
  Trees tree;
  std::set<unsigned> cpus;
  for (unsigned i = 0; i < kCpus; ++i) cpus.insert(i);
  Grow(random, "", 0, cpus, tree);
  return tree;
}

Desired DesiredOf(const Trees& tree, bool accounts) {
  Desired desired = testing::DesiredTree(tree);
  if (!accounts) return desired;
  ControllerSet all = {Controller::kCpu, Controller::kIo, Controller::kMemory, Controller::kPids};
  desired.root_subtree_control = desired.root_subtree_control | all;
  for (auto& [path, cgroup] : desired.cgroups) {
    auto next = desired.cgroups.upper_bound(path);
    if (next == desired.cgroups.end() || !path.Contains(next->first)) continue;
    cgroup.subtree_control = cgroup.subtree_control | all;
  }
  return desired;
}

Inhabitants Settle(support::FakeCgroupFs& fs, const Trees& tree, Random& random) {
  Inhabitants inhabitants;
  for (const auto& [path, files] : tree) {
    std::int64_t pid = 0;
    bool lives_here = random.Chance(60) && !IsInner(tree, path);
    if (lives_here && fs.kernel().Spawn(fs.Absolute(path), &pid) == 0) {
      fs.kernel().Allocate(pid, random.Number(1, 80) * kMiB);
      inhabitants.processes.push_back(pid);
    }
    // Every now and then somebody made a cgroup of their own inside ours.
    if (!random.Chance(15) || !fs.Exists(path)) continue;
    std::string foreign = path + "/theirs";
    if (fs.kernel().Mkdir(fs.Absolute(foreign)) != 0) continue;
    if (fs.kernel().Spawn(fs.Absolute(foreign), &pid) != 0) continue;
    inhabitants.foreign[foreign] = pid;
  }
  // Whom the limits of the first tree already killed is no concern of the second.
  std::erase_if(inhabitants.processes, [&](std::int64_t pid) { return !fs.kernel().Alive(pid); });
  for (auto it = inhabitants.foreign.begin(); it != inhabitants.foreign.end();) {
    bool alive = fs.kernel().Alive(it->second);
    if (!alive) fs.ForeignRmdir(it->first);
    it = alive ? std::next(it) : inhabitants.foreign.erase(it);
  }
  fs.ForeignMkdir("theirs");
  inhabitants.foreign["theirs"] = fs.Spawn("theirs");
  for (const auto& entry : inhabitants.foreign) {
    inhabitants.given[entry.first] =
        ControllerSet::Parse(fs.Text(entry.first, "cgroup.controllers"));
  }
  return inhabitants;
}

std::string Differences(support::FakeCgroupFs& fs,
                        const Desired& desired,
                        const Inhabitants& inhabitants,
                        const std::vector<std::string>& except) {
  std::string found;
  for (const auto& [path, cgroup] : desired.cgroups) {
    if (!fs.Exists(path.text())) {
      found += path.text() + " is not there\n";
      continue;
    }
    for (const auto& [file, wanted] : cgroup.knobs) {
      std::string name = path.text() + " " + file;
      if (std::find(except.begin(), except.end(), name) != except.end()) continue;
      std::string text = fs.Text(path.text(), file);
      auto now = format::ParseKnob(*wanted.knob, text);
      if (now && format::SameValue(*wanted.knob, wanted.value, *now, support::kPageSize)) continue;
      found += fmt::format("{}: \"{}\" instead of \"{}\"\n",
                           name,
                           text,
                           format::FormatKnob(*wanted.knob, wanted.value));
    }
  }
  for (const std::string& path : fs.Tree()) {
    CgroupPath parsed = *CgroupPath::Parse(path);
    if (desired.cgroups.contains(parsed) || HoldsForeign(path, inhabitants)) continue;
    if (parsed.name() != "_self") found += path + " is still there\n";
  }
  return found;
}

std::string Harm(support::FakeCgroupFs& fs, const Inhabitants& inhabitants) {
  std::string found;
  std::string root = fs.Absolute("");
  for (std::int64_t pid : inhabitants.processes) {
    if (!fs.kernel().Alive(pid)) {
      found += fmt::format("process {} was killed\n", pid);
    } else if (!fs.kernel().CgroupOf(pid).starts_with(root)) {
      found += fmt::format("process {} was put into \"{}\"\n", pid, fs.kernel().CgroupOf(pid));
    }
  }
  for (const auto& [path, pid] : inhabitants.foreign) {
    if (!fs.Exists(path)) found += "foreign cgroup " + path + " was removed\n";
    if (!fs.kernel().Alive(pid)) found += fmt::format("foreign process {} was killed\n", pid);
    const auto given = inhabitants.given.find(path);
    const ControllerSet left = ControllerSet::Parse(fs.Text(path, "cgroup.controllers"));
    if (given != inhabitants.given.end() && !(given->second - left).empty()) {
      found += fmt::format("{} was taken from {}\n", (given->second - left).ToString(), path);
    }
    if (fs.kernel().CgroupOf(pid) != fs.Absolute(path)) {
      found += fmt::format("foreign process {} was moved out of {}\n", pid, path);
    }
    auto mark = fs.ReadMark(*CgroupPath::Parse(path));
    if (mark && *mark) found += "foreign cgroup " + path + " was marked as ours\n";
  }
  return found;
}

std::vector<std::uint64_t> Seeds(std::uint64_t first, std::uint64_t count) {
  if (const char* one = std::getenv("REEVE_PROPERTY_SEED")) {
    if (auto seed = ParseDecimal(one)) return {*seed};
  }
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i < count; ++i) seeds.push_back(first + i);
  return seeds;
}

}  // namespace reeve::property
