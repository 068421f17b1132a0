// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/unit_property.h"
#include "core/port/cgroup_fs.h"

namespace reeve::support {

// Units of systemd as a CgroupFs: flat, made and removed by nobody here; a write sets properties, and what
// is read is what systemd makes of them, or what somebody wrote past it into a unit's cgroup.
class FakeUnits final : public port::CgroupFs {
 public:
  struct Unit {
    CgroupId id = 0;
    bool active = true;
    PropertyValues properties;
    std::map<std::string, std::string> raw;  // file -> what somebody wrote past systemd
    std::uint64_t memory = 0;                // bytes in use
  };

  // A unit comes, or comes again; properties that were set at runtime are still there.
  void Start(const std::string& name);

  // It goes, and is not loaded any more.
  void Stop(const std::string& name);

  // It is forgotten with all that was set, as a transient one is.
  void Vanish(const std::string& name);

  void Use(const std::string& name, std::uint64_t bytes) { units_.at(name).memory = bytes; }

  // `systemctl set-property` by somebody else.
  void SetProperty(const std::string& name, std::string_view file, std::string_view text);

  void RawWrite(const std::string& name, const std::string& file, const std::string& text);

  // systemd writes what it knows into all cgroups.
  void DaemonReload();

  // No systemd of this version has a property for it.
  void Lacks(const std::string& file) { lacking_.insert(file); }

  std::string Text(const std::string& name, std::string_view file);

  // "write a.service memory.max 4096", "mark a.service"
  const std::vector<std::string>& journal() const { return journal_; }

  void ClearJournal() { journal_.clear(); }

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
  Result<Unit*> Find(const CgroupPath& path);
  Result<> Set(Unit& unit, std::string_view file, std::string_view text);

  std::map<std::string, Unit> units_;    // loaded
  std::map<std::string, Unit> dormant_;  // not loaded, with what is kept of them
  std::map<std::string, std::string> marks_;
  std::set<std::string> lacking_;
  std::vector<std::string> journal_;
  CgroupId next_id_ = 1;
};

}  // namespace reeve::support
