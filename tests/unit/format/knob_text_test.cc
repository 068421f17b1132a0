// SPDX-License-Identifier: Apache-2.0
#include "core/format/knob_text.h"

#include <gtest/gtest.h>

namespace reeve::format {
namespace {

Result<KnobValue> Parse(std::string_view file, std::string_view text) {
  return ParseKnob(*FindKnob(file), text);
}

std::string Format(std::string_view file, const KnobValue& value) {
  return FormatKnob(*FindKnob(file), value);
}

TEST(ParseKnob, OneNumberOrMax) {
  EXPECT_EQ(*Parse("memory.max", "max\n"), KnobValue(Limit::Max()));
  EXPECT_EQ(*Parse("memory.max", "67108864\n"), KnobValue(Limit(67'108'864)));
  EXPECT_EQ(*Parse("pids.max", "2000"), KnobValue(Limit(2000)));
  EXPECT_EQ(*Parse("cpu.weight", "0\n"), KnobValue(Limit(0)));  // 6.1 under cpu.idle
  EXPECT_EQ(*Parse("cpu.weight.nice", "-20\n"), KnobValue(std::int64_t{-20}));
  EXPECT_EQ(*Parse("cpu.idle", "1\n"), KnobValue(Limit(1)));
  EXPECT_EQ(*Parse("cpu.max.burst", "0\n"), KnobValue(Limit(0)));
}

TEST(ParseKnob, ThePeriodOfCpuMaxIsKeptAlsoWithoutQuota) {
  EXPECT_EQ(*Parse("cpu.max", "50000 100000\n"), KnobValue(CpuMax{Limit(50'000), 100'000}));
  EXPECT_EQ(*Parse("cpu.max", "max 50000\n"), KnobValue(CpuMax{Limit::Max(), 50'000}));
}

TEST(ParseKnob, PercentWithDecimals) {
  EXPECT_EQ(*Parse("cpu.uclamp.min", "20.00\n"), KnobValue(Limit(20'00)));
  EXPECT_EQ(*Parse("cpu.uclamp.max", "33.05\n"), KnobValue(Limit(33'05)));
  EXPECT_EQ(*Parse("cpu.uclamp.max", "max\n"), KnobValue(Limit::Max()));
  EXPECT_EQ(Format("cpu.uclamp.min", Limit(33'05)), "33.05");
  EXPECT_EQ(Format("cpu.uclamp.min", Limit(0)), "0.00");
}

TEST(ParseKnob, ListsOfIds) {
  EXPECT_EQ(*Parse("cpuset.cpus", "0-3,8\n"), KnobValue(IdSet{{{0, 3}, {8, 8}}}));
  EXPECT_EQ(*Parse("cpuset.cpus", "\n"), KnobValue(IdSet{}));
  EXPECT_EQ(*Parse("cpuset.mems", ""), KnobValue(IdSet{}));
  EXPECT_EQ(Format("cpuset.cpus", IdSet{{{0, 3}, {8, 8}}}), "0-3,8");
}

TEST(ParseKnob, AWordMayCarryAState) {
  for (std::string_view text : {"member",
                                "root",
                                "isolated",
                                "root invalid (Parent is not a partition root)",
                                "isolated invalid (cpuset.cpus is empty)",
                                "root invalid"}) {
    EXPECT_EQ(*Parse("cpuset.cpus.partition", text), KnobValue(std::string(text)));
  }
  EXPECT_EQ(*Parse("cgroup.type", "domain threaded\n"), KnobValue(std::string("domain threaded")));
  EXPECT_EQ(*Parse("io.prio.class", "none-to-rt\n"), KnobValue(std::string("none-to-rt")));
}

TEST(ParseKnob, TablesKeepEveryColumn) {
  const Table io{{{"8:0",
                   {{"rbps", Limit(1048576)},
                    {"wbps", Limit::Max()},
                    {"riops", Limit::Max()},
                    {"wiops", Limit(200)}}}}};
  EXPECT_EQ(*Parse("io.max", "8:0 rbps=1048576 wbps=max riops=max wiops=200\n"), KnobValue(io));
  EXPECT_EQ(*Parse("io.max", ""), KnobValue(Table()));

  const Table weights{{{"default", {{"", Limit(60)}}}, {"8:16", {{"", Limit(70)}}}}};
  EXPECT_EQ(*Parse("io.weight", "default 60\n8:16 70\n"), KnobValue(weights));
  EXPECT_EQ(Format("io.weight", weights), "default 60\n8:16 70");

  EXPECT_EQ(*Parse("io.latency", "8:0 target=5000\n"),
            KnobValue(Table{{{"8:0", {{"target", Limit(5000)}}}}}));
  const Table rdma{{{"mlx5_0", {{"hca_handle", Limit(2)}, {"hca_object", Limit::Max()}}}}};
  EXPECT_EQ(*Parse("rdma.max", "mlx5_0 hca_handle=2 hca_object=max\n"), KnobValue(rdma));
  EXPECT_EQ(*Parse("misc.max", "res_a max\nres_b 4\n"),
            KnobValue(Table{{{"res_a", {{"", Limit::Max()}}}, {"res_b", {{"", Limit(4)}}}}}));
  EXPECT_EQ(*Parse("dmem.max", "drm/0000:03:00.0/vram0 1073741824\n"),
            KnobValue(Table{{{"drm/0000:03:00.0/vram0", {{"", Limit(1'073'741'824)}}}}}));
}

TEST(ParseKnob, AColumnOfANewerKernelIsKept) {
  const std::string text = "8:0 rbps=1 wbps=2 riops=3 wiops=4 dbps=5";

  EXPECT_EQ(Format("io.max", *Parse("io.max", text)), text);
}

TEST(ParseKnob, HostTablesAreNormalText) {
  const std::string kernel =
      "254:0 enable=1 ctrl=user rpct=95.00 rlat=75000 wpct=95.00 wlat=150000 min=50.00 max=150.00";

  EXPECT_EQ(*Parse("io.cost.qos", kernel + "\n"), KnobValue(kernel));
  EXPECT_EQ(*Parse("io.cost.qos", "254:0 max=150 min=50 rpct=95 enable=1"),
            KnobValue(std::string("254:0 enable=1 rpct=95.00 min=50.00 max=150.00")));
}

TEST(ParseKnob, ControllersAreSortedAndStandOnce) {
  EXPECT_EQ(*Parse("cgroup.subtree_control", "memory cpu cpu\n"),
            KnobValue(std::string("cpu memory")));
}

// A number in the place where a file of this kind has one.
std::string WithNumber(const Knob& knob, std::string_view number) {
  std::string text(number);
  switch (knob.kind) {
    case ValueKind::kCpuMax:
      return text + " 100000";
    case ValueKind::kPercent:
      return text + ".00";
    case ValueKind::kDeviceLimits:
      return "8:0 rbps=" + text;
    case ValueKind::kDeviceWeights:
      return "default " + text;
    case ValueKind::kDeviceLatency:
      return "8:0 target=" + text;
    case ValueKind::kNamedCounts:
      return knob.words.empty() ? "sev " + text : "mlx5_0 hca_handle=" + text;
    case ValueKind::kNamedBytes:
      return "vram0 " + text;
    default:
      return text;
  }
}

bool HoldsNumbers(const Knob& knob) {
  return knob.kind != ValueKind::kControllers && knob.kind != ValueKind::kHostTable;
}

struct Wrong {
  std::string_view file;
  std::string_view text;
  std::string_view message;
};

TEST(ParseKnob, NothingIsGuessed) {
  for (const Wrong& wrong : std::initializer_list<Wrong>{
           {"memory.max", "", "memory.max: something is missing"},
           {"memory.max", "64M", "memory.max: unexpected \"64M\""},
           {"memory.max", " 64", "memory.max: unexpected \" 64\""},
           {"memory.max", "1\n2\n", "memory.max: unexpected \"1\\x0a2\""},
           {"memory.max", "infinity", "memory.max: unexpected \"infinity\""},
           {"cpu.weight", "max", "cpu.weight: unexpected \"max\""},
           {"cpu.idle", "2", "cpu.idle: unexpected \"2\""},
           {"cpu.idle", "true", "cpu.idle: unexpected \"true\""},
           {"cpu.max.burst", "max", "cpu.max.burst: unexpected \"max\""},
           {"cpu.weight.nice", "+3", "cpu.weight.nice: unexpected \"+3\""},
           {"cpu.max", "50000", "cpu.max: something is missing"},
           {"cpu.max", "max 100000 7", "cpu.max: unexpected \"7\""},
           {"cpu.max", "max 0", "cpu.max: unexpected \"0\""},
           {"cpu.max", "200% 100000", "cpu.max: unexpected \"200%\""},
           {"cpu.uclamp.min", "1.234", "cpu.uclamp.min: unexpected \"1.234\""},
           {"cpu.uclamp.min", "1.", "cpu.uclamp.min: unexpected \"1.\""},
           {"cpuset.cpus", "3-1", "cpuset.cpus: unexpected \"3-1\""},
           {"cpuset.cpus", "0-7:1/2", "cpuset.cpus: unexpected \"0-7:1/2\""},
           {"cpuset.cpus", "0,,1", "cpuset.cpus: something is missing"},
           {"cpuset.cpus.partition", "roots", "cpuset.cpus.partition: unexpected \"roots\""},
           {"cpuset.cpus.partition",
            "root invalid (\x1b[2J)",
            "cpuset.cpus.partition: unexpected \"root invalid (\\x1b[2J)\""},
           {"io.max", "8:0 rbps=1M", "io.max: unexpected \"rbps=1M\""},
           {"io.max", "8:0 rbps=1 rbps=2", "io.max: unexpected \"rbps=2\""},
           {"io.max", "8:0 =1", "io.max: unexpected \"=1\""},
           {"io.max", "8:0 r\x1b=1", "io.max: unexpected \"r\\x1b=1\""},
           {"misc.max", "a\xff 1", "misc.max: unexpected \"a\\xff\""},
           {"io.max", "/dev/sda rbps=1", "io.max: unexpected \"/dev/sda\""},
           {"io.max", "default rbps=1", "io.max: unexpected \"default\""},
           {"io.max", "8:0 rbps=1\n8:0 rbps=2", "io.max: unexpected \"8:0\""},
           {"io.weight", "default x", "io.weight: unexpected \"x\""},
           {"io.weight", "8:0 1 2", "io.weight: unexpected \"2\""},
           {"misc.max", "sev", "misc.max: unexpected \"sev\""},
           {"io.cost.qos", "8:0 enable", "io.cost.qos: unexpected \"enable\""},
           {"io.cost.qos", "sda enable=1", "io.cost.qos: unexpected \"sda\""},
           {"cgroup.subtree_control", "cpu +io", "cgroup.subtree_control: unexpected \"+io\""},
       }) {
    const auto value = Parse(wrong.file, wrong.text);
    ASSERT_FALSE(value.has_value()) << wrong.text;
    EXPECT_EQ(value.error().kind, ErrorKind::kInvalid);
    EXPECT_EQ(value.error().ToString(), wrong.message);
  }
}

// Kernels wrap such numbers around and report success (6.1 and 6.12: 7766279631452237824 for the first).
TEST(ParseKnob, F79_NumbersBeyond64BitsAreRefusedForEveryKind) {
  for (std::string_view number : {"99999999999999999999",
                                  "18446744073709551616",
                                  "100000000000000000000000000000000000000",
                                  "0x10000",
                                  "010",
                                  "-1"}) {
    for (const Knob& knob : AllKnobs()) {
      if (!HoldsNumbers(knob) || (knob.kind == ValueKind::kNice && number == "-1")) continue;
      const std::string text = WithNumber(knob, number);
      EXPECT_FALSE(ParseKnob(knob, text).has_value()) << knob.file << " " << text;
    }
  }
}

TEST(ParseKnob, ATextTooLongForAKernelIsNotRead) {
  EXPECT_EQ(Parse("io.max", std::string((1U << 20U) + 1, ' ')).error().ToString(),
            "io.max: 1048577 bytes are too many to be a kernel's answer");
}

TEST(ParseKnob, ALongTokenIsCutInTheMessage) {
  EXPECT_EQ(Parse("memory.max", std::string(100, 'x')).error().message,
            "unexpected \"" + std::string(60, 'x') + "...\"");
}

}  // namespace
}  // namespace reeve::format
