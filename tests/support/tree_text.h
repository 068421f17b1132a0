// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/model/desired.h"

namespace reeve::testing {

// A desired tree for people to review: what the kernel shall hold, in its own words.
//   (root) hands down cpu io memory pids
//   sites hands down cpu io memory pids
//     memory.max 7301444403
//   sites/acme of sites/<name>, labels plan=gold tenant=acme
//     io.max 259:0 rbps=100000000        on 259:0, the disk of /home
//     memory.high 7730941132             over 60-extras.yaml:9
//   pending web io.latency: nothing is mounted at /srv
// Cgroups that are only observed have `~` before their name. Lines of a table are joined by "; ".
std::string DesiredText(const Desired& desired);

}  // namespace reeve::testing
