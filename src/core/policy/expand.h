// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/model/desired.h"
#include "core/model/expiry.h"
#include "core/model/host_facts.h"
#include "core/model/policy.h"
#include "core/model/setting.h"
#include "core/policy/diagnostic.h"

namespace reeve::policy {

// What for_each reads, given by the edge so that expanding is pure.
struct DataFiles {
  // kFile: name as written -> text. A name that is not here could not be read: a finding.
  std::map<std::string, std::shared_ptr<const SourceFile>> files;
  // Names in `files` that could not be read, or globs in `paths`: name -> why, in words.
  std::map<std::string, std::string> problems;
  // kPath: glob as written -> the paths it matched, sorted.
  std::map<std::string, std::vector<std::string>> paths;
};

// The names that Expand will ask DataFiles for: facts in them are replaced, variables of a path
// have become `*`. Only documents whose `when` holds and that have not expired.
struct DataNeeds {
  std::vector<std::string> files;
  std::vector<std::string> paths;
};

//   now   seconds since the epoch
DataNeeds NeededData(const Policy& policy, const HostFacts& facts, std::int64_t now);

// A setting that was chosen for a cgroup, and those it won against (other layer or priority).
struct MergedSetting {
  Setting setting;
  std::vector<SourceMark> overridden;
};

// One cgroup of this host: templates instantiated, profiles used, documents merged.
struct MergedCgroup {
  CgroupPath path;
  SourceMark mark;            // where it is first named
  std::string template_name;  // "sites/<name>" when it is an instance; "" otherwise
  std::map<std::string, MergedSetting> settings;  // by interface file
  std::map<std::string, std::string> labels;      // documents' and ancestors' labels included
  std::map<std::string, SourceMark> require;      // interface file -> where it is asked for
  bool account = true;
  Shrink shrink = Shrink::kWait;
  OnDrift on_drift = OnDrift::kRepair;
  std::string owner;
  std::string why;
  SourceMark row;                 // of the data that makes it an instance; unknown when it is none
  std::optional<Expiry> expires;  // the first of several
};

// One unit of systemd that a policy names, or that fits a template.
struct MergedUnit {
  MergedCgroup cgroup;  // its path is the unit's name
  bool loaded = false;  // on this host, now
  // Values came from its own name or facts: what is wrong with them is not the policy's fault.
  bool varies = false;
};

struct MergedTree {
  // Every ancestor is present; _self leaves are not yet made.
  std::map<CgroupPath, MergedCgroup> cgroups;
  // Knobs of _self, by the inner cgroup.
  std::map<CgroupPath, std::map<std::string, MergedSetting>> self;
  // mode: observe. Planned beside the others, never written; `self:` of one is a cgroup _self.
  std::map<CgroupPath, MergedCgroup> observed_only;
  // Units of systemd by name, and those of mode: observe.
  std::map<CgroupPath, MergedUnit> units;
  std::map<CgroupPath, MergedUnit> units_observed;
  // What came to nothing for some of them: values that make no sense with this unit's variables, units beyond
  // a template's max_instances.
  std::vector<Gap> unit_gaps;
  std::vector<WatchedDocument> watched;  // the documents that these come from, also without cgroups
  int documents = 0;                     // that count here now
  int documents_skipped = 0;             // whose `when` does not hold, or that have expired
  // The first moment (seconds since the epoch) at which the same texts and facts may mean something
  // else: a document or cgroup expires, a `time:` window opens or closes. nullopt: never by the
  // clock.
  std::optional<std::int64_t> judge_again_at;
};

// From documents to this host's cgroups: drops documents whose `when` does not hold, that have
// expired or are for another boot, instantiates templates, lays profiles under own keys, merges.
//   strength   metadata.priority, then the layer, then literal names before templates. Equal
//              strengths that disagree are an error naming both places, also below something
//              stronger, which may be gone tomorrow
//   tables     rows of several documents are joined, column by column; a literal name's list
//              replaces its template's as a whole
//   labels     a cgroup's own, then its nearest ancestor's, then its document's
//   profiles   are there whatever the `when` of their document: they only say what words mean
//   templates  a literal name in a row's place inherits the instance. In no row it stands for
//              itself; where it uses variables of the rows it is left out with a warning, so that
//              a customer who leaves an export never makes the policy wrong
// Finds R03xx, what replaced texts contain (R02xx), and R0405, R0407 as warnings.
//   now   seconds since the epoch
MergedTree Expand(const Policy& policy,
                  const HostFacts& facts,
                  const DataFiles& data,
                  std::int64_t now,
                  Findings& findings);

}  // namespace reeve::policy
