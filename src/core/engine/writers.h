// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/engine/instant.h"
#include "core/model/cgroup_path.h"
#include "core/model/writer.h"
#include "core/plan/diff.h"

namespace reeve::engine {

// Who last touched what, for as long as it may still be asked for. Bounded: a storm of writes costs
// the oldest answers, never memory.
class Writers {
 public:
  // About half a kilobyte each: enough for everything that one slow look can be behind by.
  static constexpr std::size_t kDefaultLimit = 4096;

  explicit Writers(std::size_t limit = kDefaultLimit) : limit_(limit) {}

  void Note(const Touch& touch);

  // nullptr when nobody was heard. Valid until the next call that is not const.
  const Touch* Find(const CgroupPath& path, const std::string& file) const;

  // The last one in that cgroup, whichever file; nullptr likewise.
  const Touch* FindLast(const CgroupPath& path) const;

  // Forgets all but these: a look has shown that nothing came of the others.
  void KeepOnly(const std::set<plan::Key>& keys);

  // Something was not heard, so nobody may be named for what is found now.
  void Clear();

  std::size_t size() const { return touches_.size(); }

 private:
  using Touches = std::list<Touch>;

  std::size_t limit_;
  Touches touches_;  // oldest first
  std::map<plan::Key, Touches::iterator> by_key_;
};

}  // namespace reeve::engine
