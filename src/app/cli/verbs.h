// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/cli/daemon_verbs.h"
#include "app/cli/output.h"

namespace reeve::cli {

// Every verb: options in, words out, an exit code back. One file a verb.

// What a verb about a host's tree is told.
struct TreeOptions {
  OutputOptions output;
  std::string root;      // managed root; "" = not told
  bool offline = false;  // do it here, without a daemon; --root implies it
  std::vector<std::string>
      files;  // policies: files and directories; none = the host's policy directories
  std::string config = "/etc/reeve/reeved.yaml";
  std::string socket;  // of the daemon; "" = that of reeved.yaml
};

// Whether the daemon is asked: neither a tree nor files of one's own are meant.
bool IsForDaemon(const TreeOptions& options);

struct CheckOptions {
  OutputOptions output;
  std::vector<std::string> files;
  std::string as;                  // judge the one file as if it had this name
  std::string with;                // ... among the files of this directory
  bool strict = false;             // warnings and what is not possible on this host are errors
  std::string root;                // judge for this managed root; "" = for any tree of this host
  std::vector<std::string> facts;  // judge for these hosts instead
  std::string config = "/etc/reeve/reeved.yaml";
};

// 0 usable, 1 findings. Findings go to stderr, the verdict of a good set to stdout; as JSON all to stdout.
int RunCheck(const CheckOptions& options);

struct PlanVerbOptions {
  TreeOptions tree;
  std::vector<std::string> facts;  // other hosts; then no tree is looked at
  bool full = false;
  bool raw = false;
  std::string cgroup_glob;
  bool detailed_exitcode = false;  // 0 as described, 1 error, 2 changes
};

int RunPlan(const PlanVerbOptions& options);

// 0 as described, 1 differs, 2 trouble.
//   files   of `options`: policies to compare this host with; or two sets of them, one with the other;
//           or up to two generations of the daemon: `41 42`, `41 disk`
//   facts   a host to compare two sets of policies for; "" = this one
int RunDiff(const TreeOptions& options, const std::string& cgroup_glob, const std::string& facts);

// What two sets of policies mean otherwise on one host: no tree is looked at. 0 the same, 1 not, 2 trouble.
int DiffPolicies(const TreeOptions& options, const std::string& facts, Output& output);

struct ApplyOptions {
  TreeOptions tree;
  ApplyByDaemon by_daemon;
};

// 0 done or already so, 1 failed or differs, 4 refused or held.
int RunApply(const ApplyOptions& options);

struct StatusOptions {
  TreeOptions tree;  // files: policies and, what is no file, cgroups
  bool quiet = false;
  bool full = false;
  std::string cgroup_glob;
};

int RunStatus(const StatusOptions& options);

struct ExplainOptions {
  TreeOptions tree;  // its files come out of `what`
  std::string cgroup;
  std::vector<std::string> what;  // an interface file, and policies to look it up in
};

// 0, 3 when neither the kernel nor a policy knows the cgroup.
int RunExplain(const ExplainOptions& options);

struct RunVerbOptions {
  TreeOptions tree;
  std::string cgroup;
  std::vector<std::string> command;
};

// The command's status; 125..127 for failures of our own.
int RunInside(const RunVerbOptions& options);

struct TestOptions {
  OutputOptions output;
  std::vector<std::string> files;
  bool junit = false;  // instead of the output's format
};

// 0 all passed, 1 one failed or a test that can not be read.
int RunTest(const TestOptions& options);

// Facts and tree as JSON (also for tables), for `test` and `plan --facts`.
int RunRecord(const TreeOptions& options);

int RunHelp(const OutputOptions& output, const std::string& topic);
int RunSchema(const OutputOptions& output);
int RunFacts(const TreeOptions& options);
int RunDoctor(const TreeOptions& options);

class OfflineHost;

// Adds the units of systemd to a host's facts; a note says so when nobody could be asked for them.
void AddUnits(const TreeOptions& options, OfflineHost& host, Output& output);

// The same into an output that is there already.
int Facts(const TreeOptions& options, Output& output);
int Doctor(const TreeOptions& options, Output& output);

int RunVersion(const OutputOptions& output);

}  // namespace reeve::cli
