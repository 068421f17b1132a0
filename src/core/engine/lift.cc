// SPDX-License-Identifier: Apache-2.0
#include "core/engine/lift.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/knob_text.h"
#include "core/format/owner_mark.h"
#include "core/model/knob.h"
#include "core/model/observed.h"

namespace reeve::engine {
namespace {

bool IsVanished(const Error& error) {
  return error.kind == ErrorKind::kGone || error.kind == ErrorKind::kNotFound;
}

bool IsCpuset(std::string_view file) {
  return file == "cpuset.cpus" || file == "cpuset.mems";
}

// The loosest value of a limit that reads `now`; nullopt for what is no limit.
std::optional<KnobValue> LoosestOf(const Knob& knob, const KnobValue& now) {
  if (knob.direction != Direction::kLargerLooser) return std::nullopt;
  switch (knob.kind) {
    case ValueKind::kBytes:
    case ValueKind::kCount:
    case ValueKind::kPercent:
      return Limit::Max();
    case ValueKind::kCpuMax: {
      CpuMax max;
      if (const auto* old = std::get_if<CpuMax>(&now)) max.period = old->period;
      return max;
    }
    case ValueKind::kDeviceLimits:
    case ValueKind::kNamedCounts:
    case ValueKind::kNamedBytes: {
      Table loosest;
      if (const auto* table = std::get_if<Table>(&now)) loosest = *table;
      for (auto& [name, row] : loosest.rows) {
        for (auto& [column, limit] : row) limit = Limit::Max();
      }
      return loosest;
    }
    default:
      return std::nullopt;
  }
}

class Lifter {
 public:
  explicit Lifter(port::CgroupFs& fs) : fs_(fs) {}

  LiftReport Run() {
    Find(CgroupPath());
    partitions_ = std::ranges::any_of(marks_, [](const auto& entry) {
      return entry.second.keys.contains("cpuset.cpus.partition");
    });
    // Outermost first: what a cgroup is given, the one above it must have.
    std::vector<const std::pair<const CgroupPath, OwnerMark>*> inwards;
    inwards.reserve(marks_.size());
    for (const auto& entry : marks_) inwards.push_back(&entry);
    std::ranges::stable_sort(inwards, {}, [](const auto* entry) { return entry->first.depth(); });
    for (const auto* entry : inwards) Lift(entry->first, entry->second);
    report_.governed = marks_.size();
    return std::move(report_);
  }

 private:
  void Find(const CgroupPath& path) {
    auto names = fs_.ListChildren(path);
    if (!names.has_value()) {
      Fail(names.error());
      return;
    }
    for (const std::string& name : *names) {
      const CgroupPath child = path.Child(name);
      const auto text = fs_.ReadMark(child);
      if (!text.has_value()) {
        Fail(text.error());
      } else if (text->has_value()) {
        // A mark that is not understood is a newer reeve's, or nobody's: not ours to touch.
        auto mark = format::ParseOwnerMark(**text);
        if (mark.has_value()) {
          marks_.emplace(child, *std::move(mark));
        } else {
          Fail({ErrorKind::kUnsupported, 0, child.text(), mark.error().message});
        }
      }
      Find(child);
    }
  }

  void Lift(const CgroupPath& path, const OwnerMark& mark) {
    const std::size_t before = report_.values;
    for (const auto& [file, reset] : mark.keys) {
      const Knob* knob = FindKnob(file);
      if (knob == nullptr) {
        Keep(path, file, "reeve does not know what it does");
      } else if (IsCpuset(file)) {
        LiftCpuset(path, *knob);
      } else {
        LiftKnob(path, *knob);
      }
    }
    if (report_.values != before) ++report_.cgroups;
    if (mark.keys.contains("cgroup.freeze")) {
      const auto freeze = fs_.ReadFile(path, "cgroup.freeze");
      if (freeze.has_value() && Trim(*freeze) == "1") report_.frozen.push_back(path);
    }
  }

  void LiftKnob(const CgroupPath& path, const Knob& knob) {
    if (knob.direction != Direction::kLargerLooser) return;
    const auto now = Read(path, knob);
    if (!now) return;
    const auto loosest = LoosestOf(knob, *now);
    if (loosest) Write(path, knob, *loosest, *now);
  }

  // To every CPU or node that the managed root may use: kernels before 7 do not let a populated
  // cgroup give its list back.
  void LiftCpuset(const CgroupPath& path, const Knob& knob) {
    if (partitions_) {
      Keep(path, knob.file, "a partition needs CPUs that nobody else has");
      return;
    }
    const auto now = Read(path, knob);
    if (!now) return;
    const auto* set = std::get_if<IdSet>(&*now);
    if (set == nullptr || set->ranges.empty()) {
      ++report_.loose_already;
      return;
    }
    const auto all = fs_.ReadFile(CgroupPath(), fmt::format("{}.effective", knob.file));
    if (!all.has_value()) {
      Fail(all.error());
      return;
    }
    const auto whole = format::ParseKnob(knob, *all);
    if (!whole.has_value()) {
      Fail(whole.error());
    } else {
      Write(path, knob, *whole, *now);
    }
  }

  std::optional<KnobValue> Read(const CgroupPath& path, const Knob& knob) {
    const auto text = fs_.ReadFile(path, knob.file);
    // A file that is not there limits nobody.
    if (!text.has_value() && text.error().kind == ErrorKind::kUnsupported) return std::nullopt;
    if (!text.has_value()) {
      Fail(text.error());
      return std::nullopt;
    }
    auto value = format::ParseKnob(knob, *text);
    if (value.has_value()) return *std::move(value);
    Fail(value.error());
    return std::nullopt;
  }

  void Write(const CgroupPath& path,
             const Knob& knob,
             const KnobValue& loosest,
             const KnobValue& now) {
    const auto lines = format::WritesFor(knob, loosest, &now, true);
    if (loosest == now || lines.empty()) {
      ++report_.loose_already;
      return;
    }
    bool all = true;
    for (const std::string& line : lines) {
      const auto written = fs_.WriteFile(path, knob.file, line);
      if (written.has_value()) continue;
      Fail(written.error());
      all = false;
    }
    if (all) ++report_.values;
  }

  void Keep(const CgroupPath& path, std::string_view file, std::string_view why) {
    report_.kept.push_back(fmt::format("{} {}: {}", path.text(), file, why));
  }

  // What vanishes meanwhile has no limits any more.
  void Fail(const Error& error) {
    if (!IsVanished(error)) report_.failures.push_back(error);
  }

  port::CgroupFs& fs_;
  std::map<CgroupPath, OwnerMark> marks_;
  bool partitions_ = false;
  LiftReport report_;
};

}  // namespace

LiftReport LiftEverything(port::CgroupFs& fs) {
  return Lifter(fs).Run();
}

}  // namespace reeve::engine
