// SPDX-License-Identifier: Apache-2.0
// cpuset.*: lists, what is in force of them, and partitions.
#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "support/fake_files.h"

namespace reeve::support {
namespace {

using Ids = std::set<unsigned>;
using Text = FakeFile::Text;

// Node ids above those present are within the mask but absent, which is another error than out of
// range.
constexpr unsigned kMostNodes = 64;

Ids Count(unsigned n) {
  Ids ids;
  for (unsigned i = 0; i < n; ++i) ids.insert(i);
  return ids;
}

Ids Common(const Ids& a, const Ids& b) {
  Ids both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.begin()));
  return both;
}

bool IsPartition(const FakeCgroup& c) {
  return c.is_root() || (c.cpuset.partition != "member" && c.cpuset.why_invalid.empty());
}

Ids Effective(const FakeKernel& kernel,
              const FakeCgroup& c,
              Ids CpusetState::*list,
              unsigned present);

// What a cgroup has before its child partitions take their share.
Ids Own(const FakeKernel& kernel, const FakeCgroup& c, Ids CpusetState::*list, unsigned present) {
  if (c.is_root()) return Count(present);
  bool partition = list == &CpusetState::cpus && IsPartition(c);
  Ids above = partition ? Own(kernel, *c.parent, list, present)
                        : Effective(kernel, *c.parent, list, present);
  if (!kernel.Control(c).Has(Controller::kCpuset)) return above;
  Ids own = Common(c.cpuset.*list, above);
  // As far as the parent can give it, else all that the parent has.
  return own.empty() ? above : own;
}

Ids Effective(const FakeKernel& kernel,
              const FakeCgroup& c,
              Ids CpusetState::*list,
              unsigned present) {
  Ids ids = Own(kernel, c, list, present);
  if (list != &CpusetState::cpus) return ids;
  for (const auto& [name, child] : c.children) {
    if (!IsPartition(*child)) continue;
    for (unsigned taken : Own(kernel, *child, list, present)) ids.erase(taken);
  }
  return ids;
}

// Why a partition that was asked for does not come true; "" when it does. The words and their order are those
// of 6.1, 6.12 and 7.2.
//   asked   by a write just now: newer kernels then try a remote partition, whose CPUs must be exclusive all
//           the way down
std::string WhyInvalid(const FakeKernel& kernel, const FakeCgroup& c, bool asked) {
  int version = kernel.options().version;
  bool remote = version >= 607;
  std::string bad_list =
      remote ? "Invalid cpu list in cpuset.cpus.exclusive" : "Invalid cpu list in cpuset.cpus";
  if (c.cpuset.cpus.empty()) {
    return remote ? "cpuset.cpus and cpuset.cpus.exclusive are empty" : "cpuset.cpus is empty";
  }
  bool exclusive = true;
  for (const auto& [name, sibling] : c.parent->children) {
    if (sibling.get() != &c && !Common(sibling->cpuset.cpus, c.cpuset.cpus).empty()) {
      exclusive = false;
    }
  }
  if (!exclusive && version < 702) return "Cpu list in cpuset.cpus not exclusive";
  if (!IsPartition(*c.parent)) {
    if (remote && asked) return bad_list;
    return c.parent->cpuset.partition == "member" ? "Parent is not a partition root"
                                                  : "Parent is an invalid partition root";
  }
  if (!exclusive) return "Cpu list in cpuset.cpus not exclusive";
  Ids above = Own(kernel, *c.parent, &CpusetState::cpus, kernel.options().cpus);
  Ids wanted = Common(c.cpuset.cpus, above);
  if (wanted.empty()) return bad_list;
  if (wanted == above && (c.parent->is_root() || !c.parent->tasks.empty())) {
    return "Parent unable to distribute cpu downstream";
  }
  return "";
}

// After a change to `c`, its child partitions come true or cease to.
void RejudgeBelow(const FakeKernel& kernel, FakeCgroup& c) {
  for (const auto& [name, child] : c.children) {
    if (child->cpuset.partition != "member") {
      child->cpuset.why_invalid = "";
      child->cpuset.why_invalid = WhyInvalid(kernel, *child, false);
    }
    RejudgeBelow(kernel, *child);
  }
}

