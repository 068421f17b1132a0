// SPDX-License-Identifier: Apache-2.0
// What reeve costs beside the bare system calls or a peer, interleaved in one run.
// Usage: reeve_perf CGROUP_DIR
// Prints a line a benchmark: ours, the floor or peer, the ratio, the budget. Exit 1 when a budget
// is missed. F93: trees of 10,000 cgroups.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include <fmt/format.h>

#include "core/engine/applier.h"
#include "core/engine/engine.h"
#include "core/engine/generation.h"
#include "core/engine/generations.h"
#include "core/engine/planning.h"
#include "core/format/knob_text.h"
#include "core/model/knob.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/policy_dir.h"
#include "floor.h"
#include "measure.h"
#include "scrape.h"
#include "support/temp_dir.h"

namespace reeve::perf {
namespace {

constexpr int kRounds = 5;
constexpr std::uint64_t kPage = 4096;

struct Row {
  std::string what;
  double ours = 0;    // milliseconds of CPU
  double floor = 0;   // the same; 0 when there is none
  double budget = 0;  // of the ratio, or of `ours` when there is no floor
};

bool Print(const Row& row) {
  const bool by_ratio = row.floor > 0;
  const double figure = by_ratio ? row.ours / row.floor : row.ours;
  const bool kept = figure <= row.budget;
  std::printf("%-44s %9.1f ms", row.what.c_str(), row.ours);
  if (by_ratio) {
    std::printf("  floor %9.1f ms  ratio %5.2f  budget %5.2f", row.floor, figure, row.budget);
  } else {
    std::printf("                                    budget %5.0f ms", row.budget);
  }
  std::printf("  %s\n", kept ? "PASS" : "FAIL");
  std::fflush(stdout);
  return kept;
}

// A peer's cost is printed with the ratio; the budget is our own time.
bool PrintBesidePeer(const std::string& what, double ours, double peer, double budget) {
  const bool kept = ours <= budget;
  std::printf("%-44s %9.1f ms  peer  %9.1f ms  ratio %5.2f  budget %5.0f ms  %s\n",
              what.c_str(),
              ours,
              peer,
              ours / peer,
              budget,
              kept ? "PASS" : "FAIL");
  std::fflush(stdout);
  return kept;
}

class NoData final : public port::DataSource {
 public:
  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    return Error{ErrorKind::kNotFound, 0, name, "no data in a benchmark"};
  }

