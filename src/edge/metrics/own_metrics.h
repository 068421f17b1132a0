// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/units.h"
#include "core/model/controller.h"
#include "core/model/report.h"
#include "edge/metrics/exposition_writer.h"

namespace reeve::metrics {

struct BuildFacts {
  std::string version;
  std::string revision;  // "" when not known, like the next ones
  std::string kernel;
  std::string systemd;
  std::uint64_t started_usec = 0;  // of this process, microseconds since the epoch
};

// What is true of the daemon now.
struct Health {
  struct Policy {
    std::uint64_t desired = 0;  // values it asks for
    std::uint64_t applied = 0;  // those in force
  };

  bool as_described = false;
  bool changed_on_disk = false;           // files differ from the generation in force, and wait
  std::uint64_t held = 0;                 // writes held back
  std::uint64_t refused = 0;              // writes the kernel would refuse
  std::uint64_t unsupported = 0;          // values this host cannot have
  std::uint64_t pending = 0;              // values that wait for a device, mount or user
  std::uint64_t generation = 0;           // accepted last; 0 = none yet
  std::uint64_t observed_generation = 0;  // the tree was last brought to; equal = converged
  bool last_load_successful = false;
  std::optional<std::int64_t> last_load_success;  // seconds since the epoch; absent: never
  std::map<std::string, Policy> policies;         // by file
  std::map<std::string, std::uint64_t>
      drift_fights;  // cgroup -> keys that somebody sets again and again
  // cgroup -> bytes in use above a limit that goes down in stages, or waits to
  std::map<std::string, std::uint64_t> shrinks;
  std::uint64_t shrinks_waiting = 0;  // those of them that wait
};

// Where events come from that can be lost.
enum class EventSource : std::uint8_t { kProc, kInotify, kFanotify };

// reeve's own health. Counts since the start of the process; one owner, no thread of its own.
class OwnMetrics {
 public:
  explicit OwnMetrics(const BuildFacts& build);
  ~OwnMetrics();
  OwnMetrics(OwnMetrics&&) noexcept;
  OwnMetrics& operator=(OwnMetrics&&) noexcept;

  void SetHealth(Health health);

  // The policies were read and judged.
  void CountLoad(bool successful);

  // A plan was carried out.
  void CountApply(const ApplyReport& report, Usec took);

  // A look at the tree, with its plan.
  void CountReconcile(Usec took);

  // A value was found changed by somebody else; it was put back, or could not be.
  void CountDrift(Controller controller);
  void CountRepair(Controller controller, bool successful);

  // The kernel dropped events; everything was looked at again because some may have been.
  void CountOverflow(EventSource source);
  void CountResync(EventSource source);

  // How late the loop came to something that was due.
  void CountLoopLag(Usec lag);

  void Write(ExpositionWriter& writer) const;

 private:
  struct Registered;

  Health health_;
  std::uint64_t started_usec_;
  std::unique_ptr<Registered> registered_;
};

}  // namespace reeve::metrics