Errno WriteList(const FakeKernel& kernel,
                FakeCgroup& c,
                std::string_view text,
                Ids CpusetState::*list,
                unsigned bits,
                unsigned present) {
  Ids ids;
  if (Errno error = ParseIdList(Strstrip(text), bits, &ids)) return error;
  if (!ids.empty() && *ids.rbegin() >= present) return EINVAL;
  if (ids.empty() && !(c.cpuset.*list).empty() && kernel.options().version < 702 &&
      kernel.IsPopulated(c)) {
    return ENOSPC;
  }
  c.cpuset.*list = ids;
  if (c.cpuset.partition != "member") c.cpuset.why_invalid = WhyInvalid(kernel, c, false);
  RejudgeBelow(kernel, c);
  return 0;
}

Errno WritePartition(const FakeKernel& kernel, FakeCgroup& c, std::string_view text) {
  std::string word(Strstrip(text));
  if (word != "member" && word != "root" && word != "isolated") return EINVAL;
  bool was_invalid = c.cpuset.partition != "member" && !c.cpuset.why_invalid.empty();
  c.cpuset.partition = word;
  // One that is invalid stays so until it is a member again.
  if (word == "member") {
    c.cpuset.why_invalid = "";
  } else if (!was_invalid) {
    c.cpuset.why_invalid = WhyInvalid(kernel, c, true);
  }
  RejudgeBelow(kernel, c);
  return 0;
}

}  // namespace

std::vector<FakeFile> CpusetFiles(const FakeKernel& k) {
  std::vector<FakeFile> files;
  auto add = [&](std::string name, FakeFile::Place place, auto text, auto write) {
    FakeFile file;
    file.name = std::move(name);
    file.controller = Controller::kCpuset;
    file.place = place;
    file.read = [text](const FakeCgroup& c) { return Line(text(c)); };
    file.write = std::move(write);
    files.push_back(std::move(file));
  };
  using Place = FakeFile::Place;
  unsigned cpus = k.options().cpus, nodes = k.options().nodes;
  add(
      "cpuset.cpus",
      Place::kNotRoot,
      [](const FakeCgroup& c) { return FormatIdList(c.cpuset.cpus); },
      [&k, cpus](FakeCgroup& c, std::string_view text) {
        return WriteList(k, c, text, &CpusetState::cpus, cpus, cpus);
      });
  add(
      "cpuset.mems",
      Place::kNotRoot,
      [](const FakeCgroup& c) { return FormatIdList(c.cpuset.mems); },
      [&k, nodes](FakeCgroup& c, std::string_view text) {
        return WriteList(k, c, text, &CpusetState::mems, kMostNodes, nodes);
      });
  add(
      "cpuset.cpus.effective",
      Place::kAll,
      [&k, cpus](const FakeCgroup& c) {
        return FormatIdList(Effective(k, c, &CpusetState::cpus, cpus));
      },
      nullptr);
  add(
      "cpuset.mems.effective",
      Place::kAll,
      [&k, nodes](const FakeCgroup& c) {
        return FormatIdList(Effective(k, c, &CpusetState::mems, nodes));
      },
      nullptr);
  add(
      "cpuset.cpus.partition",
      Place::kNotRoot,
      [](const FakeCgroup& c) {
        return c.cpuset.partition +
               (c.cpuset.why_invalid.empty() ? "" : " invalid (" + c.cpuset.why_invalid + ")");
      },
      [&k](FakeCgroup& c, std::string_view text) { return WritePartition(k, c, text); });
  if (k.options().version >= 607) {
    add(
        "cpuset.cpus.exclusive",
        Place::kNotRoot,
        [](const FakeCgroup& c) { return FormatIdList(c.cpuset.exclusive); },
        [cpus](FakeCgroup& c, std::string_view text) {
          return ParseIdList(Strstrip(text), cpus, &c.cpuset.exclusive);
        });
  }
  return files;
}

}  // namespace reeve::support
