// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace reeve::systemd {

// What reeve remembers of units, since it may leave nothing in their cgroups: a file a unit, which says
// what was found there. Lies where a reboot takes it away, as it does what was set at runtime.
class UnitMarks {
 public:
  struct Mark {
    // Which life of the unit it is about; "" for one that keeps what was set while it is stopped.
    std::string life;
    std::string text;  // core/format/owner_mark.h
  };

  // Makes the directory when it is missing, and reads what lies in it. A file that can not be read is left
  // out: the unit counts as one that we never touched.
  static Result<UnitMarks> Open(std::string directory);

  // nullptr when there is none.
  const Mark* Find(const std::string& unit) const;

  // By rename: all of the old one or all of the new one.
  Result<> Write(const std::string& unit, Mark mark);

  void Forget(const std::string& unit);
  void ForgetIf(const std::function<bool(const std::string& unit, const Mark& mark)>& which);

  const std::map<std::string, Mark>& all() const { return marks_; }

 private:
  explicit UnitMarks(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
  std::map<std::string, Mark> marks_;
};

}  // namespace reeve::systemd
