// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/daemon/exit_code.h"
#include "app/daemon/log_findings.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "edge/io/files.h"
#include "edge/kernel/home_paths.h"

namespace reeve::daemon {
namespace {

constexpr std::size_t kMaxConfigBytes = 1U << 20;

// What the command line said; laid over the file's word only where it said something.
struct Said {
  std::string config;
  std::string root;
  std::vector<std::string> policy_dirs;
  std::string facts_dir;
  std::string state_dir;
  std::string socket;
  std::string listen_address;
  std::string settle;
  std::string log_level;
  std::string take_up;
  bool nested = false;
};

void Declare(CLI::App& app, Said& said, Options& options) {
  app.set_version_flag("--version", std::string("reeved ") + std::string(kVersion));
  app.add_option(
      "--config", said.config, "options file (default: /etc/reeve/reeved.yaml, if there)");
  app.add_option("--root", said.root, "cgroup directory below which everything is built");
  app.add_option("--policy-dir",
                 said.policy_dirs,
                 "directory with policies; several, weakest first, replace the three default ones");
  app.add_option("--facts-dir", said.facts_dir, "directory with this host's own facts");
  app.add_option("--state-dir", said.state_dir, "where generations are kept");
  app.add_option("--socket", said.socket, "control socket");
  app.add_option("--web.listen-address", said.listen_address, "ADDR:PORT of metrics and health");
  app.add_option("--settle", said.settle, "quiet time before the policies are read: 2s, 500ms");
  app.add_option("--log-level", said.log_level, "debug, info, warning, error");
  app.add_option("--take-up",
                 said.take_up,
                 "auto: policies are taken up when they change; reload: when somebody asks")
      ->check(CLI::IsMember({"auto", "reload"}));
  app.add_flag("--nested",
               said.nested,
               "the root may lie inside the tree of another reeve, below what its policies name");
  app.add_flag("--once", options.once, "apply and end");
  app.add_option(
      "--check", options.check, "judge these files and end; needs no root and no cgroups");
}

std::string Overlay(const Said& said, Options& options) {
  if (!said.root.empty()) options.root = said.root;
  if (!said.policy_dirs.empty()) options.policy_dirs = said.policy_dirs;
  if (!said.facts_dir.empty()) options.facts_dir = said.facts_dir;
  if (!said.state_dir.empty()) options.state_dir = said.state_dir;
  if (!said.socket.empty()) options.socket = said.socket;
  if (!said.listen_address.empty()) {
    if (!IsListenAddress(said.listen_address))
      return "--web.listen-address: \"" + said.listen_address + "\" is not ADDRESS:PORT";
    options.listen_address = said.listen_address;
  }
  if (!said.settle.empty()) {
    const auto settle = ParseDuration(said.settle);
    if (!settle) return "--settle: \"" + said.settle + "\" is not a duration such as 2s or 500ms";
    options.settle = *settle;
  }
  if (!said.log_level.empty()) {
    const auto level = io::LogLevelByName(said.log_level);
    if (!level)
      return "--log-level: \"" + said.log_level + "\" is not debug, info, warning or error";
    options.log_level = *level;
  }
  if (said.nested) options.nested = true;
  if (!said.take_up.empty()) {
    options.take_up = said.take_up == "reload" ? engine::TakeUp::kReload : engine::TakeUp::kAuto;
  }
  return "";
}

// False when there is a file and it is no good; what is wrong has been printed.
bool LoadConfig(const Said& said, Options& options) {
  const std::string path = said.config.empty() ? kDefaultConfig : said.config;
  if (said.config.empty() && ::access(path.c_str(), F_OK) != 0) return true;
  auto text = io::ReadWholeFile(path, kMaxConfigBytes);
  if (!text.has_value()) {
    std::fprintf(stderr, "reeved: %s\n", EscapeForTerminal(text.error().ToString()).c_str());
    return false;
  }
  auto file = std::make_shared<SourceFile>();
  file->name = path;
  file->text = *std::move(text);
  policy::Findings findings;
  ReadConfig(file, options, findings);
  if (findings.all().empty()) return true;
  findings.SortByPlace();
  LogFindings(findings);
  return !findings.has_errors();
}

}  // namespace

bool HasHome() {
  return ::geteuid() == 0 && kernel::BootedWithSystemd();
}

ParsedOptions ParseOptions(int argc, char** argv) {
  ParsedOptions parsed;
  Said said;
  CLI::App app{"reeved keeps a cgroup v2 tree as its policies describe it", "reeved"};
  Declare(app, said, parsed.options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    parsed.exit_code = app.exit(e) == 0 ? kDone : kUsage;
    return parsed;
  }
  if (!parsed.options.check.empty())
    return parsed;  // judging files needs none of this host's options
  if (!LoadConfig(said, parsed.options)) {
    parsed.exit_code = kFailed;
    return parsed;
  }
  const std::string wrong = Overlay(said, parsed.options);
  if (!wrong.empty()) {
    std::fprintf(stderr, "reeved: %s\n", EscapeForTerminal(wrong).c_str());
    parsed.exit_code = kUsage;
  } else if (parsed.options.root.empty() && !HasHome()) {
    std::fputs(
        "reeved: no managed root given, and there is no systemd that root could ask for one: say "
        "--root DIR, or "
        "root: in reeved.yaml, with a directory on a cgroup2 file system\n"
        "hint: `reevectl doctor` shows which cgroup2 trees there are\n",
        stderr);
    parsed.exit_code = kUsage;
  }
  return parsed;
}

}  // namespace reeve::daemon
