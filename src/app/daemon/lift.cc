// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/lift.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/daemon/exit_code.h"
#include "app/daemon/options.h"
#include "core/base/text.h"
#include "core/engine/lift.h"
#include "edge/io/files.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/home_paths.h"
#include "edge/kernel/lock_holder.h"

namespace reeve::daemon {
namespace {

constexpr std::size_t kMostLines = 20;  // of one kind; a broken tree has thousands
constexpr std::size_t kMaxConfigBytes = 1U << 20;

void Say(std::FILE* to, std::string_view line) {
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), to));
  static_cast<void>(std::fputc('\n', to));
}

void Complain(std::string_view line) {
  Say(stderr, fmt::format("reeved: {}", EscapeForTerminal(line)));
}

template <typename List, typename Text>
void SayAll(const List& list, const Text& text) {
  for (std::size_t i = 0; i < list.size() && i < kMostLines; ++i) Complain(text(list[i]));
  if (list.size() > kMostLines) {
    Say(stderr, fmt::format("reeved: ... and {} more", list.size() - kMostLines));
  }
}

// `root:` of reeved.yaml; whatever else is wrong in it does not matter here.
std::string RootOfConfig(const std::string& path) {
  auto text = io::ReadWholeFile(path, kMaxConfigBytes);
  if (!text.has_value()) return "";
  policy::Findings findings;
  Options options;
  ReadConfig(std::make_shared<const SourceFile>(SourceFile{path, *std::move(text), 1, ""}),
             options,
             findings);
  return options.root;
}

std::string Count(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

int Report(const engine::LiftReport& report, const std::string& root, bool daemon_runs) {
  SayAll(report.failures, [](const Error& error) { return error.ToString(); });
  SayAll(report.kept, [](const std::string& line) { return "not lifted: " + line; });
  SayAll(report.frozen, [](const CgroupPath& path) {
    return fmt::format("{} stands still; to let it run: echo 0 > cgroup.freeze in it", path.text());
  });
  std::string line;
  if (report.governed == 0) {
    line = fmt::format("NOTHING TO LIFT: no cgroup below {} is reeve's", root);
  } else {
    line =
        fmt::format("LIFTED {}, {}",
                    Count(report.cgroups, "cgroup"),
                    report.values == 1 ? "1 value to its loosest"
                                       : fmt::format("{} values to their loosest", report.values));
    if (!report.failures.empty()) line += fmt::format("; {} FAILED", report.failures.size());
    line += ". No process was moved.";
  }
  Say(stdout, EscapeForTerminal(line));
  if (report.governed != 0) {
    Say(stdout,
        daemon_runs ? "The daemon that runs puts the limits back at once: stop it."
                    : "They come back when reeved starts or `reevectl apply` is typed.");
  }
  const bool said = std::fflush(stdout) == 0;  // a full disk must not undo what was done
  return report.failures.empty() && said ? kDone : kFailed;
}

}  // namespace

bool IsLift(int argc, char** argv) {
  return std::any_of(
      argv + 1, argv + argc, [](const char* word) { return std::string_view(word) == "--lift"; });
}

int RunLift(int argc, char** argv) {
  std::string root;
  std::string config = kDefaultConfig;
  bool lift = false;
  bool force = false;
  CLI::App app{"reeved --lift: every limit below the managed root to its loosest, without policies",
               "reeved"};
  app.add_flag("--lift", lift, "lift and end");
  app.add_option(
      "--root", root, "the managed root; default: that of reeved.yaml, or where systemd keeps it");
  app.add_option("--config", config, "reeved.yaml to take the root from");
  app.add_flag("--force", force, "also while a daemon runs, which puts the limits back");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  if (root.empty()) root = RootOfConfig(config);
  if (root.empty() || kernel::IsOlderHome(root)) {
    if (std::string home = kernel::HomeOfThisHost(); !home.empty()) root = std::move(home);
  }
  if (root.empty() && HasHome()) {
    Say(stdout, "NOTHING TO LIFT: systemd keeps no tree of reeve's");
    return kDone;
  }
  if (root.empty()) {
    Complain(fmt::format("--lift: {} names no managed root: say --root DIR", config));
    return kUsage;
  }
  auto fs = kernel::CgroupFsKernel::Open(root);
  if (!fs.has_value()) {
    Complain(fs.error().ToString());
    return fs.error().kind == ErrorKind::kUnsupported ? kRefused : kFailed;
  }
  if ((*fs)->read_only()) {
    Complain(fmt::format("{} is mounted read-only", (*fs)->root()));
    return kRefused;
  }
  const auto locked = (*fs)->Lock();
  const bool daemon_runs = !locked.has_value() && locked.error().kind == ErrorKind::kConflict;
  if (daemon_runs && !force) {
    const auto holder = kernel::LockHolder((*fs)->root());
    Complain(fmt::format("a reeved that runs{} would put the limits back at once",
                         holder ? fmt::format(" (pid {})", *holder) : ""));
    Say(stderr, "Next: `reevectl lift --all --for 1h --why ...`; or stop it and type this again");
    Say(stderr, "      (`--force` lifts now, whatever comes after)");
    return kRefused;
  }
  // Without a lock for another reason (no descriptors left, an odd file system) it is still lifted.
  return Report(engine::LiftEverything(**fs), (*fs)->root(), daemon_runs);
}

}  // namespace reeve::daemon
