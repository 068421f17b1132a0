// SPDX-License-Identifier: Apache-2.0
#include "support/trees.h"

#include <cstdlib>
#include <variant>

#include "core/format/knob_text.h"
#include "core/model/knob.h"

namespace reeve::testing {
namespace {

constexpr std::uint64_t kFirstId = 100;

CgroupPath Path(const std::string& text) {
  return text.empty() ? CgroupPath() : *CgroupPath::Parse(text);
}

Controller ControllerOf(const std::string& file) {
  const Knob* knob = FindKnob(file);
  return knob == nullptr ? Controller::kCore : knob->controller;
}

struct Lines {
  const Action& action;
  bool with_marks;

  std::string Where() const { return action.path.is_root() ? "." : action.path.text(); }

  std::string operator()(const CreateCgroup&) const { return "create " + Where(); }

  std::string operator()(const RemoveCgroup&) const { return "remove " + Where(); }

  std::string operator()(const WriteMark& mark) const {
    if (!with_marks) return "";
    std::string line = "mark " + Where() + (mark.mark.created ? " created" : " adopted");
    for (const auto& key : mark.mark.keys) line += " " + key.first;
    return line;
  }

  std::string operator()(const EnableControllers& enable) const {
    return "enable " + enable.controllers.ToString() + " in " + Where();
  }

  std::string operator()(const DisableControllers& disable) const {
    return "disable " + disable.controllers.ToString() + " in " + Where();
  }

  std::string operator()(const SetFile& set) const {
    return "set " + Where() + " " + set.file + "=" + set.text;
  }

  std::string operator()(const MoveProcesses& move) const {
    return "move " + Where() + " -> " + (move.target.is_root() ? "." : move.target.text());
  }
};

}  // namespace

Desired DesiredTree(const std::map<std::string, Files>& cgroups) {
  Desired desired;
  for (const auto& [text, files] : cgroups) {
    const CgroupPath path = Path(text);
    DesiredCgroup& cgroup = desired.cgroups[path];
    cgroup.path = path;
    for (const auto& [file, value] : files) {
      DesiredKnob& knob = cgroup.knobs[file];
      knob.knob = FindKnob(file);
      knob.written = value;
      if (knob.knob == nullptr) {
        knob.value = value;
      } else {
        auto parsed = format::ParseKnob(*knob.knob, value);
        if (!parsed.has_value()) std::abort();
        knob.value = *parsed;
      }
      const Controller controller = ControllerOf(file);
      if (controller == Controller::kCore) continue;
      for (CgroupPath up = path.Parent(); !up.is_root(); up = up.Parent()) {
        desired.cgroups[up].subtree_control.Add(controller);
      }
      desired.root_subtree_control.Add(controller);
    }
    for (CgroupPath up = path.Parent(); !up.is_root(); up = up.Parent())
      desired.cgroups[up].path = up;
  }
  return desired;
}

Observed ObservedTree(const std::map<std::string, Seen>& cgroups) {
  Observed observed;
  observed.root_controllers = {Controller::kCpuset,
                               Controller::kCpu,
                               Controller::kIo,
                               Controller::kMemory,
                               Controller::kPids,
                               Controller::kHugetlb};
  observed.root_processes.emplace();
  std::uint64_t id = kFirstId;
  for (const auto& [text, seen] : cgroups) {
    const CgroupPath path = Path(text);
    ObservedCgroup& cgroup = observed.cgroups[path];
    cgroup.id = id++;
    cgroup.type = seen.type;
    cgroup.processes = seen.processes;
    cgroup.populated = !seen.processes.empty();
    for (CgroupPath up = path.Parent(); !up.is_root() && *cgroup.populated; up = up.Parent()) {
      observed.cgroups[up].populated = true;
    }
    cgroup.memory_current = seen.memory_current;
    cgroup.pids_current = seen.pids_current;
    if (seen.ours || seen.adopted) {
      OwnerMark mark{!seen.adopted, text, {}};
      for (const auto& file : seen.files) mark.keys.emplace(file.first, "");
      cgroup.owner = std::make_shared<const OwnerMark>(std::move(mark));
    }
    for (const auto& [file, value] : seen.files) {
      cgroup.files[file] = {value, nullptr};
      const Controller controller = ControllerOf(file);
      if (controller == Controller::kCore) continue;
      cgroup.controllers.Add(controller);
      for (CgroupPath up = path.Parent(); !up.is_root(); up = up.Parent()) {
        observed.cgroups[up].subtree_control.Add(controller);
        observed.cgroups[up].controllers.Add(controller);
      }
      observed.root_subtree_control.Add(controller);
    }
  }
  return observed;
}

std::vector<std::string> PlanLines(const Plan& plan, bool with_marks) {
  std::vector<std::string> lines;
  for (const Action& action : plan.actions) {
    std::string line = std::visit(Lines{action, with_marks}, action.kind);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace reeve::testing
