// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/desired.h"
#include "core/model/way_up.h"

namespace reeve::plan {

// One way in which a cgroup may be held back, with what is in force for it: the tightest of all
// values on the way up.
struct Binding {
  enum class Kind {
    kCpuCeiling,     // cpu.max
    kCpuShare,       // cpu.weight, on the way down to here
    kMemoryCeiling,  // memory.max
    kMemoryBrake,    // memory.high
    kSwap,           // memory.swap.max
    kProcesses,      // pids.max
    kDisk,           // a column of io.max
  };

  Kind kind = Kind::kCpuCeiling;
  std::string device;                // kDisk: "8:0"
  std::string column;                // kDisk: "rbps"
  std::optional<std::size_t> step;   // index on the way up of who sets it; nullopt: nobody does
  std::optional<CpuMax> cpu;         // kCpuCeiling
  std::optional<Limit> limit;        // all others but the share
  std::optional<double> share;       // kCpuShare: 0..1, when everybody wants CPU
  SourceMark mark;                   // where a policy says so; unknown when none does
  bool drifted = false;              // ... but the kernel holds something else
  std::optional<double> now;         // in use at that step: cores, bytes, tasks
  std::optional<std::uint64_t> hit;  // how often it held back, over `seconds` of Explanation::span
  std::optional<std::uint64_t> of;   // kCpuCeiling: of how many periods
};

// What held back in the time between two looks.
struct RecentEvidence {
  std::optional<double> throttled;  // share of the periods, 0..1; the worst step on the way up
  std::size_t throttled_step = 0;
  // Hundredths of a percent of the last 10 seconds in which some task waited.
  std::optional<std::uint64_t> cpu_stalled;
  std::optional<std::uint64_t> memory_stalled;
  std::optional<std::uint64_t> io_stalled;
  std::uint64_t memory_hits = 0;  // memory.high and memory.max, at a step with a limit
  std::size_t memory_step = 0;
  std::uint64_t oom_kills = 0;     // in the cgroup itself and below
  std::uint64_t forks_failed = 0;  // at pids.max
  std::size_t forks_step = 0;
};

enum class Verdict {
  kNo,
  kYes,        // a limit that reeve set holds it back
  kNotOurs,    // a limit does, but one that no policy sets
  kUndecided,  // a limit below the managed root does, and nobody said which policies there are
  kUnknown,    // nothing could be seen
};

// Something that changed a key; from an event log.
struct KeyHistory {
  std::string when;  // as people shall read it
  std::string from;  // kernel text; "" = nothing
  std::string to;
  std::string who;   // "reeve, generation 42", "pid 8812 bash (root)"
  std::string what;  // "drift", "repair", ...
};

// A value of the same file in a cgroup on the way up.
struct ValueAbove {
  std::size_t step = 0;
  std::string text;      // as the kernel prints it
  bool tighter = false;  // so this one counts, and not the cgroup's own
};

struct KeyExplanation {
  std::string file;
  const Knob* knob = nullptr;
  std::optional<DesiredKnob> desired;      // nullopt: no policy sets it
  std::optional<Gap> gap;                  // or it can not be had here
  std::optional<std::string> kernel_text;  // nullopt: the file is not there
  bool verified = false;                   // the kernel holds what is desired
  std::vector<ValueAbove> above;           // for limits, nearest first
  std::vector<KeyHistory> history;         // newest first
};

// Why a cgroup is as it is. Points into nothing: a value to be shown now or later.
struct Explanation {
  CgroupPath path;
  bool there = false;      // the kernel has it
  bool judged = false;     // policies are known
  bool described = false;  // one of them names it
  bool observed_only = false;
  bool ours = false;  // it carries our mark
  SourceMark mark;
  std::string template_name;
  SourceMark row;  // of the data it is made of; unknown for what is no instance
  std::string owner;
  std::string why;
  std::optional<Expiry> expires;  // of what is said of it, or of what is around it
  std::map<std::string, std::string> labels;
  std::optional<std::uint64_t> tasks;
  WayUp way;
  std::vector<Binding> bindings;
  double span = 0;  // seconds that `hit` covers; 0 = since the cgroup was made
  RecentEvidence evidence;
  Verdict verdict = Verdict::kUnknown;
  std::string because;  // what holds it back, in words; "" when nothing does
  std::optional<KeyExplanation> key;
};

struct ExplainInput {
  CgroupPath path;
  std::string key;                   // "" = the cgroup as a whole
  const Desired* desired = nullptr;  // nullptr: no policies are known
  bool ours = false;
  WayUp way;                        // empty when the kernel has no such cgroup
  std::vector<KeyHistory> history;  // of the key
  std::uint64_t page_size = 4096;
};

Explanation Explain(ExplainInput input);

}  // namespace reeve::plan
