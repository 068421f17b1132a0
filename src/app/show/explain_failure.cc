// SPDX-License-Identifier: Apache-2.0
#include "app/show/explain_failure.h"

#include <cerrno>
#include <map>
#include <optional>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "app/show/plan_counts.h"
#include "app/show/screen.h"
#include "core/format/id_set.h"
#include "core/policy/reference_words.h"

namespace reeve::show {
namespace {

// What an action is about when it is no file.
constexpr std::string_view kCreate = "mkdir";
constexpr std::string_view kRemove = "rmdir";
constexpr std::string_view kMark = "xattr";

struct Advice {
  std::string_view subject;  // a file, a prefix that ends in '.', one of the above; "" = any
  int errno_value;
  std::string_view which_means;  // "" where the kernel's words say it, or CauseHere does
  std::string_view what_now;
};

// What people asked next, in the order in which a row is looked for.
constexpr Advice kAdvice[] = {
    {"cgroup.subtree_control",
     EBUSY,
     "",
     "move them into a cgroup below, then apply again (reeve makes the leaf _self for them)"},
    {"cgroup.subtree_control",
     ENOENT,
     "",
     "the cgroup above must hand it down first: `reevectl doctor` says which controllers are here"},
    {"cgroup.subtree_control",
     EEXIST,
     "",
     "rename or remove the child with that name, then apply again"},
    {"cgroup.subtree_control", EINVAL, "", "`reevectl doctor` says which controllers are here"},
    {"cgroup.subtree_control",
     EOPNOTSUPP,
     "below a threaded cgroup only cpu, cpuset and pids work",
     "take the other controllers' keys out below it, or make it a domain anew"},
    {"cgroup.procs", EBUSY, "", "name a cgroup below it that has no children, then apply again"},
    {"cgroup.procs",
     EOPNOTSUPP,
     "",
     "name a cgroup that is a domain: its cgroup.type must not be threaded"},
    {"cgroup.procs",
     EACCES,
     "",
     "run reevectl as root, or have the common ancestor's cgroup.procs delegated"},
    {"cgroup.procs", ESRCH, "", "nothing: there is nobody left to move"},
    {"cgroup.procs",
     EINVAL,
     "it is a kernel thread, or bound to the CPUs of where it is",
     "leave it where it is; `reevectl plan` shows what else is left to do"},
    {"cgroup.procs",
     ENOSPC,
     "the cgroup has no CPU or memory node on which it could run",
     "give its cpuset.cpus and cpuset.mems something that is here"},
    {kCreate,
     EAGAIN,
     "cgroup.max.depth or cgroup.max.descendants of a cgroup above is reached",
     "raise it there, or describe fewer cgroups"},
    {kCreate, EINVAL, "the kernel refuses this name", "name the cgroup otherwise"},
    {kCreate,
     ENOSPC,
     "the kernel has no number left for another memory cgroup (65535 with those that are still "
     "going away)",
     "remove cgroups that nobody needs; dying ones go as their memory is given back"},
    {kCreate, ENOENT, "the cgroup above it was removed meanwhile", "apply again"},
    {kRemove, EBUSY, "", "somebody is in it or below it again; apply again when they have left"},
    {kMark,
     ENOSPC,
     "the kernel keeps 128 attributes of at most 128 KiB together on a cgroup",
     "see with `getfattr -d -m - CGROUP_DIR` who else keeps attributes there"},
    {kMark,
     EOPNOTSUPP,
     "this kernel keeps no attributes on cgroups for us (trusted.* needs root, user.* kernel 5.7)",
     "run reevectl as root, or on a kernel from 5.7 on"},
    {"cgroup.type",
     EOPNOTSUPP,
     "",
     "make the cgroup above a domain without domain controllers for its children"},
    {"cgroup.type",
     EINVAL,
     "a cgroup can only become threaded, never a domain again",
     "remove it and have it made anew"},
    {"cpuset.",
     ENOSPC,
     "",
     "empty the cgroup first, or name CPUs and nodes that exist and that the cgroup above has"},
    {"cpuset.",
     EBUSY,
     "tasks with deadlines (SCHED_DEADLINE) need the CPUs that would go",
     "move those tasks away first, or leave them these CPUs"},
    {"cpuset.", EINVAL, "", "name CPUs and nodes as 0-3,8"},
    {"cpuset.", ERANGE, "", "name CPUs and nodes that are here"},
    {"io.", ENODEV, "", "name a whole disk that is here: `reevectl facts` lists them"},
    {"io.weight",
     EOPNOTSUPP,
     "",
     "switch iocost or the BFQ scheduler on for that disk: `reevectl doctor` says how"},
    {"io.",
     EBUSY,
     "the disk's queue is being set up or taken down",
     "apply again when the disk is ready"},
    {"cpu.max",
     EINVAL,
     "the quota or its period is below 1 ms, or cpu.max.burst exceeds the quota",
     "lower cpu.max.burst first, or raise the quota"},
    {"cpu.max.burst",
     EINVAL,
     "the burst may not exceed the quota of cpu.max",
     "raise cpu.max, or lower the burst"},
    {"cpu.weight",
     EINVAL,
     "a cgroup with cpu.idle has no weight of its own",
     "take cpu.idle away first"},
    {"misc.max", EINVAL, "this host has no such resource", "see misc.capacity of the root cgroup"},
    {"dmem.", EINVAL, "this host has no such region", "see dmem.capacity of the root cgroup"},
    {"",
     EROFS,
     "",
     "run reevectl where the cgroup tree is mounted for writing; in a container that is a choice "
     "of its runtime"},
    {"",
     EACCES,
     "the file is not this user's to write",
     "run reevectl as root, or have the tree delegated to this user (`reevectl doctor`)"},
    {"",
     EPERM,
     "the kernel reserves this for root, or a security module forbids it",
     "run reevectl as root, or have the tree delegated to this user (`reevectl doctor`)"},
    {"", ENOSPC, "the kernel has no room for it", "empty the cgroup first, or ask for less"},
    {"",
     EAGAIN,
     "the kernel asks to try again",
     "apply again; if it stays, a limit (cgroup.max.*, memory for the kernel) is reached"},
    {"", EINTR, "a signal came first; nothing was written", "apply again"},
    {"", ENOMEM, "", "the kernel has no memory for it now; apply again later"},
    {"", EBUSY, "somebody uses what would change", "apply again when they have left"},
    {"",
     EEXIST,
     "there is already something of that name",
     "see who made it; `reevectl plan` shows whether it is reeve's"},
    {"",
     ENODEV,
     "the cgroup was removed while we wrote, or this host has nothing of that name",
     "apply again; if it stays, `reevectl doctor` says what this host has"},
    {"",
     ENOENT,
     "this kernel has no such file here, or its controller is off",
     "`reevectl doctor` says what this host has"},
    {"",
     EOPNOTSUPP,
     "this kernel can not do it here",
     "take the key out for this host: `when: {knob: ...}`"},
    {"",
     ENOSYS,
     "this kernel was built without it",
     "take the key out for this host: `when: {knob: ...}`"},
    {"", ESRCH, "the process is gone", "nothing: there is nobody left to move"},
    {"",
     EIO,
     "the kernel or a device failed; dmesg may say more",
     "look at dmesg, then apply again"},
    {"",
     E2BIG,
     "the text is longer than the kernel takes at once",
     "split it: fewer rows, or a shorter list"},
    {"", EXDEV, "the path leads out of the managed root", "see who put a mount or link there"},
    {"", ELOOP, "the path leads through a link", "see who put a link there"},
    {"",
     EOVERFLOW,
     "the number is beyond what the kernel counts",
     "write `max`, or a smaller number"},
};

std::string SubjectOf(const Action& action) {
  if (std::holds_alternative<CreateCgroup>(action.kind)) return std::string(kCreate);
  if (std::holds_alternative<RemoveCgroup>(action.kind)) return std::string(kRemove);
  if (std::holds_alternative<WriteMark>(action.kind)) return std::string(kMark);
  return FileOf(action);
}

const Advice* FindAdvice(std::string_view subject, int errno_value) {
  for (const Advice& row : kAdvice) {
    if (row.errno_value != errno_value) continue;
    const bool prefix = row.subject.ends_with('.') && subject.starts_with(row.subject);
    if (row.subject.empty() || row.subject == subject || prefix) return &row;
  }
  return nullptr;
}

std::string DisksHere(const HostFacts& facts) {
  std::map<std::string, std::string> names;
  for (const auto& entry : facts.devices) names[entry.second.number] = entry.second.name;
  if (names.empty()) return "reeve sees no disk on this host";
  std::string list;
  for (const auto& [number, name] : names) {
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", Shown(name), Shown(number));
  }
  return "the disks of this host are " + list;
}

// What the facts of this host say about the refusal; "" when nothing.
std::string CauseHere(std::string_view subject, int errno_value, const HostFacts& facts) {
  const auto ids = [](std::string_view what, const std::optional<IdSet>& set) {
    return set ? fmt::format(
                     "reeve may use the {} {} of this host", what, format::FormatIdSet(*set))
               : "";
  };
  const bool number = errno_value == ERANGE || errno_value == EINVAL || errno_value == ENOSPC ||
                      errno_value == EACCES;
  if (subject.starts_with("cpuset.cpus") && subject != "cpuset.cpus.partition" && number) {
    return ids("CPUs", facts.cpu_ids);
  }
  if (subject == "cpuset.mems" && number) return ids("memory nodes", facts.memory_nodes);
  if (subject.starts_with("io.") && errno_value == ENODEV) return DisksHere(facts);
  if (subject == "io.weight" && errno_value == EOPNOTSUPP && facts.weighted_disks) {
    if (facts.weighted_disks->empty()) return "no disk of this host has iocost or BFQ";
    std::string list;
    for (const std::string& disk : *facts.weighted_disks) list += (list.empty() ? "" : ", ") + disk;
    return "only these disks of this host have iocost or BFQ: " + Shown(list);
  }
  const bool controller = errno_value == ENOENT || errno_value == EINVAL;
  if (subject == "cgroup.subtree_control" && controller && !facts.controllers.empty()) {
    return "the managed root of this host has " + facts.controllers.ToString();
  }
  return "";
}

struct Verb {
  std::string operator()(const CreateCgroup&) const { return "create it"; }

