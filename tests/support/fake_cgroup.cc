// SPDX-License-Identifier: Apache-2.0
#include "support/fake_cgroup.h"

namespace reeve::support {

std::size_t FakeCgroup::Descendants() const {
  std::size_t count = 0;
  for (const auto& [key, child] : children) count += 1 + child->Descendants();
  return count;
}

std::string FakeCgroup::Path() const {
  if (is_root()) return "";
  std::string above = parent->Path();
  return above.empty() ? name : above + "/" + name;
}

void FakeCgroup::Walk(const std::function<void(FakeCgroup&)>& visit) {
  visit(*this);
  for (const auto& [key, child] : children) child->Walk(visit);
}

void FakeCgroup::Walk(const std::function<void(const FakeCgroup&)>& visit) const {
  visit(*this);
  for (const auto& [key, child] : children) std::as_const(*child).Walk(visit);
}

void FakeCgroup::Reset(Controller controller) {
  switch (controller) {
    case Controller::kCore:
      break;
    case Controller::kCpuset:
      cpuset = {};
      break;
    case Controller::kCpu:
      cpu = {};
      break;
    case Controller::kIo:
      io = {};
      break;
    case Controller::kMemory:
      memory = {};
      break;
    case Controller::kHugetlb:
      hugetlb = {};
      break;
    case Controller::kPids:
      pids = {};
      break;
    case Controller::kRdma:
      rdma = {};
      break;
    case Controller::kMisc:
      misc = {};
      break;
    case Controller::kDmem:
      dmem = {};
      break;
  }
}

}  // namespace reeve::support
