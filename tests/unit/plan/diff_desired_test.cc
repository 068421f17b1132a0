// SPDX-License-Identifier: Apache-2.0
#include "core/plan/diff_desired.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/findings_text.h"

namespace reeve::plan {
namespace {

CgroupPath Path(std::string_view text) {
  return *CgroupPath::Parse(text);
}

DesiredCgroup& Cgroup(Desired& desired, std::string_view path) {
  DesiredCgroup& cgroup = desired.cgroups[Path(path)];
  cgroup.path = Path(path);
  return cgroup;
}

void Set(Desired& desired, std::string_view path, std::string_view file, KnobValue value) {
  DesiredKnob knob;
  knob.knob = FindKnob(file);
  knob.value = std::move(value);
  Cgroup(desired, path).knobs[std::string(file)] = knob;
}

// "KIND path file: from -> to", one a line.
std::string Changes(const Desired& from, const Desired& to) {
  std::string text;
  for (const DesiredChange& change : DiffDesired(from, to)) {
    constexpr const char* kNames[] = {"added", "removed", "key", "property", "gap"};
    text += fmt::format("{}{} {} {}: {} -> {}\n",
                        change.observed_only ? "~" : "",
                        kNames[static_cast<std::size_t>(change.kind)],
                        change.path.text(),
                        change.file,
                        change.from,
                        change.to);
  }
  return text;
}

TEST(DiffDesired, TheSameIsNoChange) {
  Desired one;
  Set(one, "web", "pids.max", Limit(10));
  Desired other = one;
  // What stands elsewhere or is written otherwise means the same.
  other.cgroups[Path("web")].knobs["pids.max"].written = "5 * 2";
  other.cgroups[Path("web")].mark = {reeve::testing::TextFile("b.yaml", ""), 7, 1, 1};
  other.policy_hash = "sha256:other";

  EXPECT_EQ(Changes(one, other), "");
}

TEST(DiffDesired, KeysAreSetChangedAndGone) {
  Desired one;
  Set(one, "web", "pids.max", Limit(10));
  Set(one, "web", "memory.max", Limit(4096));
  Desired other;
  Set(other, "web", "memory.max", Limit(8192));
  Set(other, "web", "cpu.max", CpuMax{Limit(50'000), 100'000});

  EXPECT_EQ(Changes(one, other),
            "key web cpu.max:  -> 50000 100000\n"
            "key web memory.max: 4096 -> 8192\n"
            "key web pids.max: 10 -> \n");
}

TEST(DiffDesired, CgroupsComeAndGoWithTheirKeys) {
  Desired one;
  Set(one, "a", "pids.max", Limit(10));
  Desired other;
  Set(other, "b", "pids.max", Limit(20));

  EXPECT_EQ(Changes(one, other),
            "removed a :  -> \n"
            "key a pids.max: 10 -> \n"
            "added b :  -> \n"
            "key b pids.max:  -> 20\n");
}

TEST(DiffDesired, WordsOfReevesOwnCount) {
  Desired one;
  Cgroup(one, "web").labels = {{"tenant", "a"}, {"tier", "1"}};
  Desired other;
  Cgroup(other, "web").labels = {{"tenant", "b"}};
  Cgroup(other, "web").shrink = Shrink::kKill;
  Cgroup(other, "web").on_drift = OnDrift::kReport;

  EXPECT_EQ(Changes(one, other),
            "property web shrink: wait -> kill\n"
            "property web on_drift: repair -> report\n"
            "property web label tenant: a -> b\n"
            "property web label tier: 1 -> \n");
}

TEST(DiffDesired, GapsAndWhatIsOnlyObserved) {
  Desired one;
  one.gaps.push_back({Gap::Kind::kPending, Path("db"), "io.max", "no disk", {}, false});
  Desired other;
  other.gaps.push_back({Gap::Kind::kPending, Path("db"), "io.max", "no mount", {}, false});
  other.observed_only[Path("trial")].path = Path("trial");

  EXPECT_EQ(Changes(one, other),
            "~added trial :  -> \n"
            "gap db io.max: no disk -> \n"
            "gap db io.max:  -> no mount\n");
}

}  // namespace
}  // namespace reeve::plan
