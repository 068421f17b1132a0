// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
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

}  // namespace reeve::policy
