// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/show/exit_code.h"
#include "app/show/governed.h"
#include "app/show/live_tree.h"
#include "app/show/paint.h"
#include "app/show/printing.h"
#include "app/show/render_tree.h"
#include "core/model/plan.h"
#include "core/policy/diagnostic.h"

namespace reeve::show {

// What is, and how it compares with a policy if one was given.
struct StatusPaper {
  std::string host;
  std::string root;
  std::vector<std::string> files;
  LiveTree live;
  const Plan* plan = nullptr;        // what an apply would do; nullptr: nothing to compare with
  const Desired* desired = nullptr;  // for templates; may be nullptr
  // Errors in the policies: the tree is shown all the same, but nothing is compared.
  const std::vector<policy::Diagnostic>* load_errors = nullptr;
  const Governed* governed = nullptr;  // by a running daemon; nullptr: nobody asked one
};

// LOAD FAILED, HELD, CHANGED ON DISK, DIFFERS, SETTLING (only held writes are left) or AS DESCRIBED,
// the first that is true; NOT JUDGED without a policy.
std::string_view WordOf(const StatusPaper& paper);

// 0 as described or not judged, 1 anything else.
int ExitCodeOf(const StatusPaper& paper);

// First line, what differs, then the tree with use against limits.
std::string RenderStatus(const StatusPaper& paper, const TreeView& view, const Paint& paint);

// "DIFFERS 2: web cpu.max max, wanted 2 cores; ...": one line for scripts and monitoring.
std::string RenderStatusLine(const StatusPaper& paper);

Json StatusJson(const StatusPaper& paper);

}  // namespace reeve::show
