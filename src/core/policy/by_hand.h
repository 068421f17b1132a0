// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/model/kept_generation.h"
#include "core/model/policy.h"
#include "core/policy/diagnostic.h"

// What people do by hand, with an end and a reason. Each is an ordinary policy in the strongest
// directory: it merges, shows and expires like any other, also after a restart.
namespace reeve::policy {

enum class HandVerb : std::uint8_t {
  kSet,     // interface files of one cgroup
  kPause,   // drift of a cgroup and of all below it is reported, not repaired
  kLift,    // no limit on a cgroup and on all below it, or anywhere
  kFreeze,  // the processes of a cgroup and of all below it stop
  kClamp,   // a new cgroup with limits, for one process and its descendants
};

// "set", "pause", "lift", "freeze", "clamp".
std::string_view HandVerbName(HandVerb verb);
std::optional<HandVerb> HandVerbByName(std::string_view name);

inline constexpr std::int64_t kLongestHandSeconds = 24 * 60 * 60;  // without `long_time`
inline constexpr std::size_t kLongestWhy = 1000;                   // bytes

// What somebody asks for. Every text is as it was typed: nothing of it was judged.
struct HandRequest {
  HandVerb verb = HandVerb::kSet;
  std::string cgroup;  // below the managed root; not for kClamp
  bool all = false;    // kPause, kLift: every cgroup; then `cgroup` is empty
  // kSet, kClamp: interface file and value, as in a policy; tables as a YAML list of rows:
  // "[{device: /dev/sda, rbps: 1MiB/s}]"
  std::vector<std::pair<std::string, std::string>> settings;
  std::int64_t pid = 0;          // kClamp
  std::int64_t for_seconds = 0;  // how long; 0 = not said
  bool long_time = false;        // more than kLongestHandSeconds is meant
  std::string why;
  std::string owner;  // who asks, as the daemon knows it: "alice (uid 1000)"
};

// The name of a request's document, as long as no other one has it: "set-people.user-ito". Of a clamp it is always the
// name of the cgroup that its document describes: "clamp-77120".
//   about   the cgroup, "all" or a pid
std::string HandName(HandVerb verb, std::string_view about);

// A document that stands for a request.
struct HandDocument {
  std::string name;       // of the document: "set-people", to be released by
  std::string file_name;  // "90-set-people.yaml"
  std::string text;
  std::int64_t expires = 0;           // seconds since the epoch
  std::vector<std::string> replaces;  // file names of those that ask for the same and less: their
                                      // files go when this one comes
  std::size_t cgroups = 0;            // that it is about
  std::size_t values = 0;             // that it sets

  bool operator==(const HandDocument&) const = default;
};

// Writes the document for a request, or finds everything that is wrong with it (R05xx, and the
// usual ones for keys and values). Places are in the command line that the request stands for. What
// only the whole set can tell (a value above another, an amount that is below zero here) is judged
// by judging the set with this file in it: FilesWith.
//   in_force  the policy in force, for names and strength: whatever it says, a hand says it louder,
//             and the later hand louder than the earlier
//   desired   what that policy means here: the cgroups that can be named, the limits to lift
//   facts     cpu_ids and memory_nodes are what a lifted cpuset gets (it stays when they are not
//             known); boot_id ends a clamp, which is about a pid
//   now       seconds since the epoch
std::optional<HandDocument> WriteByHand(const HandRequest& request,
                                        const Policy& in_force,
                                        const Desired& desired,
                                        const HostFacts& facts,
                                        std::int64_t now,
                                        Findings& findings);

// The set with the document in it and without those that it replaces, in order of strength.
//   layer   of the directory it will be written to
SourceFiles FilesWith(const SourceFiles& files, const HandDocument& document, int layer);

// A document of a set that was written by hand.
struct HandInForce {
  HandVerb verb = HandVerb::kSet;
  std::string name;
  std::string file_name;
  std::vector<CgroupPath> cgroups;  // on which it sets something, sorted
  std::optional<std::int64_t> expires;
  std::string owner;
  std::string why;
};

// All of them, expired ones included, in the order of the set.
std::vector<HandInForce> HandsIn(const Policy& policy);

// A time as `--for` takes it: "90s", "30m", "2h", "1d"; whole numbers from 1 up, at most 10 years.
// nullopt for anything else.
std::optional<std::int64_t> ParseHandTime(std::string_view text);

// The same back, in the largest unit that divides it.
std::string FormatHandTime(std::int64_t seconds);

}  // namespace reeve::policy
