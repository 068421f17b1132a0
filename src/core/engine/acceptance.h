// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine.h"
#include "core/engine/generation.h"
#include "core/model/host_facts.h"
#include "core/port/data_source.h"
#include "core/port/file_source.h"

namespace reeve::engine {

// What became of a set of files that was read.
struct Acceptance {
  enum class Kind {
    kAccepted,  // `generation` is to be put in force (and kept as the last good one)
    kSame,      // nothing that could matter has changed
    kRefused,   // something is wrong with it; what is in force stays
    kEmptied,   // nothing is there any more; what is in force stays, because a lost mount must not
                // unleash everybody
  };

  Kind kind = Kind::kSame;
  std::optional<Generation> generation;          // kAccepted
  policy::Findings findings;                     // kRefused, and warnings of kAccepted
  std::vector<port::IgnoredName> refused_names;  // kRefused: names that are no files we may read
};

// Decides whether a set of files becomes the generation in force. Holds what is in force; knows no
// file and no clock.
class Acceptor {
 public:
  // Judges a set against what is in force.
  //   now   seconds since the epoch
  Acceptance Consider(const port::FileSet& set,
                      const HostFacts& facts,
                      port::DataSource& data,
                      std::int64_t now);

  // Judges what is in force once more, because facts, data or the clock have moved. nullopt when
  // nothing is in force, or when it can not be judged any more (then it stays as it was).
  std::optional<Generation> Again(const HostFacts& facts, port::DataSource& data, std::int64_t now);

  // Goes on counting from the generation before a restart; the same files are the same generation.
  void CountFrom(std::uint64_t generation, std::vector<std::shared_ptr<const SourceFile>> files) {
    generation_ = generation;
    before_restart_ = std::move(files);
  }

  // A set that was in force before a restart: taken without a word if it is still good.
  bool Restore(std::vector<std::shared_ptr<const SourceFile>> files,
               std::uint64_t number,
               const HostFacts& facts,
               port::DataSource& data,
               std::int64_t now,
               Generation* generation);

  bool has_generation() const { return !files_.empty(); }

  // Counts accepted sets, across restarts.
  std::uint64_t generation() const { return generation_; }

 private:
  std::vector<std::shared_ptr<const SourceFile>> files_;  // in force
  std::vector<std::shared_ptr<const SourceFile>> before_restart_;
  std::uint64_t generation_ = 0;
};

}  // namespace reeve::engine
