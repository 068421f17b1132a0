// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/model/source_mark.h"
#include "core/policy/diagnostic.h"
#include "core/policy/expand.h"
#include "core/policy/load.h"
#include "core/port/data_source.h"

namespace reeve::engine {

// A set of policy files judged for one host, from text to desired tree: the pure half of the road.
// Whoever wants to know what files mean here (check, plan, apply, the daemon) comes through this
// one function.
struct Generation {
  std::vector<std::shared_ptr<const SourceFile>> files;
  std::vector<std::shared_ptr<const SourceFile>> data;  // what its templates read
  policy::Findings findings;
  policy::MergedTree tree;  // meaningful only when usable(); its cgroups are gone from what is kept
  Desired desired;          // the same
  // Units of systemd, the same: paths are flat and names of units, nothing is made, moved or handed down.
  // Every one of them is loaded on this host; a unit that is not is a Gap (Pending).
  Desired units;
  std::size_t documents = 0;
  bool names_units = false;  // a document says something of units, loaded or not
  bool depends_on_clock =
      false;  // time alone may change what it means: judge it again every minute

  bool usable() const { return !findings.has_errors(); }

  // Whether nothing is described, here or anywhere.
  bool empty() const { return desired.cgroups.empty() && !names_units; }

  // Whether both mean the same on this host.
  bool SameAs(const Generation& other) const {
    return desired == other.desired && units == other.units;
  }
};

// Goes on behind errors as far as a finding there can be no echo of an earlier one, so that all is
// found at once. policy_hash names the policy files and the data files together.
//   now   seconds since the epoch, for `expires` and `time:`; tree.judge_again_at says when to come
//         back
Generation Judge(std::vector<std::shared_ptr<const SourceFile>> files,
                 const HostFacts& facts,
                 port::DataSource& data,
                 std::int64_t now);

// The same for sets that come one after the other: `loader` parses only what has changed.
Generation Judge(std::vector<std::shared_ptr<const SourceFile>> files,
                 const HostFacts& facts,
                 port::DataSource& data,
                 std::int64_t now,
                 policy::Loader& loader);

}  // namespace reeve::engine
