// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/reeved.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "app/daemon/crash_guard.h"
#include "app/daemon/daemon.h"
#include "app/daemon/exit_code.h"
#include "app/daemon/home.h"
#include "app/daemon/lift.h"
#include "app/daemon/options.h"
#include "app/daemon/waiting_room.h"
#include "core/base/text.h"
#include "edge/io/log.h"
#include "edge/kernel/holder.h"
#include "edge/kernel/home_paths.h"
#include "edge/systemd/bus.h"
#include "edge/systemd/listen_fds.h"
#include "edge/systemd/loop.h"

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

// One tree and what governs it; the next one when that tree went.
struct Round {
  std::unique_ptr<systemd::Loop> loop;
  std::unique_ptr<Daemon> daemon;
  std::unique_ptr<Home> home;
  std::unique_ptr<systemd::Bus> bus;  // ends first: it calls the others
};

Result<> MakeHome(Round& round, const Options& options) {
  REEVE_TRY(auto paths, kernel::FindHomePaths());
  REEVE_TRY(round.home,
            Home::Make(*round.loop,
                       *round.bus,
                       {.paths = std::move(paths),
                        .holder = kernel::HolderProgram(),
                        .runtime_dir = std::filesystem::path(options.socket).parent_path()},
                       options.tree));
  return {};
}

Result<std::vector<systemd::PassedSocket>> Copied(
    const std::vector<systemd::PassedSocket>& sockets) {
  std::vector<systemd::PassedSocket> copies;
  for (const systemd::PassedSocket& socket : sockets) {
    UniqueFd fd(::fcntl(socket.fd.get(), F_DUPFD_CLOEXEC, 0));
    if (!fd.valid()) return ErrnoError(errno, socket.name, "keeping a socket");
    copies.push_back({std::move(fd), socket.name});
  }
  return copies;
}

// An exit code, or none when the tree went and another one is to be governed.
std::optional<int> Govern(Options options, const std::vector<systemd::PassedSocket>& sockets) {
  auto loop = systemd::Loop::Make();
  if (!loop.has_value()) return Fail(loop.error());
  Round round;
  round.loop = std::make_unique<systemd::Loop>(*std::move(loop));
  const bool at_home = options.root.empty();
  if (kernel::BootedWithSystemd()) {
    auto bus = systemd::Bus::Make(*round.loop);
    if (!bus.has_value()) return Fail(bus.error());
    round.bus = *std::move(bus);
  }
  if (at_home) {
    if (auto made = MakeHome(round, options); !made.has_value()) return Fail(made.error());
    const auto waited = WaitForHome(*round.loop, *round.home, options, sockets, options.once);
    if (!waited.has_value()) return Fail(waited.error());
    if (*waited == Waited::kToldToEnd) return kDone;
    if (*waited == Waited::kTooLong) {
      return Fail({ErrorKind::kBusy, 0, std::string(kernel::kHomeScope), round.home->pending()});
    }
    options.root = round.home->root();
  }
  auto copies = Copied(sockets);
  if (!copies.has_value()) return Fail(copies.error());
  auto daemon = Daemon::Make(*round.loop, options, *std::move(copies));
  if (!daemon.has_value()) {
    const bool went = at_home && ::access(options.root.c_str(), F_OK) != 0;
    return went ? std::nullopt : std::optional(Fail(daemon.error()));
  }
  round.daemon = *std::move(daemon);
  if (options.once) return round.daemon->RunOnce();
  if (at_home) {
    round.home->OnChange([&round, &options] {
      if (round.home->root() == options.root) return round.daemon->OnHostChanged();
      round.daemon->OnRootGone();
    });
  }
  const auto ran = round.daemon->Run();
  if (ran.has_value()) return kDone;
  if (at_home && ran.error().kind == ErrorKind::kGone) return std::nullopt;
  return Fail(ran.error());
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
  if (kernel::IsOlderHome(options.root) && HasHome()) {
    io::LogWarning(
        "`root: {}` is the tree of an older reeve, and is passed over: systemd is asked for "
        "another one",
        EscapeForTerminal(options.root));
    options.root.clear();
  }
  for (;;) {
    if (const auto exit_code = Govern(options, *sockets)) return *exit_code;
  }
}

}  // namespace reeve::daemon
