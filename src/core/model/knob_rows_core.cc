// SPDX-License-Identifier: Apache-2.0
#include "core/model/knob_rows.h"

namespace reeve {
namespace {

// INT_MAX itself already reads as "max", and everything above is ERANGE.
constexpr std::uint64_t kLargestDepth = 2'147'483'646;

constexpr Knob kRows[] = {
    {
        .file = "cgroup.type",
        .controller = Controller::kCore,
        .kind = ValueKind::kWord,
        .direction = Direction::kNone,
        .min = 0,
        .max = 0,
        .default_text = "domain",
        .words = "threaded",  // no way back: `domain` can not be written
        .since = "4.14",
        .host_only = false,
        .unit = "",
        .syntax = "threaded",
        .doc = "Makes this cgroup part of its parent's threaded domain, so that the threads of "
               "one process can be spread over cgroups; only cpu, cpuset and pids work there. "
               "One way: the kernel takes `threaded` but never `domain`, a cgroup must be made "
               "anew to leave. In a threaded cgroup cgroup.procs cannot be read and cgroup.kill "
               "cannot be written.",
    },
    {
        .file = "cgroup.subtree_control",
        .controller = Controller::kCore,
        .kind = ValueKind::kControllers,
        .direction = Direction::kNone,
        .min = 0,
        .max = 0,
        .default_text = "",
        .words = "cpuset cpu io memory hugetlb pids rdma misc dmem",
        .since = "4.5",
        .host_only = false,
        .unit = "",
        .syntax = "names of controllers, separated by spaces: cpuset hugetlb",
        .doc = "Controllers that this cgroup hands down to its children. reeve derives them from "
               "what is set below, and adds cpu, memory, io and pids for the accounts, so this "
               "key is only needed to have more. The parent must hand a controller down first. "
               "Handing down memory, io, hugetlb, rdma, misc or dmem needs a cgroup without "
               "processes of its own; cpu, cpuset and pids would turn a populated one into "
               "`domain threaded`.",
    },
    {
        .file = "cgroup.max.descendants",
        .controller = Controller::kCore,
        .kind = ValueKind::kCount,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kLargestDepth,
        .default_text = "max",
        .words = "",
        .since = "4.14",
        .host_only = false,
        .unit = "cgroups",
        .syntax = "64, max",
        .doc = "How many cgroups may live below this one, at any depth. When it is reached mkdir "
               "fails with EAGAIN; cgroups that are already there stay. Worth setting wherever a "
               "subtree is given to somebody else, because every cgroup costs kernel memory.",
    },
    {
        .file = "cgroup.max.depth",
        .controller = Controller::kCore,
        .kind = ValueKind::kCount,
        .direction = Direction::kLargerLooser,
        .min = 0,
        .max = kLargestDepth,
        .default_text = "max",
        .words = "",
        .since = "4.14",
        .host_only = false,
        .unit = "levels",
        .syntax = "4, max",
        .doc = "How deep cgroups may be nested below this one; 0 forbids children. When it is "
               "reached mkdir fails with EAGAIN.",
    },
    {
        .file = "cgroup.freeze",
        .controller = Controller::kCore,
        .kind = ValueKind::kBool,
        .direction = Direction::kNone,
        .min = 0,
        .max = 1,
        .default_text = "0",
        .words = "",
        .since = "5.2",
        .host_only = false,
        .unit = "",
        .syntax = "true, false",
        .doc = "Stops every process of this cgroup and below it until the value is false again. "
               "Asynchronous: it has happened when cgroup.events says `frozen 1`. Frozen "
               "processes can still be killed and moved, and answer nothing: whoever waits for "
               "them waits. By hand `reevectl freeze CGROUP` is meant.",
    },
    {
        .file = "cgroup.pressure",
        .controller = Controller::kCore,
        .kind = ValueKind::kBool,
        .direction = Direction::kNone,
        .min = 0,
        .max = 1,
        .default_text = "1",
        .words = "",
        .since = "6.1",
        .host_only = false,
        .unit = "",
        .syntax = "true, false",
        .doc =
            "Whether the kernel accounts pressure (PSI) here. With false the files cpu.pressure, "
            "memory.pressure and io.pressure vanish from this cgroup, and cases that look at "
            "pressure "
            "cannot work. It saves a little time in deep trees. Not hierarchical: children keep "
            "theirs.",
    },
};

}  // namespace

std::span<const Knob> CoreKnobs() {
  return kRows;
}

}  // namespace reeve
