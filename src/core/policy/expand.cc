// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand.h"

#include <algorithm>
#include <set>

#include "core/policy/condition.h"
#include "core/policy/condition_time.h"
#include "core/policy/expand_rows.h"
#include "core/policy/expand_settings.h"
#include "core/policy/expand_units.h"
#include "core/policy/expand_walk.h"
#include "core/policy/merge.h"
#include "core/policy/template.h"

namespace reeve::policy {
namespace {

// Whether a document counts on this host now, whatever its mode.
bool InForce(const Document& document, const HostFacts& facts, std::int64_t now) {
  const Metadata& metadata = document.metadata;
  if (metadata.expires) {
    const auto end = ParseMoment(metadata.expires->text);
    if (end && *end <= now) return false;
  }
  if (metadata.boot && metadata.boot->text != facts.boot_id) return false;
  return Holds(document.when, facts, metadata.name.text, now);
}

void CollectNeeds(const std::vector<CgroupSpec>& specs,
                  const FactValues& facts,
                  std::set<std::string>& files,
                  std::set<std::string>& paths) {
  for (const CgroupSpec& spec : specs) {
    if (spec.for_each && spec.for_each->source == ForEach::Source::kFile) {
      if (auto name = DataFileName(*spec.for_each, facts)) files.insert(std::move(*name));
    }
    if (spec.for_each && spec.for_each->source == ForEach::Source::kPath) {
      paths.insert(PatternAsGlob(spec.for_each->name.text));
    }
    CollectNeeds(spec.children, facts, files, paths);
  }
}

void Earlier(std::optional<std::int64_t>& first, std::optional<std::int64_t> moment) {
  if (moment && (!first || *moment < *first)) first = moment;
}

}  // namespace

DataNeeds NeededData(const Policy& policy, const HostFacts& facts, std::int64_t now) {
  const FactValues values = FactsForValues(facts);
  std::set<std::string> files;
  std::set<std::string> paths;
  for (const Document& document : policy.documents) {
    if (InForce(document, facts, now)) CollectNeeds(document.cgroups, values, files, paths);
  }
  return {{files.begin(), files.end()}, {paths.begin(), paths.end()}};
}

MergedTree Expand(const Policy& policy,
                  const HostFacts& facts,
                  const DataFiles& data,
                  std::int64_t now,
                  Findings& findings) {
  SettingCache settings(facts, findings);
  RowSource rows(data, settings.facts(), findings);
  Merger merger(policy, settings, true, findings);

  MergedTree tree;
  std::vector<const Document*> enforced;
  std::vector<const Document*> observed;
  for (const Document& document : policy.documents) {
    const Metadata& metadata = document.metadata;
    const auto end = metadata.expires ? ParseMoment(metadata.expires->text) : std::nullopt;
    if (!end || *end > now) {
      Earlier(tree.judge_again_at, end);
      Earlier(tree.judge_again_at, NextTimeBoundary(document.when, facts, now));
    }
    if (!InForce(document, facts, now)) {
      ++tree.documents_skipped;
      continue;
    }
    ++tree.documents;
    (metadata.mode == Mode::kObserve ? observed : enforced).push_back(&document);
    if (metadata.mode == Mode::kObserve) {
      tree.watched.push_back({metadata.name.text, metadata.name.mark});
    }
  }

  Walker walker(settings, rows, merger, now, findings);
  Walked walked = walker.Walk(enforced);
  tree.cgroups = std::move(walked.cgroups);
  tree.self = std::move(walked.self);
  Earlier(tree.judge_again_at, walker.next_expiry());
  UnitWalker units(policy, facts, true, now, findings);
  tree.units = units.Walk(enforced);
  tree.unit_gaps = units.gaps();
  Earlier(tree.judge_again_at, units.next_expiry());

  if (!observed.empty()) {
    Merger beside(policy, settings, false, findings);
    Walker watcher(settings, rows, beside, now, findings);
    walked = watcher.Walk(observed);
    tree.observed_only = std::move(walked.cgroups);
    for (auto& [path, own] : walked.self) {
      MergedCgroup& leaf = tree.observed_only[path.Child("_self")];
      leaf.path = path.Child("_self");
      leaf.mark = tree.observed_only[path].mark;
      leaf.settings = std::move(own);
    }
    Earlier(tree.judge_again_at, watcher.next_expiry());
    UnitWalker units_beside(policy, facts, false, now, findings);
    tree.units_observed = units_beside.Walk(observed);
    Earlier(tree.judge_again_at, units_beside.next_expiry());
  }
  return tree;
}

}  // namespace reeve::policy
