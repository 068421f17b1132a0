// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/usage_snapshot.h"
#include "edge/metrics/exposition_writer.h"

namespace reeve::metrics {

// The rows of a snapshot, each with its labels, rendered once for all who write it. Refers to the
// snapshot.
class UsageRows {
 public:
  struct Row {
    const CgroupUsage* usage;
    std::string labels;
  };

  explicit UsageRows(const UsageSnapshot& snapshot);

  const UsageSnapshot& snapshot() const { return snapshot_; }

  const std::vector<Row>& leaves() const { return leaves_; }

  const std::vector<Row>& inner() const { return inner_; }

 private:
  const UsageSnapshot& snapshot_;
  std::vector<Row> leaves_;
  std::vector<Row> inner_;
};

// Writes the families of all cgroups, some rows at a time. Leaves are in reeve_cgroup_*, inner
// cgroups in reeve_cgroup_tree_*, so that a sum over one family counts nothing twice. Labels are
// `cgroup`, `tenant` and, for disks, `device` by its name; everything else a policy says of a cgroup
// is in reeve_cgroup_info. What is absent in the snapshot has no sample.
class UsageWriter {
 public:
  //   rows         must outlive it
  //   max_series   where all would be more, whole families are left out, least important first, so
  //                that those which remain are complete; 0 leaves out all
  UsageWriter(const UsageRows& rows, std::size_t max_series);

  // Writes some more. False: that was all.
  bool Step(ExpositionWriter& writer);

  // Whether something was left out. Meaningful when all is written.
  bool truncated() const { return truncated_; }

 private:
  // device="nvme0n1" for each device number, rendered once.
  class DeviceLabels {
   public:
    explicit DeviceLabels(const std::map<std::string, std::string>& names);

    std::string_view Of(const std::string& number);

   private:
    std::string_view Render(const std::string& number, const std::string& name);

    std::map<std::string, std::string> rendered_;
  };

  bool LeaveOut(std::size_t series);
  void Begin(ExpositionWriter& writer) const;
  void WriteInfo(const UsageRows::Row& row, ExpositionWriter& writer) const;
  void WriteFigures(const UsageRows::Row& row, ExpositionWriter& writer);

  const UsageRows& rows_;
  DeviceLabels devices_;
  std::size_t max_series_;
  std::size_t begun_at_ = 0;  // series of the writer before the first of ours
  // What comes next: the info family is 0, then those of the table.
  std::size_t family_ = 0;
  bool inner_ = false;
  std::size_t row_ = 0;
  bool truncated_ = false;
};

// All of it at once. Returns whether something was left out.
bool WriteUsage(const UsageSnapshot& snapshot, std::size_t max_series, ExpositionWriter& writer);

// A policy's own label as a label's name: label_ and every character outside [A-Za-z0-9_] as '_'.
std::string PolicyLabelName(std::string_view label);

}  // namespace reeve::metrics
