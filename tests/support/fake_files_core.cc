// SPDX-License-Identifier: Apache-2.0
// cgroup.*, cpu.stat and the pressure files: there without any controller.
#include <cerrno>
#include <utility>

#include "support/fake_files.h"

namespace reeve::support {
namespace {

using Place = FakeFile::Place;
using Text = FakeFile::Text;

Errno ParseHierarchyLimit(std::string_view text, int* limit) {
  text = Strstrip(text);
  if (text == "max") {
    *limit = INT_MAX;
    return 0;
  }
  int number = 0;
  if (Errno error = Kstrtoint(text, &number)) return error;
  if (number < 0) return ERANGE;
  *limit = number;
  return 0;
}

Text HierarchyLimitLine(int limit) {
  return Line(limit == INT_MAX ? "max" : std::to_string(limit));
}

}  // namespace

std::vector<FakeFile> CoreFiles::Make(FakeKernel& k) {
  std::vector<FakeFile> files;
  auto add = [&](std::string name, Place place, auto read, auto write) {
    FakeFile file;
    file.name = std::move(name);
    file.place = place;
    file.read = std::move(read);
    file.write = std::move(write);
    files.push_back(std::move(file));
  };
  add(
      "cgroup.type",
      Place::kNotRoot,
      [&k](const FakeCgroup& c) { return Line(k.TypeOf(c)); },
      [&k](FakeCgroup& c, std::string_view text) -> Errno {
        return Strstrip(text) == "threaded" ? k.EnableThreaded(c) : EINVAL;
      });
  add(
      "cgroup.procs",
      Place::kAll,
      [&k](const FakeCgroup& c) { return k.ListProcesses(c); },
      [&k](FakeCgroup& c, std::string_view text) { return k.MoveTask(c, text, true); });
  add(
      "cgroup.threads",
      Place::kAll,
      [&k](const FakeCgroup& c) { return k.ListThreads(c); },
      [&k](FakeCgroup& c, std::string_view text) { return k.MoveTask(c, text, false); });
  add(
      "cgroup.controllers",
      Place::kAll,
      [&k](const FakeCgroup& c) { return Line(k.Control(c).ToString()); },
      nullptr);
  add(
      "cgroup.subtree_control",
      Place::kAll,
      [](const FakeCgroup& c) { return Line(c.subtree_control.ToString()); },
      [&k](FakeCgroup& c, std::string_view text) { return k.WriteSubtreeControl(c, text); });
  add(
      "cgroup.events",
      Place::kNotRoot,
      [&k](const FakeCgroup& c) {
        return Line("populated " + std::to_string(k.IsPopulated(c)) + "\nfrozen " +
                    std::to_string(k.IsFrozen(c)));
      },
      nullptr);
  add(
      "cgroup.max.descendants",
      Place::kAll,
      [](const FakeCgroup& c) { return HierarchyLimitLine(c.max_descendants); },
      [](FakeCgroup& c, std::string_view text) {
        return ParseHierarchyLimit(text, &c.max_descendants);
      });
  add(
      "cgroup.max.depth",
      Place::kAll,
      [](const FakeCgroup& c) { return HierarchyLimitLine(c.max_depth); },
      [](FakeCgroup& c, std::string_view text) { return ParseHierarchyLimit(text, &c.max_depth); });
  add(
      "cgroup.stat",
      Place::kAll,
      [](const FakeCgroup& c) {
        return Line("nr_descendants " + std::to_string(c.Descendants()) +
                    "\nnr_dying_descendants 0");
      },
      nullptr);
  if (k.options().version >= 618) {
    add(
        "cgroup.stat.local",
        Place::kNotRoot,
        [](const FakeCgroup&) { return Line("frozen_usec 0"); },
        nullptr);
  }
  add(
      "cgroup.freeze",
      Place::kNotRoot,
      [](const FakeCgroup& c) { return Line(c.freeze ? "1" : "0"); },
      [](FakeCgroup& c, std::string_view text) { return ParseSwitch(text, ERANGE, &c.freeze); });
  add("cgroup.kill", Place::kNotRoot, nullptr, [&k](FakeCgroup& c, std::string_view text) -> Errno {
    int number = 0;
    if (Errno error = Kstrtoint(Strstrip(text), &number)) return error;
    return number == 1 ? k.KillAll(c) : ERANGE;
  });
  add(
      "cpu.stat",
      Place::kAll,
      [&k](const FakeCgroup& c) {
        std::string usec = std::to_string(k.CpuUsage(c));
        std::string text = "usage_usec " + usec + "\nuser_usec " + usec + "\nsystem_usec 0";
        if (k.options().version >= 612) text += "\nnice_usec 0";
        if (!c.is_root() && k.Control(c).Has(Controller::kCpu)) {
          text += "\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\nnr_bursts 0\nburst_usec 0";
        }
        return Line(text);
      },
      nullptr);
  if (k.options().version >= 607) {
    add(
        "cpu.stat.local",
        Place::kAll,
        [&k](const FakeCgroup& c) {
          return k.Control(c).Has(Controller::kCpu) && !c.is_root() ? Line("throttled_usec 0")
                                                                    : Text{};
        },
        nullptr);
  }
  return files;
}

std::vector<FakeFile> PressureFiles(const FakeKernel& kernel) {
  std::vector<FakeFile> files;
  if (!kernel.options().psi) return files;
  for (const char* name : {"cpu.pressure", "io.pressure", "memory.pressure"}) {
    FakeFile file;
    file.name = name;
    file.place = Place::kAll;
    file.read = [memory = file.name == "memory.pressure"](const FakeCgroup& c) {
      const std::string none = " avg10=0.00 avg60=0.00 avg300=0.00 total=";
      return Line("some" + none + std::to_string(memory ? c.memory_some_usec : 0) + "\nfull" +
                  none + std::to_string(memory ? c.memory_full_usec : 0));
    };
    file.visible = [](const FakeCgroup& c) { return c.pressure; };
    files.push_back(std::move(file));
  }
  if (kernel.options().version < 601) return files;
  FakeFile toggle;
  toggle.name = "cgroup.pressure";
  toggle.place = Place::kAll;
  toggle.read = [](const FakeCgroup& c) { return Line(c.pressure ? "1" : "0"); };
  toggle.write = [](FakeCgroup& c, std::string_view text) {
    return ParseSwitch(text, ERANGE, &c.pressure);
  };
  files.push_back(std::move(toggle));
  return files;
}

}  // namespace reeve::support
