// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "property/random_world.h"

namespace reeve::property {

// Watches a fake kernel while a plan is carried out step by step, and says afterwards what no step may do:
//   - a process lives under a limit that is looser than both the first and the last one it has
//   - a limit of a cgroup reads neither its first nor its last value
//   - min <= low <= high <= max of a cgroup does not hold although it does at both ends
//   - a cgroup's CPUs are outside of its parent's although they are within at both ends
class StepWatch {
 public:
  StepWatch(support::FakeCgroupFs& fs, const Inhabitants& inhabitants);

  // After every step.
  void Look();

  std::string Offences();

 private:
  // Numbers: larger is looser; max is 2^64-1. cpu.max is microseconds of a second.
  using Place = std::pair<std::string, std::string>;  // cgroup or process, file

  std::uint64_t Value(const std::string& path, const std::string& file);
  std::uint64_t EffectiveOf(std::int64_t pid, const std::string& file);
  void LookAtProcesses();
  void LookAtValues();
  void LookAtOrder();

  support::FakeCgroupFs& fs_;
  std::vector<std::int64_t> pids_;
  std::size_t seen_ = 0;       // journal entries
  std::set<std::string> old_;  // cgroups that were there at first
  std::map<Place, std::uint64_t> first_limit_, loosest_limit_;
  std::map<Place, std::string> first_text_;
  std::map<Place, std::map<std::string, std::string>> texts_between_;  // text -> journal entry
  std::map<std::string, std::string> disorder_;  // what -> first entry after it
  std::string now_;                              // the last journal entry
};

}  // namespace reeve::property
