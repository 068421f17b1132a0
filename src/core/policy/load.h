// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/version.h"
#include "core/model/policy.h"
#include "core/policy/diagnostic.h"

namespace reeve::policy {

inline constexpr std::size_t kMaxFileBytes = 8U << 20;
inline constexpr std::size_t kMaxSetBytes = 64U << 20;
inline constexpr int kMaxDepth = 32;

// Judges and reads a whole set of files, each with one or more documents. Every file is read to its
// end (or to a syntax error, after which its next document goes on), and everything wrong is in
// `findings`. The result is complete only when there are no errors; never use a half-read policy
// (P2).
//   files    in order of strength: layer, then name. Same name in a stronger layer masks: the
//            caller's work
//   version  a document whose `when: {reeve: ...}` excludes it comes back with its name and
//            condition only, because its keys may be those of a later version. "" = judge all
Policy LoadPolicy(const std::vector<std::shared_ptr<const SourceFile>>& files,
                  Findings& findings,
                  std::string_view version = kVersion);

// The same for sets that come one after the other: a file with the name, layer and text of one in
// the set before is not parsed again. What is wrong with it is found again all the same. Keeps the
// last policy (about 1 KiB a cgroup) instead of a copy of it, because copying costs half of parsing.
// Not thread-safe.
class Loader {
 public:
  // Valid until the next Load.
  //   files   those that were known are replaced by the objects they were known as, so that places
  //           in them compare equal
  const Policy& Load(std::vector<std::shared_ptr<const SourceFile>>& files,
                     Findings& findings,
                     std::string_view version = kVersion);

  // How many files the last Load had to parse.
  std::size_t parsed() const { return parsed_; }

  // The last policy; the loader knows nothing any more.
  Policy Release() &&;

 private:
  struct Known {
    std::shared_ptr<const SourceFile> file;
    std::vector<Diagnostic> findings;
    std::size_t first = 0;  // of its documents in policy_
    std::size_t documents = 0;
    bool whole = true;  // no errors
  };

  void Read(Known& known, Policy& into, std::string_view version) const;

  std::string version_;
  std::vector<Known> known_;  // by layer and name
  Policy policy_;
  std::size_t parsed_ = 0;
};

}  // namespace reeve::policy
