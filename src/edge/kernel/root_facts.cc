// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/root_facts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "edge/io/files.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/cpuset_facts.h"

namespace reeve::kernel {
namespace {

namespace fs = std::filesystem;

// Interface files above the root are nobody's secret and outside what the port may reach.
std::optional<std::string> ReadPlain(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return std::nullopt;
  const auto text = io::ReadWhole(fd.get(), 1U << 20, path);
  return text.has_value() ? std::optional(std::string(Trim(*text))) : std::nullopt;
}

// The managed root and everything above it, up to where the tree is mounted.
std::vector<std::string> Upwards(const std::string& root, const std::string& tree) {
  std::vector<std::string> directories;
  std::string at = root;
  while (at.size() > tree.size() && at.starts_with(tree)) {
    directories.push_back(at);
    at.resize(at.rfind('/'));
  }
  directories.push_back(tree);
  return directories;
}

// What a limit's text holds: nothing for `max` and for what a fresh cgroup has (memory.low 0).
std::optional<std::string> FiniteLimit(const Knob& knob, const std::string& text) {
  if (text.empty() || text.starts_with("max") || text == knob.default_text) return std::nullopt;
  return text;
}

bool IsLimit(const Knob& knob) {
  if (knob.controller == Controller::kCore || knob.host_only) return false;
  return knob.kind == ValueKind::kBytes || knob.kind == ValueKind::kCount ||
         knob.kind == ValueKind::kCpuMax;
}

void ReadMemory(const std::vector<std::string>& upwards, HostFacts* facts) {
  for (const std::string& directory : upwards) {
    const auto text = ReadPlain(directory + "/memory.max");
    const auto limit = text ? ParseDecimal(*text) : std::nullopt;
    if (limit) facts->memory = std::min(facts->memory, *limit);
  }
}

std::set<std::string> InterfaceFiles(const std::string& directory) {
  std::set<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) files.insert(entry->path().filename().string());
  }
  return files;
}

void ReadLimitsAbove(const std::vector<std::string>& upwards, HostFacts* facts) {
  // From the root up: the nearest one is met first and stays.
  for (const std::string& directory : upwards) {
    for (const std::string& file : InterfaceFiles(directory)) {
      const Knob* knob = FindKnob(file);
      if (knob == nullptr || !IsLimit(*knob) || facts->limits_above.contains(file)) continue;
      const auto text = ReadPlain(fmt::format("{}/{}", directory, file));
      if (const auto limit = text ? FiniteLimit(*knob, *text) : std::nullopt) {
        facts->limits_above.emplace(file, *limit);
      }
    }
  }
}

// "2MB" and its like, as the kernel names hugetlb's files (mem_fmt), from hugepages-2048kB.
std::vector<std::string> HugePageSizes(const FactsOptions& options) {
  std::vector<std::string> sizes;
  std::error_code error;
  for (fs::directory_iterator entry(options.sys + "/kernel/mm/hugepages", error), end;
       !error && entry != end;
       entry.increment(error)) {
    const std::string full = entry->path().filename().string();
    std::string_view name = full;
    if (!name.starts_with("hugepages-") || !name.ends_with("kB")) continue;
    name.remove_prefix(10);
    name.remove_suffix(2);
    const auto kib = ParseDecimal(name);
    if (!kib) continue;
    if (*kib >= 1U << 20) {
      sizes.push_back(fmt::format("{}GB", *kib >> 20));
    } else if (*kib >= 1U << 10) {
      sizes.push_back(fmt::format("{}MB", *kib >> 10));
    } else {
      sizes.push_back(fmt::format("{}KB", *kib));
    }
  }
  return sizes;
}

// Every file the table knows for a controller: what is assumed where nobody can look.
void AddKnownFiles(Controller controller,
                   const FactsOptions& options,
                   std::set<std::string>* files) {
  constexpr std::string_view kSize = "<size>";
  for (const Knob& knob : AllKnobs()) {
    if (knob.controller != controller || knob.host_only) continue;
    const std::string file(knob.file);
    const std::size_t at = file.find(kSize);
    if (at == std::string::npos) {
      files->insert(file);
      continue;
    }
    for (const std::string& size : HugePageSizes(options)) {
      files->insert(std::string(file).replace(at, kSize.size(), size));
    }
  }
}

// A child of the hierarchy's root that shows its files: one that is there, or one made for it.
std::set<std::string> FilesOfAChild(const std::string& root, port::CgroupFs& fs) {
  if (const auto children = fs.ListChildren(CgroupPath()); children.has_value()) {
    for (const std::string& name : *children) {
      std::set<std::string> files = InterfaceFiles(fmt::format("{}/{}", root, name));
      // Threaded cgroups lack the files of controllers that know no threads.
      const auto type = ReadPlain(fmt::format("{}/{}/cgroup.type", root, name));
      if (!files.empty() && type == "domain") return files;
    }
  }
  const CgroupPath probe = CgroupPath().Child(fmt::format("_probe-{}", ::getpid()));
  if (!fs.Create(probe).has_value()) return {};
  std::set<std::string> files = InterfaceFiles(root + "/" + probe.text());
  // Nobody can have moved in: a failure leaves an empty cgroup that the next look uses and reports.
  (void)fs.Remove(probe).has_value();
  return files;
}

void ReadFiles(const std::string& root,
               port::CgroupFs& fs,
               const FactsOptions& options,
               HostFacts* facts,
               std::vector<std::string>* notes) {
  // A cgroup below another has itself the files that its children would get, because both come from
  // the controllers handed down to it; only the hierarchy's root, told by having no cgroup.type,
  // has not.
  std::set<std::string> files = InterfaceFiles(root);
  ControllerSet looked_at = facts->controllers;
  if (!files.contains("cgroup.type")) {
    files = FilesOfAChild(root, fs);
    const auto handed_down = fs.ReadFile(CgroupPath(), "cgroup.subtree_control");
    looked_at = handed_down.has_value() ? ControllerSet::Parse(*handed_down) : ControllerSet();
  }
  if (files.empty()) {
    notes->push_back(
        fmt::format("{}: no interface files could be looked at; all are taken to exist",
                    EscapeForTerminal(root)));
    return;
  }
  const ControllerSet assumed = facts->controllers - looked_at;
  for (const Controller controller : assumed.List()) AddKnownFiles(controller, options, &files);
  if (!assumed.empty()) {
    notes->push_back(
        fmt::format("{}: {} not enabled for its children yet; their files are taken to exist",
                    EscapeForTerminal(root),
                    assumed.ToString()));
  }
  facts->files = std::move(files);
}

}  // namespace

void ReadRootFacts(const std::string& root,
                   const std::string& tree,
                   port::CgroupFs& fs,
                   const FactsOptions& options,
                   HostFacts* facts,
                   std::vector<std::string>* notes) {
  if (const auto text = fs.ReadFile(CgroupPath(), "cgroup.controllers"); text.has_value()) {
    facts->controllers = ControllerSet::Parse(*text);
  } else {
    notes->push_back(text.error().ToString());
  }
  const std::vector<std::string> upwards = Upwards(root, tree);
  ReadCpusetFacts(upwards, facts);
  ReadMemory(upwards, facts);
  ReadFiles(root, fs, options, facts, notes);
  ReadLimitsAbove(upwards, facts);
}

}  // namespace reeve::kernel
