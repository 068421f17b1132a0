// SPDX-License-Identifier: Apache-2.0
#include "core/engine/acceptance.h"

#include <algorithm>
#include <utility>

namespace reeve::engine {
namespace {

using Files = std::vector<std::shared_ptr<const SourceFile>>;

bool SameTexts(const Files& a, const Files& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
        return left->name == right->name && left->layer == right->layer &&
               left->text == right->text;
      });
}

}  // namespace

Acceptance Acceptor::Consider(const port::FileSet& set,
                              const HostFacts& facts,
                              port::DataSource& data,
                              std::int64_t now) {
  Acceptance result;
  for (const port::IgnoredName& name : set.ignored) {
    if (name.error) result.refused_names.push_back(name);
  }
  if (!result.refused_names.empty()) {
    result.kind = Acceptance::Kind::kRefused;
    return result;
  }
  if (set.files.empty()) {
    result.kind = files_.empty() ? Acceptance::Kind::kSame : Acceptance::Kind::kEmptied;
    return result;
  }
  if (SameTexts(set.files, files_)) return result;
  Generation generation = Judge(set.files, facts, data, now);
  result.findings = generation.findings;
  if (!generation.usable()) {
    result.kind = Acceptance::Kind::kRefused;
    return result;
  }
  files_ = set.files;
  if (!SameTexts(set.files, before_restart_)) ++generation_;
  before_restart_.clear();
  result.kind = Acceptance::Kind::kAccepted;
  result.generation = std::move(generation);
  return result;
}

std::optional<Generation> Acceptor::Again(const HostFacts& facts,
                                          port::DataSource& data,
                                          std::int64_t now) {
  if (files_.empty()) return std::nullopt;
  Generation generation = Judge(files_, facts, data, now);
  if (!generation.usable()) return std::nullopt;
  return generation;
}

bool Acceptor::Restore(Files files,
                       std::uint64_t number,
                       const HostFacts& facts,
                       port::DataSource& data,
                       std::int64_t now,
                       Generation* generation) {
  if (files.empty()) return false;
  Generation judged = Judge(files, facts, data, now);
  if (!judged.usable()) return false;
  files_ = std::move(files);
  generation_ = number;
  *generation = std::move(judged);
  return true;
}

}  // namespace reeve::engine
