// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

using ::testing::ElementsAre;

Options Read(const std::string& text, policy::Findings& findings) {
  auto file = std::make_shared<SourceFile>();
  file->name = "reeved.yaml";
  file->text = text;
  Options options;
  ReadConfig(file, options, findings);
  return options;
}

std::string FirstFinding(const std::string& text) {
  policy::Findings findings;
  Read(text, findings);
  if (findings.all().empty()) return "";
  const policy::Diagnostic& first = findings.all().front();
  return first.mark.FileLineColumn() + " " + first.code + " " + first.message +
         (first.hint.empty() ? "" : " / " + first.hint);
}

TEST(Config, EveryKeyIsTaken) {
  policy::Findings findings;
  const Options options = Read(
      "root: /sys/fs/cgroup/x\npolicy_dir: [/a, /b]\nfacts_dir: /f\nstate_dir: /s\n"
      "socket: /r/c.sock\nsettle: 500ms\nlog_level: warning\nweb: {listen_address: '[::1]:9797'}\n"
      "take_up: reload\ntell_terminal: false\nnested: true\n"
      "guards: {max_remove: 10 %, max_change: 100%, max_move: 7, at_least: 0}\n",
      findings);

  EXPECT_TRUE(findings.all().empty());
  EXPECT_EQ(options.root, "/sys/fs/cgroup/x");
  EXPECT_THAT(options.policy_dirs, ElementsAre("/a", "/b"));
  EXPECT_EQ(options.facts_dir, "/f");
  EXPECT_EQ(options.state_dir, "/s");
  EXPECT_EQ(options.socket, "/r/c.sock");
  EXPECT_EQ(options.settle, Usec(500'000));
  EXPECT_EQ(options.log_level, io::LogLevel::kWarning);
  EXPECT_EQ(options.listen_address, "[::1]:9797");
  EXPECT_EQ(options.take_up, engine::TakeUp::kReload);
  EXPECT_FALSE(options.tell_terminal);
  EXPECT_TRUE(options.nested);
  EXPECT_EQ(options.guards, (engine::GuardLimits{10, 100, 7, 0}));
}

TEST(Config, TheShippedFileSaysNothingButDefaults) {
  policy::Findings findings;
  const Options options = Read("# all commented out\n", findings);
  EXPECT_TRUE(findings.all().empty());
  EXPECT_EQ(options.state_dir, "/var/lib/reeve");
}

TEST(Config, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(FirstFinding("rot: /x\n"),
            "reeved.yaml:1:1 R0101 unknown key `rot` / did you mean `root`?");
  EXPECT_EQ(FirstFinding("root:\n").substr(0, 38), "reeved.yaml:1:1 R0114 `root` needs a t");
  EXPECT_EQ(FirstFinding("settle: soon\n"),
            "reeved.yaml:1:9 R0220 this is not a duration / 2s, 500ms or 1m");
  EXPECT_EQ(FirstFinding("web: {listen_address: 80}\n"),
            "reeved.yaml:1:23 R0114 this is not ADDRESS:PORT");
  EXPECT_EQ(FirstFinding("- root\n").substr(0, 21), "reeved.yaml:1:1 R0114");
}

TEST(Config, GuardsAreShares) {
  EXPECT_EQ(FirstFinding("guards: {max_remove: 101}\n"),
            "reeved.yaml:1:22 R0114 `max_remove` needs a number from 0 to 100 / 25 %");
  EXPECT_EQ(FirstFinding("guards: {max_delete: 5}\n").substr(0, 47),
            "reeved.yaml:1:10 R0101 unknown key `max_delete`");
  EXPECT_EQ(FirstFinding("take_up: never\n"),
            "reeved.yaml:1:10 R0209 `take_up` is `auto` or `reload`");
}

TEST(Config, TheTreeHasWeightsAndControllers) {
  policy::Findings findings;
  const Options options =
      Read("tree: {cpu.weight: 200, io.weight: 50, memory.low: 4GiB, delegate: [hugetlb, misc]}\n",
           findings);
  EXPECT_TRUE(findings.all().empty());
  EXPECT_EQ(options.tree,
            (HomeOptions{{{"cpu.weight", 200}, {"io.weight", 50}, {"memory.low", 4ULL << 30}},
                         {Controller::kHugetlb, Controller::kMisc}}));

  EXPECT_EQ(FirstFinding("tree: {cpu.weight: 0}\n"),
            "reeved.yaml:1:20 R0114 `cpu.weight` needs a number from 1 to 10000 / 200");
  EXPECT_EQ(FirstFinding("tree: {memory.low: 25% of host}\n").substr(0, 24),
            "reeved.yaml:1:20 R0114 `");
  EXPECT_EQ(FirstFinding("tree: {cpu.weigt: 5}\n"),
            "reeved.yaml:1:8 R0101 unknown key `cpu.weigt` / did you mean `cpu.weight`?");
  EXPECT_EQ(FirstFinding("tree: {delegate: [cpu]}\n").substr(0, 22), "reeved.yaml:1:18 R0209");
  EXPECT_EQ(FirstFinding("tree: reeve.slice\n").substr(0, 21), "reeved.yaml:1:7 R0114");
}

TEST(Config, DurationsAndAddresses) {
  EXPECT_EQ(ParseDuration("2s"), Usec(2'000'000));
  EXPECT_EQ(ParseDuration("1m"), Usec(60'000'000));
  EXPECT_FALSE(ParseDuration("2").has_value());
  EXPECT_FALSE(ParseDuration("-1s").has_value());
  EXPECT_FALSE(ParseDuration("99999999999999999999s").has_value());
  EXPECT_TRUE(IsListenAddress("127.0.0.1:9797"));
  EXPECT_FALSE(IsListenAddress("127.0.0.1:0"));
  EXPECT_FALSE(IsListenAddress("127.0.0.1:65536"));
  EXPECT_FALSE(IsListenAddress("::1:80"));
  EXPECT_FALSE(IsListenAddress(":80"));
}

}  // namespace
}  // namespace reeve::daemon
