// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/daemon/control.h"
#include "app/show/exit_code.h"
#include "app/show/governed.h"
#include "app/show/render_desired_diff.h"
#include "app/show/render_explain.h"
#include "core/base/text.h"
#include "core/engine/sample.h"
#include "core/engine/way_up.h"
#include "core/engine/words.h"
#include "core/plan/diff_desired.h"
#include "core/plan/explain.h"
#include "edge/io/clock.h"

// Why a cgroup is as it is, and how two generations differ.
namespace reeve::daemon {
namespace {

// Ten periods of cpu.max: what is throttled shows, and nobody waits long for the answer.
constexpr Usec kBetweenLooks{1'000'000};
constexpr std::size_t kHistoryLines = 10;

WayUp Look(kernel::CgroupFsKernel& fs,
           const CgroupPath& path,
           const std::vector<std::string>& files) {
  WayUp way = engine::ReadWayUp(fs, path, fs.root(), files);
  engine::AddAbove(fs.root(), kernel::OpenTreeOf, files, way);
  return way;
}

// Newest first.
std::vector<plan::KeyHistory> HistoryOf(const engine::EventLog& log,
                                        const CgroupPath& path,
                                        const std::string& key,
                                        const show::ClockPair& clock) {
  std::vector<plan::KeyHistory> history;
  if (key.empty()) return history;
  const auto events = log.Of(path, key);
  for (auto event = events.rbegin(); event != events.rend() && history.size() < kHistoryLines;
       ++event) {
    const engine::Event& one = **event;
    const bool ours = one.kind == engine::Event::Kind::kRepair;
    history.push_back({show::Moment(clock.At(one.at) / 1'000'000, io::EpochSeconds()),
                       one.from,
                       one.to,
                       ours     ? "reeve"
                       : one.by ? engine::DescribeWriter(one.by.get())
                                : "",
                       std::string(engine::NameOf(one.kind))});
  }
  return history;
}

}  // namespace

// A unit that a policy names; everything else is a cgroup of the tree.
bool Control::IsUnit(const CgroupPath& path) const {
  const Units& units = governing_.units;
  return units.needed() && (units.desired().cgroups.contains(path) ||
                            std::any_of(units.desired().gaps.begin(),
                                        units.desired().gaps.end(),
                                        [&](const Gap& gap) { return gap.path == path; }));
}

// What held it back in between is the difference of two looks.
void Control::Explain(const http::Request& request, http::Responder responder) {
  const auto path = CgroupPath::Parse(Value(request, "cgroup"));
  const std::string key = Value(request, "key");
  if (!path.has_value() || (!key.empty() && FindKnob(key) == nullptr)) {
    responder.Send(Refuse(400,
                          !path.has_value() ? path.error().ToString()
                                            : key + " is no interface file that reeve knows",
                          show::kUsage));
    return;
  }
  WayUp first =
      IsUnit(*path) ? governing_.units.ReadWay(*path, {}) : Look(governing_.fs, *path, {});
  explains_.push_back(
      {request, std::move(responder), *path, key, io::BootTime(), std::move(first)});
  if (explains_.size() == 1) (void)explain_look_.FireAt(io::BootTime() + kBetweenLooks);
}

void Control::FinishExplain() {
  auto explains = std::move(explains_);
  explains_.clear();
  const TakingUp& taking_up = governing_.taking_up;
  const engine::Generations& generations = taking_up.generations();
  for (PendingExplain& asked : explains) {
    plan::ExplainInput input;
    input.path = asked.path;
    input.key = asked.key;
    const bool unit = IsUnit(asked.path);
    if (generations.has_generation()) {
      input.desired = unit ? &governing_.units.desired() : &governing_.engine.desired();
    }
    std::vector<std::string> files;
    if (!asked.key.empty()) files.push_back(asked.key);
    input.way =
        unit ? governing_.units.ReadWay(asked.path, files) : Look(governing_.fs, asked.path, files);
    // Whoever asked while another waited has waited for less.
    engine::AddBefore(asked.first,
                      std::chrono::duration<double>(io::BootTime() - asked.since).count(),
                      input.way);
    port::CgroupFs& fs = unit ? governing_.units.fs() : governing_.fs;
    const auto mark = fs.ReadMark(asked.path);
    input.ours = mark.has_value() && mark->has_value();
    input.page_size = taking_up.facts().page_size;
    input.history = HistoryOf(governing_.engine.events(), asked.path, asked.key, ClocksNow());
    show::ExplainPaper paper;
    paper.host = taking_up.facts().host;
    paper.root = governing_.fs.root();
    paper.device_names = engine::DeviceNames(taking_up.facts());
    paper.now = io::EpochSeconds();
    if (unit) {
      paper.root.clear();
      paper.systemd = asked.key.empty()
                          ? "a unit; `systemctl show " + asked.path.text() + "`"
                          : governing_.units.DescribeProperties(asked.path, asked.key);
    }
    for (engine::ShrinkProgress& shrink : governing_.engine.shrinks()) {
      if (shrink.path == asked.path) paper.settling.push_back(std::move(shrink));
    }
    paper.explanation = plan::Explain(std::move(input));
    const int code = show::ExitCodeOf(paper.explanation);
    if (code == show::kNotFound) {
      asked.responder.Send(Refuse(
          404,
          fmt::format(
              "no cgroup {} below {}, and no policy describes one", asked.path.text(), paper.root),
          code));
      continue;
    }
    asked.responder.Send(Answer(asked.request,
                                show::RenderExplain(paper, PaintFor(asked.request)),
                                show::ExplainJson(paper),
                                code));
  }
}

// "disk", or the number of a generation.
Result<engine::Generation> Control::Side(const std::string& name) {
  if (name == "disk") return governing_.taking_up.OnDisk();
  const auto number = ParseDecimal(name);
  if (!number) {
    return Error{ErrorKind::kInvalid, 0, name, "neither the number of a generation nor `disk`"};
  }
  return governing_.taking_up.Earlier(*number);
}

void Control::Diff(const http::Request& request, http::Responder responder) {
  const std::uint64_t number = governing_.taking_up.generations().number();
  std::string from = Value(request, "from");
  std::string to = Value(request, "to");
  // Without names: the files on disk against what is in force, else the last change.
  if (from.empty() && to.empty() &&
      governing_.taking_up.generations().disk_state() != engine::DiskState::kSame) {
    from = std::to_string(number);
    to = "disk";
  }
  if (to.empty()) to = std::to_string(number);
  if (from.empty()) from = std::to_string(number == 0 ? 0 : number - 1);
  const auto before = Side(from);
  const auto after = Side(to);
  for (const auto* side : {&before, &after}) {
    if (side->has_value() && (*side)->usable()) continue;
    const bool missing = !side->has_value() && side->error().kind == ErrorKind::kNotFound;
    const std::string why = side->has_value()
                                ? "it can not be used on this host; `reevectl check` says why"
                            : missing ? "it is not kept (any more); `reevectl history` lists them"
                                      : side->error().ToString();
    responder.Send(Refuse(missing ? 404 : 409,
                          fmt::format("{}: {}", side == &before ? from : to, why),
                          show::kTrouble));
    return;
  }
  const auto called = [](const std::string& name) {
    return name == "disk" ? "the files on disk" : "generation " + name;
  };
  auto changes = plan::DiffDesired(before->desired, after->desired);
  const auto units = plan::DiffDesired(before->units, after->units);
  changes.insert(changes.end(), units.begin(), units.end());
  responder.Send(
      Answer(request,
             show::RenderDesiredDiff(called(from), called(to), changes, PaintFor(request)),
             show::DesiredDiffJson(called(from), called(to), changes),
             changes.empty() ? show::kDone : show::kFailed));
}

}  // namespace reeve::daemon
