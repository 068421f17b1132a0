// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/cli/output.h"
#include "core/base/result.h"
#include "core/base/units.h"
#include "core/model/host_facts.h"

namespace reeve::cli {

// Which daemon, and how its answer is shown.
struct DaemonOptions {
  OutputOptions output;
  std::string socket;  // "" = that of reeved.yaml, else the usual one
  std::string config = "/etc/reeve/reeved.yaml";
};

// What a verb asks.
struct DaemonQuestion {
  std::string verb;            // "plan", for what is said when there is no answer
  std::string method = "GET";  // or POST
  std::string path;            // "/v1/plan"
  std::vector<std::pair<std::string, std::string>> query = {};
  std::string body = {};     // JSON, of a POST
  std::string without = {};  // what to type where no daemon runs; "" = how to start one
  bool lines = false;        // the answer comes line by line and need not end
};

// Asks, prints the answer as it was asked for, and returns the exit code that the daemon gave it.
//   no daemon   5, with what to do next; 4 when this user may not ask; 75 when it does not answer
int AskDaemon(const DaemonOptions& options, const DaemonQuestion& question, Output& output);

// Asks for JSON to work with. nullopt when there is none, which was said; `*exit_code` is then the
// one to end with.
std::optional<nlohmann::ordered_json> JsonFromDaemon(const DaemonOptions& options,
                                                     const DaemonQuestion& question,
                                                     Output& output,
                                                     int* exit_code);

// The names that the daemon governs, for completion: within 300 ms or not at all, and never a word
// about it. Only those that no shell takes for anything else.
std::vector<std::string> NamesFromDaemon(const DaemonOptions& options);

// The loaded units of systemd as the daemon knows them, for it alone talks to systemd: within a second or not
// at all. nullopt: nobody to ask, or not as this user.
std::optional<std::map<std::string, UnitFact>> UnitsFromDaemon(const DaemonOptions& options);

// The socket that is meant.
std::string SocketOf(const DaemonOptions& options);

}  // namespace reeve::cli
