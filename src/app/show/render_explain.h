// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/engine/shrinker.h"
#include "core/plan/explain.h"

namespace reeve::show {

// What is said around an explanation.
struct ExplainPaper {
  std::string host;
  std::string root;  // the managed root's absolute path
  plan::Explanation explanation;
  std::map<std::string, std::string> device_names;  // "8:0" -> "sda"
  std::vector<engine::ShrinkProgress> settling;     // its limits on their way down in stages
  std::int64_t now = 0;                             // seconds since the epoch
  // Of a unit of systemd: what it is, or with a key what `systemctl show` says of it; else "".
  std::string systemd = {};
};

// The cgroup as a whole, or the key that was asked about; ends with a newline.
std::string RenderExplain(const ExplainPaper& paper, const Paint& paint);

Json ExplainJson(const ExplainPaper& paper);

// 0, or 3 when neither the kernel nor a policy knows the cgroup.
int ExitCodeOf(const plan::Explanation& explanation);

}  // namespace reeve::show
