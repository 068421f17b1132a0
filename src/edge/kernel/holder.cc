// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/holder.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/base/text.h"
#include "edge/io/files.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/home_paths.h"

namespace reeve::kernel {
namespace {

constexpr const char* kProgram = "reeve-hold";

std::string LeafOf(const std::string& home) {
  return home + "/" + std::string(kHolderLeaf);
}

// posix_spawn's two tables, which must be destroyed.
struct SpawnTables {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  SpawnTables() {
    REEVE_CHECK(::posix_spawn_file_actions_init(&files) == 0);
    REEVE_CHECK(::posix_spawnattr_init(&attributes) == 0);
  }

  SpawnTables(const SpawnTables&) = delete;
  SpawnTables& operator=(const SpawnTables&) = delete;

  ~SpawnTables() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
  }
};

}  // namespace

std::string HolderProgram() {
  const std::filesystem::path own = std::filesystem::path(io::TargetOf("/proc/self/exe"));
  const std::filesystem::path beside = own.parent_path() / kProgram;
  std::error_code ignored;
  if (std::filesystem::exists(beside, ignored)) return beside.string();
  return (own.parent_path().parent_path() / "lib/reeve" / kProgram).string();
}

Result<std::int64_t> StartHolder(const std::string& program) {
  SpawnTables tables;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::posix_spawn_file_actions_addopen(&tables.files, fd, "/dev/null", O_RDWR, 0);
  }
  ::posix_spawn_file_actions_addchdir_np(&tables.files, "/");
  // We have blocked those that we hear by a descriptor.
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&tables.attributes, &none);
  ::posix_spawnattr_setsigdefault(&tables.attributes, &all);
  ::posix_spawnattr_setflags(&tables.attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = kProgram;
  char* const arguments[] = {name.data(), nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = 0;
  const int failed = ::posix_spawn(
      &pid, program.c_str(), &tables.files, &tables.attributes, arguments, environment);
  if (failed != 0) return ErrnoError(failed, program, "starting the process that keeps the tree");
  return pid;
}

bool ReapHolder(std::int64_t pid) {
  return ::waitpid(static_cast<pid_t>(pid), nullptr, WNOHANG) == static_cast<pid_t>(pid);
}

void EndHolder(std::int64_t pid) {
  ::kill(static_cast<pid_t>(pid), SIGKILL);
}

Result<> PutHolder(const std::string& home, std::int64_t pid) {
  const std::string leaf = LeafOf(home);
  if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) {
    return ErrnoError(errno, leaf, "making it");
  }
  const std::string file = leaf + "/cgroup.procs";
  const UniqueFd procs(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!procs.valid()) return ErrnoError(errno, file, "opening it");
  const std::string text = std::to_string(pid);
  if (::write(procs.get(), text.data(), text.size()) < 0) {
    return ErrnoError(errno, file, "moving the process that keeps the tree");
  }
  return {};
}

std::vector<std::int64_t> ProcessesOf(const std::string& cgroup) {
  std::vector<std::int64_t> pids;
  const auto text = io::ReadWholeFile(cgroup + "/cgroup.procs");
  if (!text.has_value()) return pids;
  for (const std::string_view line : SplitLines(*text)) {
    if (const auto pid = ParseDecimal(line)) pids.push_back(static_cast<std::int64_t>(*pid));
  }
  return pids;
}

std::vector<std::int64_t> HoldersOf(const std::string& home) {
  return ProcessesOf(LeafOf(home));
}

}  // namespace reeve::kernel
