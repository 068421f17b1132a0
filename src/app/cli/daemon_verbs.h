// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/ask_daemon.h"

// The verbs that only a running daemon can answer, and the daemon's half of those that work without
// one.
namespace reeve::cli {

struct ApplyByDaemon {
  std::vector<std::string> accept;  // guards
  std::string confirm;              // "10m"; "" = not asked for
  std::string why;
  std::string plan;  // file with the output of `plan -o json`; "" = whatever is on disk
};

// Asks the daemon to apply; with a plan exactly that one, else it is refused.
int ApplyByTheDaemon(const DaemonOptions& options,
                     const ApplyByDaemon& apply,
                     const std::string& without,
                     Output& output);

struct HoldOptions {
  std::string time;  // "4h"
  std::string why;
};

struct UndoOptions {
  std::optional<std::uint64_t> to;
  std::string why;
};

struct EventsOptions {
  std::string since;  // "1h"; "" = as far back as the daemon remembers
  bool drift = false;
  bool follow = false;
};

int RunHistory(const DaemonOptions& options);
int RunConfirm(const DaemonOptions& options);
int RunUndo(const DaemonOptions& options, const UndoOptions& undo);
int RunHold(const DaemonOptions& options, const HoldOptions& hold);
int RunRelease(const DaemonOptions& options, const std::string& name);
int RunEvents(const DaemonOptions& options, const EventsOptions& events);

// What is typed for set, clamp, pause, lift, freeze.
struct ByHandOptions {
  std::string verb;
  std::string cgroup;
  std::vector<std::string> settings;  // KEY=VALUE
  std::int64_t pid = 0;
  bool tree = false;
  bool all = false;
  bool end = false;  // lift: the end of one
  std::string time;
  bool long_time = false;
  std::string why;
  std::vector<std::string> accept;  // guards
  bool yes = false;
};

int RunByHand(const DaemonOptions& options, const ByHandOptions& hand);
int RunThaw(const DaemonOptions& options, const std::string& cgroup);
int RunKill(const DaemonOptions& options, const std::string& cgroup, bool yes);

// A tarball for a ticket. `file` "" = a name of its own in the current directory, "-" = stdout.
int RunReport(const DaemonOptions& options, const std::string& file);

// Names for completion, one a line; nothing and exit 0 where there are none.
int RunNames(const DaemonOptions& options);

// A time as people type it, in seconds. nullopt after saying what is wrong.
std::optional<std::int64_t> ReadTime(const std::string& text,
                                     const std::string& option,
                                     Output& output);

}  // namespace reeve::cli
