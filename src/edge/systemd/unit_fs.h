// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/desired.h"
#include "core/model/unit_property.h"
#include "core/port/cgroup_fs.h"
#include "edge/systemd/bus.h"
#include "edge/systemd/loop.h"
#include "edge/systemd/unit_marks.h"

namespace reeve::systemd {

// Units of systemd as cgroups: paths are names of units, all directly below the root, and an interface file
// holds what systemd's properties make of it; where a running unit's cgroup says something else, because
// somebody wrote past systemd, then that. What no policy sets (memory.current, cgroup.procs) is read from
// the cgroup. Reads from a cache that is filled over the bus, so nothing here waits.
//
// Nothing can be made, removed or moved here; what is written goes through UnitWriter. WriteFile is refused.
class UnitFs final : public port::CgroupFs {
 public:
  struct Options {
    // The hierarchy that systemd's cgroups lie in; null when there is none to be read.
    std::unique_ptr<port::CgroupFs> tree;
    std::uint64_t page_size = 4096;  // bytes
  };

  // The bus and the loop must outlive it.
  static Result<std::unique_ptr<UnitFs>> Make(Loop& loop,
                                              Bus& bus,
                                              UnitMarks marks,
                                              Options options);

  // Called when a unit's files may read otherwise than before.
  void OnTouch(std::function<void(const CgroupPath& unit)> touch) { on_touch_ = std::move(touch); }

  // Called when current() may have become true.
  void OnCurrent(std::function<void()> current) { on_current_ = std::move(current); }

  // Which units there are to be seen: those of `desired` and those that carry our mark, as far as they are
  // among `loaded`, and besides those of `also`. What came since `loaded` was judged is not shown: it would
  // look as if no policy wanted it.
  void Govern(std::shared_ptr<const Desired> desired,
              const std::set<std::string>& loaded,
              const std::set<std::string>& also);

  // Something about this unit may have moved, or about all of them.
  void LookAt(const std::string& unit);
  void LookAtAll();

  // Whether what is read here is what systemd said of all units that are to be seen.
  bool current() const;

  // Why it is not, in words.
  std::string why_not() const;

  // The properties of its file as they are; nullptr for a unit that is not known.
  const PropertyValues* PropertiesOf(const CgroupPath& unit) const;

  // Asks systemd for a unit's values and calls back when they are known, or can not be.
  void Refresh(const CgroupPath& unit, std::function<void(const Result<>&)> done);

  // Cgroups of the units that are to be seen, by the cgroup's path below the hierarchy: "system.slice/a.service".
  std::map<std::string, CgroupPath> Cgroups() const;

  Result<port::CgroupStat> Stat(const CgroupPath& path) override;
  Result<std::vector<std::string>> ListChildren(const CgroupPath& path) override;
  Result<std::string> ReadFile(const CgroupPath& path, std::string_view file) override;
  Result<std::string> WriteFile(const CgroupPath& path,
                                std::string_view file,
                                std::string_view text) override;
  Result<CgroupId> Create(const CgroupPath& path) override;
  Result<> Remove(const CgroupPath& path) override;
  Result<std::vector<std::int64_t>> ReadProcesses(const CgroupPath& path) override;
  Result<> AddProcess(const CgroupPath& path, std::int64_t pid) override;
  Result<std::optional<std::string>> ReadMark(const CgroupPath& path) override;
  Result<> WriteMark(const CgroupPath& path, std::string_view text) override;

 private:
  struct Unit {
    bool known = false;  // the rest is what systemd said last
    bool loaded = false;
    std::string life;                  // of a transient unit: which one of its name; else ""
    std::optional<CgroupPath> cgroup;  // while it has one
    PropertyValues properties;
    bool asking = false;
    bool ask_again = false;
    std::vector<std::function<void(const Result<>&)>> waiting;
  };

  UnitFs(Loop& loop, Bus& bus, UnitMarks marks, Options options);

  Result<> Start();
  Result<Unit*> Need(const CgroupPath& path);
  void Ask(const std::string& name);
  void GetAll(const std::string& name, std::string interface, Bus::Reply reply);
  void Answered(const std::string& name,
                const BusValue::List& values,
                const Result<BusValue::List>& general);
  void Failed(const std::string& name, const Error& error);
  void Finish(const std::string& name, Unit& unit, const Result<>& result);
  Result<std::string> ReadValue(const std::string& name, const Unit& unit, const Knob& knob);
  Result<std::string> ReadEvidence(const CgroupPath& path, const Unit& unit, std::string_view file);
  const DesiredKnob* WantedOf(const std::string& name, const Knob& knob) const;

  Loop& loop_;
  Bus& bus_;
  UnitMarks marks_;
  Options options_;
  std::shared_ptr<const Desired> desired_ = std::make_shared<const Desired>();
  std::map<std::string, Unit> units_;  // to be seen
  std::set<std::string> failed_;       // to be asked again
  Source retry_;
  std::function<void(const CgroupPath&)> on_touch_ = [](const CgroupPath&) {};
  std::function<void()> on_current_ = [] {};
};

}  // namespace reeve::systemd