  std::string operator()(const RemoveCgroup&) const { return "remove it"; }

  std::string operator()(const WriteMark&) const { return "write the owner mark"; }

  std::string operator()(const EnableControllers& c) const {
    return "enable " + c.controllers.ToString();
  }

  std::string operator()(const DisableControllers& c) const {
    return "disable " + c.controllers.ToString();
  }

  std::string operator()(const SetFile& set) const { return "set " + Shown(set.file); }

  std::string operator()(const MoveProcesses& move) const {
    return "move its processes to " + ShownPath(move.target);
  }
};

std::string WhatNow(const Action& action, const Outcome& outcome, const Advice* advice) {
  const std::string file = FileOf(action);
  if (outcome.kind == Outcome::Kind::kStale) return "plan again: `reevectl apply` once more";
  if (outcome.kind == Outcome::Kind::kDeferred) return "nothing: it is tried again by itself";
  if (outcome.kind == Outcome::Kind::kDiffers) {
    return "`reevectl help " + Shown(file) + "` tells what the kernel makes of a value";
  }
  if (advice != nullptr) return std::string(advice->what_now);
  const int errno_value = outcome.error ? outcome.error->errno_value : 0;
  if (std::holds_alternative<SetFile>(action.kind) &&
      (errno_value == EINVAL || errno_value == ERANGE)) {
    return "`reevectl help " + Shown(file) + "` says what the kernel takes";
  }
  return "`reevectl plan` shows what is left to do; apply again";
}

// A number that is out of range is best told with the range.
std::string RangeOf(const Action& action, int errno_value) {
  const auto* set = std::get_if<SetFile>(&action.kind);
  if (set == nullptr || set->knob == nullptr) return "";
  if (errno_value != EINVAL && errno_value != ERANGE) return "";
  const std::string range = policy::RangeInWords(*set->knob);
  return range.empty() ? "" : fmt::format("{} takes {}", set->knob->file, range);
}

}  // namespace

std::string VerbOf(const Action& action) {
  return std::visit(Verb(), action.kind);
}

std::string FileOf(const Action& action) {
  if (const auto* set = std::get_if<SetFile>(&action.kind)) return set->file;
  if (std::holds_alternative<EnableControllers>(action.kind) ||
      std::holds_alternative<DisableControllers>(action.kind)) {
    return "cgroup.subtree_control";
  }
  return std::holds_alternative<MoveProcesses>(action.kind) ? "cgroup.procs" : "";
}

FailureWords ExplainFailure(const Action& action, const Outcome& outcome, const HostFacts* facts) {
  FailureWords words;
  words.what = ShownPath(action.path) + ": " + VerbOf(action);
  words.kernel = outcome.error ? Shown(outcome.error->message) : "it failed";
  const bool refused = outcome.kind == Outcome::Kind::kFailed && outcome.error;
  const int errno_value = refused ? outcome.error->errno_value : 0;
  const std::string subject = SubjectOf(action);
  const Advice* advice = errno_value == 0 ? nullptr : FindAdvice(subject, errno_value);
  if (errno_value != 0) {
    if (facts != nullptr) words.which_means = CauseHere(subject, errno_value, *facts);
    if (words.which_means.empty() && advice != nullptr) words.which_means = advice->which_means;
    if (words.which_means.empty()) words.which_means = RangeOf(action, errno_value);
  }
  words.what_now = WhatNow(action, outcome, advice);
  return words;
}

}  // namespace reeve::show
