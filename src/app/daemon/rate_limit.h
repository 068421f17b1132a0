// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>

#include "core/base/units.h"

namespace reeve::daemon {

// How many changes one user may ask for over the control socket: some at once, and then a few each
// second. Only against programs that run wild; nobody's typing, and no script that waits for its
// answers, comes near it.
class RateLimit {
 public:
  struct Rate {
    double burst = 50;
    double per_second = 10;
  };

  RateLimit() : RateLimit(Rate()) {}

  explicit RateLimit(Rate rate) : rate_(rate) {}

  // Takes one of the user's changes. nullopt: it may be done; else how long until it might.
  //   now   of a clock that is never set; not before that of the call before
  std::optional<Usec> Take(uid_t uid, Usec now);

  const Rate& rate() const { return rate_; }

 private:
  struct Bucket {
    double left = 0;
    Usec filled{0};
  };

  // Those that are full again are as good as none.
  void ForgetFull(Usec now);
  double LeftIn(const Bucket& bucket, Usec now) const;

  Rate rate_;
  std::map<uid_t, Bucket> buckets_;
};

}  // namespace reeve::daemon