  Result<std::vector<std::string>> MatchPaths(const std::string&) override {
    return std::vector<std::string>();
  }
};

// Limits where the controllers are, else files that every cgroup has.
FileValues FilesFor(ControllerSet handed_down) {
  if (handed_down.Has(Controller::kMemory) && handed_down.Has(Controller::kCpu) &&
      handed_down.Has(Controller::kPids)) {
    return {{"cpu.max", "50000 100000"},
            {"memory.high", "8388608"},
            {"memory.max", "16777216"},
            {"pids.max", "100"}};
  }
  return {{"cgroup.freeze", "0"},
          {"cgroup.max.depth", "7"},
          {"cgroup.max.descendants", "9"},
          {"cgroup.pressure", "1"}};
}

ControllerSet ControllersOf(const FileValues& files) {
  ControllerSet set;
  for (const auto& file : files) set.Add(FindKnob(file.first)->controller);
  set.Remove(Controller::kCore);
  return set;
}

Desired DesiredFlat(std::size_t cgroups, const FileValues& files) {
  Desired desired;
  desired.root_subtree_control = ControllersOf(files);
  for (std::size_t i = 0; i < cgroups; ++i) {
    DesiredCgroup cgroup;
    cgroup.path = *CgroupPath::Parse(NameOf(i));
    for (const auto& [file, value] : files) {
      DesiredKnob& knob = cgroup.knobs[file];
      knob.knob = FindKnob(file);
      knob.value = *format::ParseKnob(*knob.knob, value);
    }
    desired.cgroups.emplace(cgroup.path, std::move(cgroup));
  }
  return desired;
}

// The text of a scrape, beside prometheus-cpp's serializer with the same series.
bool Scrape(std::size_t cgroups, double budget_ms) {
  const ScrapeCost cost = MeasureScrape(cgroups, kRounds);
  return PrintBesidePeer(
      fmt::format(
          "scrape, {} series, {:.1f} MB", cost.series, static_cast<double>(cost.bytes) / 1e6),
      cost.ours * 1e3,
      cost.peer * 1e3,
      budget_ms);
}

// A whole answer in gzip, beside the plain one.
bool ScrapeInGzip(std::size_t cgroups, double budget_ms) {
  const GzipCost cost = MeasureGzip(cgroups, kRounds);
  const bool kept = cost.gzip * 1e3 <= budget_ms;
  std::printf("%-44s %9.1f ms  plain %9.1f ms  ratio %5.2f  budget %5.0f ms  %s\n",
              fmt::format("the same in gzip, {:.1f} MB of {:.1f}",
                          static_cast<double>(cost.gzip_bytes) / 1e6,
                          static_cast<double>(cost.plain_bytes) / 1e6)
                  .c_str(),
              cost.gzip * 1e3,
              cost.plain * 1e3,
              cost.gzip / cost.plain,
              budget_ms,
              kept ? "PASS" : "FAIL");
  std::fflush(stdout);
  return kept;
}

class Bench {
 public:
  explicit Bench(kernel::CgroupFsKernel& fs)
      : fs_(fs), root_(::open(fs.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    // Both sides find the controllers handed down: what costs is the cgroups, not one write.
    const ControllerSet there =
        ControllerSet::Parse(*fs_.ReadFile(CgroupPath(), "cgroup.controllers"));
    files_ = FilesFor(there);
    const ControllerSet needed = ControllersOf(files_);
    if (!needed.empty()) {
      (void)fs_.WriteFile(CgroupPath(), "cgroup.subtree_control", needed.ToString("+"));
    }
  }

  ~Bench() { ::close(root_); }

  bool Build(std::size_t cgroups, double budget) {
    const Desired desired = DesiredFlat(cgroups, files_);
    std::vector<double> ours;
    std::vector<double> floor;
    for (int round = 0; round < kRounds; ++round) {
      floor.push_back(Measure([&] { FloorBuild(root_, cgroups, files_); }));
      FloorDestroy(root_, cgroups);
      ours.push_back(Measure([&] { BuildOurs(desired); }));
      FloorDestroy(root_, cgroups);
    }
    return Print({fmt::format("build {} cgroups x {} files", cgroups, files_.size()),
                  Median(ours) * 1e3,
                  Median(floor) * 1e3,
                  budget});
  }

  // The daemon's pass over a tree that it has built and that nobody has touched.
  bool Converged(std::size_t cgroups, double budget) {
    engine::Engine engine(fs_, kPage);
    engine.SetDesired(DesiredFlat(cgroups, files_));
    const engine::Instant now(1);
    while (engine.Step(now)) {
    }
    if (!engine.as_described()) Fail("not all could be built");
    std::vector<double> ours;
    std::vector<double> floor;
    for (int round = 0; round < kRounds; ++round) {
      floor.push_back(Measure([&] { FloorRead(root_, cgroups, files_); }));
      ours.push_back(Measure([&] {
        engine.MarkDirty();
        while (engine.Step(now)) {
        }
      }));
      if (!engine.as_described()) Fail("a converged tree has a plan");
    }
    FloorDestroy(root_, cgroups);
    return Print({fmt::format("converged pass, {} cgroups x {} files", cgroups, files_.size()),
                  Median(ours) * 1e3,
                  Median(floor) * 1e3,
                  budget});
  }

  // From text to an empty plan, on a tree that is as described; observing is not counted.
  bool ParseToPlan(std::size_t cgroups, std::size_t file_count, double budget_ms) {
    std::vector<std::shared_ptr<const SourceFile>> sources = Sources(cgroups, file_count);
    const HostFacts facts = Facts();
    NoData data;
    const Desired built = engine::Judge(sources, facts, data, 0).desired;
    BuildOurs(built);
    engine::Observer observer(fs_);
    Observed observed = observer.Observe(built);
    std::vector<double> ours;
    for (int round = 0; round < kRounds; ++round) {
      ours.push_back(Measure([&] {
        const engine::Generation generation = engine::Judge(sources, facts, data, 0);
        if (!generation.usable()) Fail("the generated policy has findings");
        const plan::PlanDraft draft = plan::MakePlan(generation.desired, observed, {});
        if (!draft.plan.empty()) Fail("a converged tree has a plan");
      }));
    }
    FloorDestroy(root_, cgroups);
    return Print({fmt::format("parse to plan, {} cgroups in {} file{}",
                              cgroups,
                              file_count,
                              file_count == 1 ? "" : "s"),
                  Median(ours) * 1e3,
                  0,
                  budget_ms});
  }

  // A saved file to a plan: the directory read, judged, guarded, resolved and compared, when one
  // value of one file has changed since the set in force; observing is not counted.
  bool Reload(std::size_t cgroups, std::size_t file_count, double budget_ms) {
    const auto sources = Sources(cgroups, file_count);
    const support::TempDir directory;
    for (const auto& source : sources) directory.Write(source->name, source->text);
    kernel::PolicyDirs dirs({{directory.path(), 1}}, kernel::Ownership::kAny);
    const HostFacts facts = Facts();
    NoData data;
    const Desired built = engine::Judge(sources, facts, data, 0).desired;
    BuildOurs(built);
    engine::Observer observer(fs_);
    const Observed observed = observer.Observe(built);

    engine::Generations generations({});
    std::size_t writes = 0;
    const engine::World world{facts,
                              data,
                              0,
                              [&](const Desired& desired) {
                                Plan plan = plan::MakePlan(desired, observed, {}).plan;
                                writes = plan.actions.size();
                                return plan;
                              },
                              {},
                              {}};
    const auto consider = [&] {
      const auto set = dirs.Read();
      if (!set.has_value()) Fail("the policy directory can not be read");
      if (generations.Consider(*set, {}, world).kind != engine::Verdict::Kind::kTaken) {
        Fail("a changed set was not taken");
      }
    };
    consider();
    std::vector<double> ours;
    const SourceFile& changed = *sources[file_count / 2];
    const auto count = std::find_if(files_.begin(), files_.end(), [](const auto& file) {
      return FindKnob(file.first)->kind == ValueKind::kCount;
    });
    const std::string line = fmt::format("{}: \"{}\"", count->first, count->second);
    for (int round = 0; round < kRounds; ++round) {
      std::string text = changed.text;
      text.replace(text.find(line), line.size(), fmt::format("{}: {}", count->first, 50 - round));
      directory.Write(changed.name, text);
      ours.push_back(Measure(consider));
      if (writes != 1) Fail("one change is not one write");
    }
    FloorDestroy(root_, cgroups);
    return Print({fmt::format("reload with one change, {} cgroups in {} file{}",
                              cgroups,
                              file_count,
                              file_count == 1 ? "" : "s"),
                  Median(ours) * 1e3,
                  0,
                  budget_ms});
  }

 private:
  [[noreturn]] static void Fail(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(2);
  }

  HostFacts Facts() const {
    HostFacts facts;
    facts.cpus = 4;
    facts.memory = 8ULL << 30;
    facts.max_tasks = 32768;
    facts.controllers = ControllersOf(files_) | ControllerSet{Controller::kCpu};
    return facts;
  }

  void BuildOurs(const Desired& desired) {
    engine::Observer observer(fs_);
    const engine::Planned planned = ObserveAndPlan(observer, desired, {});
    const ApplyReport report = engine::ApplyAll(fs_, planned.plan, kPage);
    if (!report.ok()) Fail("not all could be built");
  }

  std::vector<std::shared_ptr<const SourceFile>> Sources(std::size_t cgroups,
                                                         std::size_t file_count) {
    std::vector<std::shared_ptr<const SourceFile>> sources;
    std::size_t next = 0;
    for (std::size_t f = 0; f < file_count; ++f) {
      auto source = std::make_shared<SourceFile>();
      source->name = fmt::format("{:03}.yaml", f);
      source->text =
          fmt::format("apiVersion: reeve/v1\nkind: Policy\nmetadata: {{name: p{}}}\ncgroups:\n", f);
      for (const std::size_t end = cgroups * (f + 1) / file_count; next < end; ++next) {
        source->text += "  " + NameOf(next) + ":\n";
        for (const auto& [file, value] : files_) {
          source->text += fmt::format("    {}: \"{}\"\n", file, value);
        }
      }
      sources.push_back(std::move(source));
    }
    return sources;
  }

  kernel::CgroupFsKernel& fs_;
  int root_;
  FileValues files_;
};

}  // namespace

// Another load on the machine only ever makes a figure worse, so one of three runs within the budget shows that it is
// kept; all three are printed.
template <typename Benchmark>
bool Kept(Benchmark run) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (run()) return true;
  }
  return false;
}

}  // namespace reeve::perf

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: reeve_perf CGROUP_DIR (an empty cgroup of its own)\n");
    return 64;
  }
  auto fs = reeve::kernel::CgroupFsKernel::Open(argv[1]);
  if (!fs.has_value()) {
    std::fprintf(stderr, "%s\n", fs.error().ToString().c_str());
    return 2;
  }
  using reeve::perf::Kept;
  reeve::perf::Bench bench(**fs);
  bool kept = Kept([&] { return bench.Build(1'000, 1.3); });
  kept = Kept([&] { return bench.Build(10'000, 1.4); }) && kept;
  kept = Kept([&] { return bench.Converged(10'000, 1.2); }) && kept;
  kept = Kept([&] { return bench.ParseToPlan(10'000, 100, 400); }) && kept;
  kept = Kept([&] { return bench.ParseToPlan(10'000, 1, 400); }) && kept;
  kept = Kept([&] { return reeve::perf::Scrape(10'000, 25); }) && kept;
  kept = Kept([&] { return reeve::perf::ScrapeInGzip(10'000, 250); }) && kept;
  kept = Kept([&] { return bench.Reload(10'000, 100, 150); }) && kept;
  kept = Kept([&] { return bench.Reload(10'000, 1, 400); }) && kept;
  return kept ? 0 : 1;
}
