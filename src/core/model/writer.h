// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/model/cgroup_path.h"

namespace reeve {

// Who wrote to a file of the tree, as far as could be learned while it still ran. Everything but
// `pid` is chosen or can be left behind by the process: it tells people where to look, and decides
// nothing that protects.
struct Writer {
  std::int64_t pid = 0;                // 0: not visible from our pid namespace
  bool gone = false;                   // it had ended before anybody could ask: the rest is empty
  std::string program;                 // its short name (comm): "bash", "puppet"
  std::string exe;                     // its executable's path; "" when it can not be read
  std::optional<std::uint32_t> uid;    // real
  std::string user;                    // of `uid` in the local user table; "" when not there
  std::optional<std::uint32_t> login;  // who logged in, whatever uid they took since; absent: no
                                       // login, as for services
  std::string login_name;              // of `login`; "" when not there
  std::string tty;                     // controlling terminal below /dev: "pts/3"; "" when none
  std::uint64_t start_time = 0;        // clock ticks since boot; with `pid` an identity

  // The same program, whichever of its processes it is: what two sides of a fight are told apart
  // by. "" when nothing is known.
  std::string Side() const { return exe.empty() ? program : exe + " " + program; }

  bool operator==(const Writer&) const = default;
};

// Somebody touched a file of the tree, as a watch heard it.
struct Touch {
  CgroupPath path;
  std::string file;                   // "" = the cgroup was made or removed
  std::shared_ptr<const Writer> by;   // null when not known
  std::chrono::nanoseconds heard{0};  // by the engine's clock
};

}  // namespace reeve
