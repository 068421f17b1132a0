// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/proc_reader.h"

#include <dirent.h>

#include <cerrno>
#include <memory>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/proc_text.h"
#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

struct CloseDir {
  void operator()(DIR* directory) const { (void)::closedir(directory); }
};

}  // namespace

Result<std::string> ProcReader::Read(std::int64_t pid, const char* file) const {
  auto text = io::ReadWholeFile(fmt::format("{}/{}/{}", proc_, pid, file), 1U << 20);
  if (text.has_value()) return text;
  Error error = std::move(text).error();
  // ESRCH: it ended between open and read.
  if (error.errno_value == ENOENT || error.errno_value == ESRCH) {
    error = {ErrorKind::kGone, error.errno_value, fmt::format("pid {}", pid), "is not there"};
  }
  return error;
}

Result<std::vector<ProcessStat>> ProcReader::List() {
  const std::unique_ptr<DIR, CloseDir> directory(::opendir(proc_.c_str()));
  if (directory == nullptr) return ErrnoError(errno, proc_, "listing processes");
  std::vector<ProcessStat> processes;
  errno = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own
  while (const dirent* entry = ::readdir(directory.get())) {
    const auto pid = ParseDecimal(entry->d_name);
    if (pid && *pid <= 0x7fffffff) {
      auto stat = Stat(static_cast<std::int64_t>(*pid));
      if (stat.has_value()) {
        processes.push_back(*std::move(stat));
      } else if (stat.error().kind != ErrorKind::kGone) {
        return std::move(stat).error();
      }
    }
    errno = 0;
  }
  if (errno != 0) return ErrnoError(errno, proc_, "listing processes");
  return processes;
}

Result<ProcessStat> ProcReader::Stat(std::int64_t pid) {
  REEVE_TRY(const std::string text, Read(pid, "stat"));
  return format::ParseProcStat(text);
}

Result<ProcessCgroup> ProcReader::CgroupOf(std::int64_t pid) {
  REEVE_TRY(const std::string text, Read(pid, "cgroup"));
  return format::ParseProcCgroup(text);
}

}  // namespace reeve::kernel
