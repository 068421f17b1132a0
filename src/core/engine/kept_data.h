// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/kept_generation.h"
#include "core/port/data_source.h"

namespace reeve::engine {

// Data files as they were kept with a generation; what was not kept is asked of the host.
class KeptData final : public port::DataSource {
 public:
  KeptData(const SourceFiles& kept, port::DataSource& host) : kept_(kept), host_(host) {}

  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override;

  Result<std::vector<std::string>> MatchPaths(const std::string& glob) override {
    return host_.MatchPaths(glob);
  }

 private:
  const SourceFiles& kept_;
  port::DataSource& host_;
};

// What the host has now; a file that is as it was comes as the very same object, so that what was judged from it
// compares equal.
class SameData final : public port::DataSource {
 public:
  SameData(const SourceFiles& before, port::DataSource& host) : before_(before), host_(host) {}

  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override;

  Result<std::vector<std::string>> MatchPaths(const std::string& glob) override {
    return host_.MatchPaths(glob);
  }

 private:
  const SourceFiles& before_;
  port::DataSource& host_;
};

// The file of `before` that says the same, or the file itself.
std::shared_ptr<const SourceFile> SameAsBefore(std::shared_ptr<const SourceFile> file,
                                               const SourceFiles& before);

}  // namespace reeve::engine
