// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/daemon/home_options.h"
#include "core/base/result.h"
#include "core/base/units.h"
#include "core/engine/generations.h"
#include "core/engine/guards.h"
#include "core/policy/diagnostic.h"
#include "edge/io/log.h"

namespace reeve::daemon {

inline constexpr const char* kDefaultConfig = "/etc/reeve/reeved.yaml";

// What reeved was told, on its command line or in reeved.yaml; the command line wins.
struct Options {
  std::string root;  // the managed root, absolute; empty: where systemd keeps it (home.h)
  HomeOptions tree;  // of that place
  std::vector<std::string> policy_dirs = {
      "/usr/lib/reeve/policy.d", "/etc/reeve/policy.d", "/run/reeve/policy.d"};  // weakest first
  std::string facts_dir = "/etc/reeve/facts.d";
  std::string state_dir = "/var/lib/reeve";
  std::string socket = "/run/reeve/control.sock";
  std::string listen_address = "127.0.0.1:9797";
  Usec settle{2'000'000};  // quiet time of the policy directory before it is read
  io::LogLevel log_level = io::LogLevel::kInfo;
  engine::TakeUp take_up = engine::TakeUp::kAuto;
  engine::GuardLimits guards;
  bool tell_terminal = true;  // a line for a person whose change by hand was put back

  bool nested = false;  // the root may lie inside the tree of another reeve

  bool once = false;               // apply and end
  std::vector<std::string> check;  // judge these files and end
};

// Either options, or an exit code because all is said (help, version, a mistake on the command
// line, which has been printed).
struct ParsedOptions {
  Options options;
  int exit_code = -1;  // -1: go on
};

// Whether there is a systemd that we may ask for a place to govern, so that no root need be named.
bool HasHome();

// Reads the command line and the file it names (or the default one, if it is there).
ParsedOptions ParseOptions(int argc, char** argv);

// Lays the keys of a reeved.yaml over `options`. Unknown keys, wrong types and empty values are
// findings.
void ReadConfig(const std::shared_ptr<const SourceFile>& file,
                Options& options,
                policy::Findings& findings);

// "2s", "500ms", "1m"; nullopt for anything else.
std::optional<Usec> ParseDuration(std::string_view text);

// "ADDRESS:PORT" with a port of 1..65535; "[::1]:9797" for IPv6.
bool IsListenAddress(std::string_view text);

}  // namespace reeve::daemon
