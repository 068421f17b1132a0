// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/reeved.h"

#include <pthread.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "app/daemon/crash_guard.h"
#include "app/daemon/daemon.h"
#include "app/daemon/exit_code.h"
#include "app/daemon/lift.h"
#include "app/daemon/options.h"
#include "core/base/text.h"
#include "edge/io/log.h"
#include "edge/systemd/listen_fds.h"

namespace reeve::daemon {
namespace {

int ExitCodeOf(const Error& error) {
  const bool refused = error.kind == ErrorKind::kDenied || error.kind == ErrorKind::kConflict ||
                       error.kind == ErrorKind::kUnsupported;
  return refused ? kRefused : kFailed;
}

int Fail(const Error& error) {
  io::LogError("{}", EscapeForTerminal(error.ToString()));
  return ExitCodeOf(error);
}

// The usual 1,024 are for programs that use select(); trees of thousands of cgroups have more to hold.
void RaiseDescriptorLimit() {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// A reload that is asked for while we begin comes when we have begun, instead of ending us.
void LetReloadsWait() {
  sigset_t reload;
  sigemptyset(&reload);
  sigaddset(&reload, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &reload, nullptr);
}

void AfterCrashes(const CrashGuard& guard, Options& options) {
  if (guard.safe_mode()) {
    io::LogError(
        "reeved crashed {} times in a row: what was in force before stays in force, and files are "
        "taken up "
        "only when `reevectl apply` or a reload asks for it",
        guard.crashes());
    options.take_up = engine::TakeUp::kReload;
  }
  if (guard.delay() == Usec(0)) return;
  io::LogWarning("reeved crashed {} times in a row: it begins in {} ms",
                 guard.crashes(),
                 guard.delay().count() / 1000);
  std::this_thread::sleep_for(guard.delay());
}

}  // namespace

int RunReeved(int argc, char** argv, const CheckFiles& check) {
  if (IsLift(argc, argv)) return RunLift(argc, argv);
  const ParsedOptions parsed = ParseOptions(argc, argv);
  if (parsed.exit_code >= 0) return parsed.exit_code;
  Options options = parsed.options;
  if (!options.check.empty()) return check(options.check);
  io::StartLog(io::LogFormOfEnvironment(), options.log_level, io::kJournalSocket);
  LetReloadsWait();
  // Before anything opens descriptors or starts programs.
  auto sockets = systemd::TakePassedSockets();
  if (!sockets.has_value()) return Fail(sockets.error());
  RaiseDescriptorLimit();
  const CrashGuard guard = CrashGuard::Begin(options.state_dir);
  if (!options.once) AfterCrashes(guard, options);
  auto daemon = Daemon::Make(options, *std::move(sockets));
  if (!daemon.has_value()) return Fail(daemon.error());
  if (options.once) return (*daemon)->RunOnce();
  const auto ran = (*daemon)->Run();
  return ran.has_value() ? kDone : Fail(ran.error());
}

}  // namespace reeve::daemon
