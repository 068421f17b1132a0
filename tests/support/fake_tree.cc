// SPDX-License-Identifier: Apache-2.0
// The fake kernel's tree: types, controllers, mkdir and rmdir.
#include <cerrno>
#include <utility>

#include "core/base/text.h"
#include "support/fake_kernel.h"

namespace reeve::support {
namespace {

ControllerSet ThreadedControllers() {
  return {Controller::kCpu, Controller::kCpuset, Controller::kPids};
}

}  // namespace

ControllerSet FakeKernel::Control(const FakeCgroup& cgroup) const {
  if (cgroup.is_root()) return options_.controllers;
  ControllerSet handed = cgroup.parent->subtree_control;
  return cgroup.threaded ? handed & ThreadedControllers() : handed;
}

const FakeCgroup& FakeKernel::Domain(const FakeCgroup& cgroup) const {
  const FakeCgroup* domain = &cgroup;
  while (domain->threaded) domain = domain->parent;
  return *domain;
}

bool FakeKernel::IsThreadRoot(const FakeCgroup& cgroup) const {
  if (cgroup.threaded) return false;
  for (const auto& [name, child] : cgroup.children) {
    if (child->threaded) return true;
  }
  return !cgroup.tasks.empty() && !(cgroup.subtree_control & ThreadedControllers()).empty();
}

bool FakeKernel::IsValidDomain(const FakeCgroup& cgroup) const {
  if (cgroup.threaded) return false;
  for (const FakeCgroup* above = cgroup.parent; above != nullptr; above = above->parent) {
    if (!above->is_root() && IsThreadRoot(*above)) return false;
    if (above->threaded) return false;
  }
  return true;
}

bool FakeKernel::CanBeThreadRoot(const FakeCgroup& cgroup) const {
  if (cgroup.is_root()) return true;
  if (cgroup.threaded) return false;
  for (const auto& [name, child] : cgroup.children) {
    if (!child->threaded && IsPopulated(*child)) return false;
  }
  return (cgroup.subtree_control - ThreadedControllers()).empty();
}

bool FakeKernel::IsPopulated(const FakeCgroup& cgroup) const {
  if (!cgroup.tasks.empty()) return true;
  for (const auto& [name, child] : cgroup.children) {
    if (IsPopulated(*child)) return true;
  }
  return false;
}

bool FakeKernel::IsFrozen(const FakeCgroup& cgroup) const {
  for (const FakeCgroup* c = &cgroup; c != nullptr; c = c->parent) {
    if (c->freeze) return true;
  }
  return false;
}

std::string FakeKernel::TypeOf(const FakeCgroup& cgroup) const {
  if (cgroup.threaded) return "threaded";
  if (!IsValidDomain(cgroup)) return "domain invalid";
  return IsThreadRoot(cgroup) ? "domain threaded" : "domain";
}

Errno FakeKernel::EnableThreaded(FakeCgroup& cgroup) {
  if (cgroup.threaded) return 0;
  if (IsPopulated(cgroup) || !(cgroup.subtree_control - ThreadedControllers()).empty()) {
    return EOPNOTSUPP;
  }
  const FakeCgroup& domain = Domain(*cgroup.parent);
  if (!IsValidDomain(domain) || !CanBeThreadRoot(domain)) return EOPNOTSUPP;
  cgroup.threaded = true;
  return 0;
}

Errno FakeKernel::VetEnable(const FakeCgroup& cgroup, ControllerSet enable) const {
  if (enable.empty()) return 0;
  if (!IsValidDomain(Domain(cgroup))) return EOPNOTSUPP;
  if (cgroup.is_root()) return 0;
  if (!(enable - ThreadedControllers()).empty()) {
    if (IsThreadRoot(cgroup) || cgroup.threaded) return EOPNOTSUPP;
  } else if (CanBeThreadRoot(cgroup) || cgroup.threaded) {
    return 0;
  }
  return cgroup.tasks.empty() ? 0 : EBUSY;
}

bool FakeKernel::CollidesBelow(const FakeCgroup& cgroup, ControllerSet enable) const {
  for (const auto& [name, child] : cgroup.children) {
    for (const auto& [below, grandchild] : child->children) {
      auto file = files_.find(below);
      if (file == files_.end() || !enable.Has(file->second.controller)) continue;
      if (FileExists(*child, file->second, enable)) return true;
    }
  }
  return false;
}

Errno FakeKernel::WriteSubtreeControl(FakeCgroup& cgroup, std::string_view text) {
  ControllerSet enable, disable;
  // Spaces alone separate: a newline in the middle belongs to a name, which then is not known.
  for (std::string_view token : Split(Strstrip(text), ' ')) {
    if (token.empty()) continue;
    std::optional<Controller> controller = ControllerByName(token.substr(1));
    if (!controller || !(options_.controllers | options_.elsewhere).Has(*controller)) return EINVAL;
    if (token.front() == '+') {
      enable.Add(*controller);
      disable.Remove(*controller);
    } else if (token.front() == '-') {
      disable.Add(*controller);
      enable.Remove(*controller);
    } else {
      return EINVAL;
    }
  }
  for (Controller controller : (enable | disable).List()) {
    if (enable.Has(controller)) {
      if (cgroup.subtree_control.Has(controller)) {
        enable.Remove(controller);
      } else if (!Control(cgroup).Has(controller)) {
        return ENOENT;
      }
    } else if (!cgroup.subtree_control.Has(controller)) {
      disable.Remove(controller);
    } else {
      for (const auto& [name, child] : cgroup.children) {
        if (child->subtree_control.Has(controller)) return EBUSY;
      }
    }
  }
  if (Errno error = VetEnable(cgroup, enable)) return error;
  if (CollidesBelow(cgroup, enable)) return EEXIST;
  cgroup.subtree_control = (cgroup.subtree_control | enable) - disable;
  for (const auto& [name, child] : cgroup.children) {
    for (Controller controller : (enable | disable).List()) child->Reset(controller);
  }
  return 0;
}

Errno FakeKernel::Mkdir(std::string_view path) {
  std::string_view name;
  FakeCgroup* parent = FindParent(path, &name);
  if (parent == nullptr) return ENOENT;
  if (name.empty() || name == "." || name == ".." || parent->children.count(name) != 0 ||
      FindFile(*parent, name) != nullptr) {
    return EEXIST;
  }
  if (name.find('\n') != std::string_view::npos) return EINVAL;
  int level = 1;
  for (const FakeCgroup* above = parent; above != nullptr; above = above->parent, ++level) {
    if (above->Descendants() >= static_cast<std::size_t>(above->max_descendants)) return EAGAIN;
    if (level > above->max_depth) return EAGAIN;
  }
  auto cgroup = std::make_unique<FakeCgroup>();
  cgroup->id = next_id_++;
  cgroup->name = std::string(name);
  cgroup->parent = parent;
  parent->children.emplace(cgroup->name, std::move(cgroup));
  return 0;
}

Errno FakeKernel::Rmdir(std::string_view path) {
  std::string_view name;
  FakeCgroup* parent = FindParent(path, &name);
  if (parent == nullptr) return ENOENT;
  auto found = parent->children.find(name);
  if (found == parent->children.end()) return ENOENT;
  FakeCgroup& cgroup = *found->second;
  if (!cgroup.tasks.empty() || !cgroup.children.empty()) return EBUSY;
  // What was used stays in the parent's totals; what is still charged is charged there.
  parent->cpu_usec += cgroup.cpu_usec;
  parent->cache_bytes += cgroup.cache_bytes;
  parent->anon_bytes += cgroup.anon_bytes;
  for (auto& [pid, process] : processes_) {
    auto charge = process.memory.find(&cgroup);
    if (charge == process.memory.end()) continue;
    std::uint64_t bytes = charge->second;
    process.memory.erase(charge);
    process.memory[parent] += bytes;
  }
  parent->children.erase(found);
  return 0;
}

}  // namespace reeve::support
