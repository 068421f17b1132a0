// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/model/plan.h"
#include "core/model/report.h"
#include "core/model/writer.h"

namespace reeve::engine {

// One line each, for logs. Names from outside are escaped; places are named, file content is not.

// "pid 8812 bash (root, login alice)", "pid 8812, gone since"; "" for null
std::string DescribeWriter(const Writer* writer);

// "web cpu.max back to 50000 100000 (was max 100000, by pid 911 puppet (root)), 10-web.yaml:7"
// "batch/a was removed by somebody else, made again, 10-web.yaml:9"
// "batch handed memory down no more, it does again, 10-web.yaml:9"
std::string DescribeRepair(const Action& action);

// "web: writing \"0-9\" to cpuset.cpus: Numerical result out of range (ERANGE), 10-web.yaml:9"
std::string DescribeFailure(const Action& action, const Outcome& outcome);

// "web memory.max stays 64MiB, wanted ...: held back, ..."
std::string DescribeHeld(const Held& held);

// "web cpu.max is max 100000, wanted 50000 100000: left so (on_drift: report), by pid ..., 10-web.yaml:7"
//   adopted   it is what is wanted from now on
std::string DescribeDrifted(const Drifted& drifted, bool adopted);

std::string DescribeRefusal(const Refusal& refusal);

// "41 actions: 40 done, 1 already so, 0 skipped, 0 failed"
std::string DescribeReport(const Plan& plan, const ApplyReport& report);

// The verb and object of an action: "create web", "set web memory.max", "move processes of a to
// a/_self".
std::string DescribeAction(const Action& action);

// Tells actions apart over several plans: what is tried again, and what was tried before.
std::string ActionKey(const Action& action);

}  // namespace reeve::engine
