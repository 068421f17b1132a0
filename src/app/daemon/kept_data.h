// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/port/data_source.h"
#include "edge/store/last_good.h"

namespace reeve::daemon {

// Data files as they were kept with the last good set; what was not kept is asked of the host.
class KeptData final : public port::DataSource {
 public:
  KeptData(const store::LastGood& kept, port::DataSource& host) : kept_(kept), host_(host) {}

  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override;

  Result<std::vector<std::string>> MatchPaths(const std::string& glob) override {
    return host_.MatchPaths(glob);
  }

 private:
  const store::LastGood& kept_;
  port::DataSource& host_;
};

}  // namespace reeve::daemon
