// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_desired_diff.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/findings_text.h"

namespace reeve::show {
namespace {

using plan::DesiredChange;

DesiredChange Change(std::string_view path, std::string file, std::string from, std::string to) {
  DesiredChange change;
  change.path = *CgroupPath::Parse(path);
  change.knob = FindKnob(file);
  change.file = std::move(file);
  change.from = std::move(from);
  change.to = std::move(to);
  const auto text = reeve::testing::TextFile("web.yaml", "");
  if (!change.from.empty()) change.from_mark = {text, 4, 1, 1};
  if (!change.to.empty()) change.to_mark = {text, 7, 1, 1};
  return change;
}

TEST(RenderDesiredDiff, ReadsLikeADiff) {
  std::vector<DesiredChange> changes = {Change("db", "", "", ""),
                                        Change("web", "memory.max", "4294967296", "8589934592"),
                                        Change("web", "pids.max", "10", ""),
                                        Change("web", "io.max", "", "no disk")};
  changes[0].kind = DesiredChange::Kind::kCgroupAdded;
  changes[3].kind = DesiredChange::Kind::kGap;

  EXPECT_EQ(RenderDesiredDiff("generation 41", "generation 42", changes, Paint(false)),
            "--- generation 41\n"
            "+++ generation 42\n"
            "@@ db @@\n"
            "+(the cgroup)\n"
            "@@ web @@\n"
            "-memory.max: 4GiB  # web.yaml:4\n"
            "+memory.max: 8GiB  # web.yaml:7\n"
            "-pids.max: 10  # web.yaml:4\n"
            "+io.max not possible here: no disk  # web.yaml:7\n");
}

TEST(RenderDesiredDiff, InstancesOfATemplateShareABlock) {
  std::vector<DesiredChange> changes;
  for (const char* path : {"u/1", "u/2", "u/3"}) {
    changes.push_back(Change(path, "pids.max", "10", std::string(path) == "u/2" ? "30" : "20"));
    changes.back().template_name = "u/<uid>";
  }

  EXPECT_EQ(RenderDesiredDiff("a", "b", changes, Paint(false)),
            "--- a\n+++ b\n"
            "@@ u/<uid> each x2 @@\n-pids.max: 10  # web.yaml:4\n+pids.max: 20  # web.yaml:7\n"
            "@@ u/2 @@\n-pids.max: 10  # web.yaml:4\n+pids.max: 30  # web.yaml:7\n");
}

TEST(RenderDesiredDiff, SaysWhenNothingDiffers) {
  EXPECT_EQ(RenderDesiredDiff("a.yaml", "b.yaml", {}, Paint(false)),
            "a.yaml and b.yaml mean the same here\n");
}

TEST(DesiredDiffJson, IsInKernelUnits) {
  const Json json =
      DesiredDiffJson("41", "42", {Change("web", "memory.max", "4294967296", "8589934592")});

  EXPECT_EQ(json["same"], false);
  EXPECT_EQ(json["changes"][0]["what"], "key");
  EXPECT_EQ(json["changes"][0]["from"], "4294967296");
  EXPECT_EQ(json["changes"][0]["to_at"]["line"], 7);
}

}  // namespace
}  // namespace reeve::show
