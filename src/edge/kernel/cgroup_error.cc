// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/cgroup_error.h"

#include <cerrno>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::kernel {
namespace {

struct Meaning {
  std::string_view file;  // a name, or a prefix that ends in '.'; "" = every file
  int errno_value;
  std::optional<ErrorKind> kind;  // nullopt: the errno's usual one
  std::string_view words;         // "" = the errno's own words are enough
};

constexpr Meaning kWriteMeanings[] = {
    {"cgroup.subtree_control",
     EBUSY,
     {},
     "processes live in this cgroup itself, or a child still hands the controller on"},
    {"cgroup.subtree_control",
     ENOENT,
     ErrorKind::kUnsupported,
     "the controller is not available in this cgroup"},
    {"cgroup.subtree_control", EINVAL, {}, "the kernel does not know such a controller"},
    {"cgroup.subtree_control",
     EEXIST,
     ErrorKind::kConflict,
     "a child has the name of an interface file that the controller would make"},
    {"cgroup.procs",
     EBUSY,
     {},
     "the cgroup hands controllers to its children, so no process can live in it itself"},
    {"cgroup.procs", EOPNOTSUPP, {}, "the cgroup is threaded or below a threaded one"},
    {"cgroup.procs", ESRCH, {}, "the process is gone"},
    {"cgroup.procs", EINVAL, {}, "the kernel does not move this process"},
    {"cgroup.procs",
     EACCES,
     {},
     "cgroup.procs of the common ancestor of both cgroups is not ours to write"},
    {"cgroup.procs", ENOENT, ErrorKind::kDenied, "the process lies outside our cgroup namespace"},
    {"cgroup.threads", EOPNOTSUPP, {}, "the thread's process lies in another threaded domain"},
    {"cgroup.type", EOPNOTSUPP, {}, "its parent is not a domain that can hold threaded cgroups"},
    {"cpuset.cpus",
     ENOSPC,
     {},
     "processes live here and the kernel does not leave them without a CPU"},
    {"cpuset.mems",
     ENOSPC,
     {},
     "processes live here and the kernel does not leave them without a node"},
    {"io.weight", EOPNOTSUPP, {}, "neither iocost nor BFQ drives that device"},
    {"io.", ENODEV, ErrorKind::kUnsupported, "no such device here, or not a whole disk"},
    {"memory.reclaim", EAGAIN, {}, "less than this could be reclaimed"},
    {"", EROFS, {}, "the cgroup tree is mounted read-only"},
    {"", ENODEV, ErrorKind::kUnsupported, "this host has nothing of that name"},
    {"", ENOENT, ErrorKind::kUnsupported, "this host has nothing of that name"},
    {"", EIO, ErrorKind::kIo, ""},
};

constexpr Meaning kReadMeanings[] = {
    {"cgroup.procs", EOPNOTSUPP, {}, "the cgroup is threaded: it has threads, not processes"},
    {"",
     ENOENT,
     ErrorKind::kUnsupported,
     "this kernel has no such file here, or its controller is not enabled"},
    {"", ENODEV, ErrorKind::kGone, "the cgroup was removed"},
    {"", EACCES, ErrorKind::kDenied, ""},
};

const Meaning* Find(std::span<const Meaning> table, std::string_view file, int errno_value) {
  for (const Meaning& row : table) {
    if (row.errno_value != errno_value) continue;
    const bool prefix = row.file.ends_with('.') && file.starts_with(row.file);
    if (row.file.empty() || row.file == file || prefix) return &row;
  }
  return nullptr;
}

Error Explained(std::span<const Meaning> table,
                int errno_value,
                std::string subject,
                std::string_view file,
                std::string_view what) {
  Error error = ErrnoError(errno_value, std::move(subject), what);
  const Meaning* meaning = Find(table, file, errno_value);
  if (meaning == nullptr) return error;
  if (meaning->kind) error.kind = *meaning->kind;
  if (!meaning->words.empty()) {
    error.message = fmt::format("{}: {} ({})", what, meaning->words, ErrnoName(errno_value));
  }
  return error;
}

std::string Shown(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::string shown = EscapeForTerminal(text.substr(0, kLongest));
  return text.size() > kLongest ? shown + "..." : shown;
}

}  // namespace

Error WriteError(int errno_value,
                 std::string subject,
                 std::string_view file,
                 std::string_view text) {
  return Explained(kWriteMeanings,
                   errno_value,
                   std::move(subject),
                   file,
                   fmt::format("writing \"{}\"", Shown(text)));
}

Error ReadError(int errno_value, std::string subject, std::string_view file) {
  return Explained(kReadMeanings, errno_value, std::move(subject), file, "reading");
}

}  // namespace reeve::kernel
