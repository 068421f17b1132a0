// SPDX-License-Identifier: Apache-2.0
// Bytes as the names of cgroups, tenants, labels and disks, and as an Accept header. Whatever they
// are, a scrape is valid in both formats, names every cgroup once, and says which bytes its name
// was.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "edge/metrics/scrape.h"
#include "fuzz/judge.h"
#include "support/exposition.h"
#include "support/usage_rows.h"

namespace {

using reeve::fuzz::Require;
using reeve::metrics::Format;

constexpr std::size_t kMostCgroups = 4;

// The bytes behind a label's value: U+FFFD and two digits stand for one that was no UTF-8.
std::string Restored(std::string_view value) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string bytes;
  while (!value.empty()) {
    if (value.starts_with(kReplacement)) {
      bytes +=
          static_cast<char>(std::strtoul(std::string(value.substr(3, 2)).c_str(), nullptr, 16));
      value.remove_prefix(5);
    } else {
      bytes += value[0];
      value.remove_prefix(1);
    }
  }
  return bytes;
}

reeve::UsageSnapshot SnapshotOf(const std::set<std::string>& paths, std::string_view other) {
  reeve::UsageSnapshot snapshot;
  snapshot.boot_id = other;
  snapshot.device_names = {{"259:0", std::string(other)}};
  for (const std::string& path : paths) {
    reeve::CgroupNames names;
    names.tenant = other.substr(0, 7);
    names.policy = other;
    names.labels = {{path, std::string(other)}, {std::string(other), path}};
    names.inner = path.size() % 2 == 0;
    snapshot.cgroups.push_back(reeve::support::UsageRow(path, std::move(names)));
    reeve::support::FillUsageRow(snapshot.cgroups.back(), other.size());
  }
  return snapshot;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  reeve::metrics::ChooseFormat(input);

  const std::vector<std::string_view> words = reeve::Split(input, '\0');
  std::set<std::string> paths;
  for (std::string_view word : words) {
    if (paths.size() < kMostCgroups && reeve::CgroupPath::Parse(word).has_value()) {
      if (!word.empty()) paths.emplace(word);
    }
  }
  static const reeve::metrics::OwnMetrics own({"0.1.0", "", "6.1", "", 1});
  const reeve::UsageSnapshot snapshot = SnapshotOf(paths, words.back());
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    const std::string text = reeve::metrics::WriteMetrics(snapshot, own, format);
    const auto read = reeve::support::ReadExposition(text, format == Format::kOpenMetrics);
    Require(read.error.empty(), read.error.c_str(), text);
    std::set<std::string> seen;
    for (const char* family : {"reeve_cgroup_pids", "reeve_cgroup_tree_pids"}) {
      const auto* found = read.Find(family);
      if (found == nullptr) continue;
      for (const auto& sample : found->samples) seen.insert(Restored(sample.labels.at("cgroup")));
    }
    Require(seen == paths, "other cgroups than there are", text);
  }
  return 0;
}
