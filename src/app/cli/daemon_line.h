// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/daemon_verbs.h"

namespace CLI {
class App;
}  // namespace CLI

namespace reeve::cli {

// The part of the command line that is about the daemon.
class DaemonLine {
 public:
  // Adds a verb with what every verb can be told.
  using AddVerb = std::function<CLI::App*(const std::string& name, const std::string& help)>;

  void Declare(CLI::App& app, const AddVerb& add);

  // Runs a verb of ours; nullopt for all others.
  std::optional<int> Run(const std::string& verb, const OutputOptions& output);

 private:
  // Where it may be told which daemon.
  void AddDaemon(CLI::App* verb);
  void DeclareGenerations(const AddVerb& add);
  void DeclareByHand(const AddVerb& add);
  int RunHand(const std::string& verb);

  DaemonOptions daemon_;
  UndoOptions undo_;
  HoldOptions hold_;
  EventsOptions events_;
  ByHandOptions hand_;
  std::string name_ = "hold";  // release
  std::string cgroup_;
  std::string file_;
};

}  // namespace reeve::cli
