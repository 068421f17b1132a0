// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/setting.h"
#include "core/model/source_mark.h"
#include "core/policy/by_hand.h"

namespace reeve::policy {

// Nobody means more than this, in seconds, with `long_time` either.
inline constexpr std::int64_t kLongestTime = std::int64_t{10} * 366 * 86'400;

// The command line that a request stands for, so that findings about it have a place to point at:
// `set people memory.high=400G --for 1h --why INC-9001`. Bytes that a terminal must not see are
// escaped.
class HandLine {
 public:
  explicit HandLine(const HandRequest& request);

  std::string_view verb_name() const { return verb_name_; }

  // Places of its words; where a word was not said, that of the verb.
  SourceMark verb() const { return Mark(verb_); }

  SourceMark cgroup() const { return Mark(cgroup_); }

  SourceMark pid() const { return Mark(pid_); }

  SourceMark key(std::size_t setting) const { return Mark(keys_[setting]); }

  SourceMark value(std::size_t setting) const { return Mark(values_[setting]); }

  SourceMark time() const { return Mark(time_); }

  SourceMark why() const { return Mark(why_); }

  const std::shared_ptr<const SourceFile>& file() const { return file_; }

 private:
  struct Word {
    std::size_t offset = 0;
    std::size_t length = 0;
  };

  Word Add(std::string_view before, std::string_view word);
  SourceMark Mark(const Word& word) const;

  std::string text_;
  std::string verb_name_;
  Word verb_;
  Word cgroup_;
  Word pid_;
  Word time_;
  Word why_;
  std::vector<Word> keys_;
  std::vector<Word> values_;
  std::shared_ptr<const SourceFile> file_;
};

// What every request must say: an end and a reason.
void JudgeHand(const HandRequest& request, const HandLine& line, Findings& findings);

// A KEY=VALUE that is good.
struct HandSetting {
  Setting setting;
  std::string yaml;  // the value as it goes into a document
  bool is_rows = false;
};

//   index   of the setting in the request
std::optional<HandSetting> JudgeHandSetting(const std::pair<std::string, std::string>& typed,
                                            const HandLine& line,
                                            std::size_t index,
                                            Findings& findings);

// A text without what may not stand in a policy: escaped like for a terminal, if it holds any.
std::string PlainLine(std::string_view text);

}  // namespace reeve::policy
