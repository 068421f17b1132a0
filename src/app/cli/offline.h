// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/generation.h"
#include "core/engine/planning.h"
#include "core/model/host_facts.h"
#include "core/policy/diagnostic.h"
#include "core/policy/facts_reader.h"
#include "core/port/file_source.h"
#include "edge/kernel/cgroup_fs_kernel.h"

namespace reeve::cli {

// Where this host keeps things, from reeved.yaml or the defaults; for verbs that are not told.
struct HostConfig {
  std::string root;  // that of systemd where none is named; "" = there is none
  std::vector<std::string> policy_dirs = {
      "/usr/lib/reeve/policy.d", "/etc/reeve/policy.d", "/run/reeve/policy.d"};  // weakest first
  std::string facts_dir = "/etc/reeve/facts.d";
  std::string socket = "/run/reeve/control.sock";
};

// A missing file gives the defaults; what is wrong in it is reeved's to say, and is passed over here.
HostConfig ReadHostConfig(const std::string& path = "/etc/reeve/reeved.yaml");

// A set of policies, read and judged.
struct Judged {
  engine::Generation generation;
  // Its findings, and before them what could not be read although somebody meant it to be a policy.
  std::vector<policy::Diagnostic> findings;
  std::vector<port::IgnoredName> ignored;  // names that are rightly passed over

  bool usable() const;

  std::vector<std::string> FileNames() const;
};

// This host without its daemon: one managed root (or none), its facts, and the road from files to a plan.
class OfflineHost {
 public:
  //   root       "" = no tree: only facts, and every controller and file is taken to exist
  //   facts_dir  one's own facts; may be missing
  //   errors     as CgroupFsKernel::Open
  static Result<OfflineHost> Open(const std::string& root, const std::string& facts_dir);

  const HostFacts& facts() const { return facts_; }

  // What only a daemon knows, which was asked for it.
  void SetUnits(std::map<std::string, UnitFact> units) { facts_.units = std::move(units); }

  // What could not be read of the host, in words; and what is wrong in facts.d.
  const std::vector<std::string>& notes() const { return notes_; }

  const policy::Findings& facts_findings() const { return facts_findings_; }

  // "" without a tree.
  std::string root() const;

  // Must not be called without a tree.
  kernel::CgroupFsKernel& fs() { return *fs_; }

  bool has_tree() const { return fs_ != nullptr; }

  engine::Planned Plan(const Desired& desired);

 private:
  OfflineHost() = default;

  std::unique_ptr<kernel::CgroupFsKernel> fs_;
  HostFacts facts_;
  std::vector<std::string> notes_;
  policy::Findings facts_findings_;
};

// Reads what is named, files and directories; with nothing named, the host's policy directories.
//   errors   what is named and can not be read
Result<port::FileSet> ReadPolicies(const std::vector<std::string>& names, const HostConfig& config);

// Judges a set for the host that `facts` describes.
//   names   what was named on the command line: data files lie beside it
Judged JudgeSet(port::FileSet set,
                const std::vector<std::string>& names,
                const HostConfig& config,
                const HostFacts& facts);

// Another host, as `reevectl facts -o json` or `reevectl record` wrote it.
Result<policy::RecordedHost> ReadHostOf(const std::string& path, policy::Findings& findings);

}  // namespace reeve::cli
