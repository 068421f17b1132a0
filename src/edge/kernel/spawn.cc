// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/spawn.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::kernel {
namespace {

constexpr int kForwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
constexpr int kOwnFailure = 125;
constexpr int kNotExecutable = 126;
constexpr int kNoSuchCommand = 127;

// Holds signals back until they are waited for; the old mask comes back at the end.
class HeldSignals {
 public:
  HeldSignals() {
    ::sigemptyset(&held_);
    ::sigaddset(&held_, SIGCHLD);
    for (const int signal : kForwarded) ::sigaddset(&held_, signal);
    // Whoever started us may have left it ignored; then there would be no status to wait for.
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &standard, &child_before_);
    ::pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }

  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  ~HeldSignals() {
    ::sigaction(SIGCHLD, &child_before_, nullptr);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  const sigset_t& held() const { return held_; }

  const sigset_t& before() const { return before_; }

 private:
  sigset_t held_ = {};
  sigset_t before_ = {};
  struct sigaction child_before_ = {};
};

struct Pipe {
  UniqueFd read;
  UniqueFd write;

  static Result<Pipe> Make() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError(errno, "", "pipe");
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  }
};

ssize_t ReadRetrying(int fd, void* data, std::size_t size) {
  while (true) {
    const ssize_t got = ::read(fd, data, size);
    if (got >= 0 || errno != EINTR) return got;
  }
}

struct Child {
  pid_t pid = -1;
  UniqueFd exec_failed;  // gives an errno, or closes when the command runs
  CgroupPath cgroup;
};

class Spawner {
 public:
  Spawner(CgroupFsKernel& fs, const std::vector<std::string>& command, const sigset_t& signals)
      : fs_(fs), signals_(signals) {
    for (const std::string& word : command) words_.push_back(const_cast<char*>(word.c_str()));
    words_.push_back(nullptr);
  }

  Result<Child> Spawn(const CgroupPath& path, SpawnMethod method) {
    if (method == SpawnMethod::kMove) return Move(path);
    REEVE_TRY(const UniqueFd cgroup, fs_.OpenCgroup(path));
    REEVE_TRY(Pipe failed, Pipe::Make());
    clone_args args = {};
    args.flags = CLONE_INTO_CGROUP;
    args.exit_signal = SIGCHLD;
    args.cgroup = static_cast<std::uint64_t>(cgroup.get());
    const long pid = ::syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) Exec(failed.write.get());
    if (pid > 0) return Child{static_cast<pid_t>(pid), std::move(failed.read), path};
    const int error = errno;
    // No clone3 (before 5.3), one without cgroups (before 5.7), or a filter that allows none.
    if (error == ENOSYS || error == E2BIG || error == EPERM) return Move(path);
    return StartError(error, path);
  }

 private:
  Result<Child> Move(const CgroupPath& path) {
    REEVE_TRY(Pipe failed, Pipe::Make());
    REEVE_TRY(Pipe go, Pipe::Make());
    const pid_t pid = ::fork();
    if (pid < 0) return ErrnoError(errno, path.text(), "fork");
    if (pid == 0) {
      go.write.reset();
      char byte = 0;
      // Nothing comes when it could not be moved.
      if (ReadRetrying(go.read.get(), &byte, 1) != 1) ::_exit(kOwnFailure);
      Exec(failed.write.get());
    }
    if (auto moved = fs_.AddProcess(path, pid); !moved.has_value()) {
      go.write.reset();
      ::waitpid(pid, nullptr, 0);
      Error error = std::move(moved).error();
      return error.errno_value == EBUSY || error.errno_value == EOPNOTSUPP
                 ? StartError(error.errno_value, path)
                 : error;
    }
    if (::write(go.write.get(), "", 1) != 1) return ErrnoError(errno, path.text(), "starting");
    return Child{pid, std::move(failed.read), path};
  }

  [[noreturn]] void Exec(int failed) {
    ::pthread_sigmask(SIG_SETMASK, &signals_, nullptr);
    ::execvp(words_[0], words_.data());
    const int error = errno;
    // Whoever reads it sees a short read as our end in any case.
    (void)!::write(failed, &error, sizeof error);
    ::_exit(kNotExecutable);
  }

  static Error StartError(int errno_value, const CgroupPath& path) {
    Error error = ErrnoError(errno_value, path.is_root() ? "." : path.text(), "starting a process");
    if (errno_value == EBUSY) {
      error.message =
          "it hands controllers to its children, so no process can live in it itself (EBUSY)";
    }
    if (errno_value == EOPNOTSUPP) {
      error.message =
          "it is threaded or below a threaded cgroup, where no process can start (EOPNOTSUPP)";
    }
    if (errno_value == EACCES) {
      error.message = "cgroup.procs of it or of the common ancestor is not ours to write (EACCES)";
    }
    return error;
  }

  CgroupFsKernel& fs_;
  const sigset_t& signals_;
  std::vector<char*> words_;
};

// The leaf that holds an inner cgroup's own processes, if it has one.
std::optional<CgroupPath> SelfLeaf(CgroupFsKernel& fs, const CgroupPath& path) {
  const CgroupPath leaf = path.Child("_self");
  return fs.Stat(leaf).has_value() ? std::optional(leaf) : std::nullopt;
}

int WaitFor(pid_t pid, const sigset_t& held) {
  while (true) {
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) {
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    if (ended < 0 && errno != EINTR) return kOwnFailure;
    siginfo_t signal = {};
    if (::sigwaitinfo(&held, &signal) < 0) continue;
    // What the terminal sends (SI_KERNEL) goes to the whole process group: it has it already.
    if (signal.si_signo != SIGCHLD && signal.si_code <= 0) ::kill(pid, signal.si_signo);
  }
}

RunOutcome Failed(int exit_code, Error error, CgroupPath cgroup) {
  return RunOutcome{exit_code, std::move(error), std::move(cgroup)};
}

}  // namespace

RunOutcome RunInCgroup(CgroupFsKernel& fs,
                       const CgroupPath& path,
                       const std::vector<std::string>& command,
                       SpawnMethod method) {
  if (command.empty()) {
    return Failed(kOwnFailure, Error{ErrorKind::kInvalid, 0, "", "no command is given"}, path);
  }
  const HeldSignals signals;
  Spawner spawner(fs, command, signals.before());
  auto child = spawner.Spawn(path, method);
  if (!child.has_value() && child.error().errno_value == EBUSY) {
    if (const auto leaf = SelfLeaf(fs, path)) child = spawner.Spawn(*leaf, method);
  }
  if (!child.has_value()) return Failed(kOwnFailure, std::move(child).error(), path);

  int exec_error = 0;
  const bool refused =
      ReadRetrying(child->exec_failed.get(), &exec_error, sizeof exec_error) == sizeof exec_error;
  const int code = WaitFor(child->pid, signals.held());
  if (!refused) return RunOutcome{code, std::nullopt, child->cgroup};
  const std::string name = EscapeForTerminal(command.front());
  return exec_error == ENOENT
             ? Failed(
                   kNoSuchCommand, ErrnoError(exec_error, name, "no such command"), child->cgroup)
             : Failed(kNotExecutable, ErrnoError(exec_error, name, "executing"), child->cgroup);
}

}  // namespace reeve::kernel
