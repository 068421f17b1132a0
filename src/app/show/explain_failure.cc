// SPDX-License-Identifier: Apache-2.0
#include "app/show/explain_failure.h"

#include <cerrno>
#include <string_view>
#include <variant>

#include "app/show/plan_counts.h"
#include "app/show/screen.h"

namespace reeve::show {
namespace {

struct Advice {
  std::string_view file;  // "" = any
  int errno_value;
  std::string_view what_now;
};

// What people asked next, in the order in which a row is looked for.
constexpr Advice kAdvice[] = {
    {"cgroup.subtree_control",
     EBUSY,
     "move them into a cgroup below, then apply again (reeve makes the leaf _self for them)"},
    {"cgroup.subtree_control",
     ENOENT,
     "the cgroup above must hand it down first: `reevectl doctor` says which controllers are here"},
    {"cgroup.subtree_control",
     EEXIST,
     "rename or remove the child with that name, then apply again"},
    {"cgroup.procs", EBUSY, "name a cgroup below it that has no children, then apply again"},
    {"cgroup.procs",
     EOPNOTSUPP,
     "name a cgroup that is a domain: its cgroup.type must not be threaded"},
    {"cgroup.procs",
     EACCES,
     "run reevectl as root, or have the common ancestor's cgroup.procs delegated"},
    {"",
     EROFS,
     "run reevectl where the cgroup tree is mounted for writing; in a container that is a choice "
     "of its runtime"},
    {"",
     EACCES,
     "run reevectl as root, or have the tree delegated to this user (`reevectl doctor`)"},
    {"",
     EPERM,
     "run reevectl as root, or have the tree delegated to this user (`reevectl doctor`)"},
    {"io.max", ENODEV, "name a whole disk that is here: `reevectl facts` lists them"},
    {"", ENOSPC, "empty the cgroup first, or name CPUs and nodes that exist"},
    {"", EAGAIN, "a limit of max.depth, max.descendants or the kernel's memory is reached"},
    {"", ENOMEM, "the kernel has no memory for it now; apply again later"},
};

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

std::string WhatNow(const Action& action, const Outcome& outcome) {
  const std::string file = FileOf(action);
  if (outcome.kind == Outcome::Kind::kStale) return "plan again: `reevectl apply` once more";
  if (outcome.kind == Outcome::Kind::kDiffers) {
    return "`reevectl help " + Shown(file) + "` tells what the kernel makes of a value";
  }
  const int errno_value = outcome.error ? outcome.error->errno_value : 0;
  for (const Advice& row : kAdvice) {
    if (row.errno_value == errno_value && (row.file.empty() || row.file == file)) {
      return std::string(row.what_now);
    }
  }
  if (std::holds_alternative<RemoveCgroup>(action.kind) && errno_value == EBUSY) {
    return "somebody is in it or below it again; apply again when they have left";
  }
  if (std::holds_alternative<SetFile>(action.kind) &&
      (errno_value == EINVAL || errno_value == ERANGE)) {
    return "`reevectl help " + Shown(file) + "` says what the kernel takes";
  }
  return "`reevectl plan` shows what is left to do; apply again";
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

FailureWords ExplainFailure(const Action& action, const Outcome& outcome) {
  return {ShownPath(action.path) + ": " + VerbOf(action),
          outcome.error ? Shown(outcome.error->message) : "it failed",
          WhatNow(action, outcome)};
}

}  // namespace reeve::show
