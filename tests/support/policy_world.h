// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/host_facts.h"
#include "core/policy/diagnostic.h"
#include "core/policy/expand.h"

namespace reeve::testing {

// A host with policy files and data, as texts. Expands on demand and shows the result as text, one
// cgroup a line:
//   sites/acme (sites/<name>): cpu.max=2 cores; memory.max=4GiB | tenant=acme
// values as written, after variables were replaced. Lines with `~`: what is only observed; with `@`:
// knobs of _self.
struct World {
  std::vector<std::shared_ptr<const SourceFile>> files;
  HostFacts facts;
  policy::DataFiles data;
  std::int64_t now = 1'795'296'600;  // 2026-11-21 21:30:00 UTC
  policy::Findings findings;
  policy::MergedTree tree;

  // Adds documents; `body` follows a header with this metadata, unless it has one of its own.
  World& Policy(std::string_view body, std::string metadata = "name: p", int layer = 1);

  // Data of templates, under the name they ask for.
  World& Data(const std::string& name, std::string_view text);

  // The tree; fails the test when there are findings.
  std::string Tree();

  // All findings; the tree is what is there nevertheless.
  std::string Wrong();

 private:
  void Expand();
};

std::string TreeText(const policy::MergedTree& tree);

}  // namespace reeve::testing
