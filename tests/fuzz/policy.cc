// SPDX-License-Identifier: Apache-2.0
// Bytes as a policy file, on a fixed host: read, expanded and resolved. Whatever the bytes, every
// error names a place that is in the text, and what has no errors becomes kernel numbers.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/plan/resolve.h"
#include "core/plan/resolve_units.h"
#include "core/policy/codes.h"
#include "core/policy/expand.h"
#include "core/policy/lint.h"
#include "core/policy/load.h"
#include "fuzz/judge.h"

namespace {

using reeve::fuzz::JudgePlace;
using reeve::fuzz::Require;

constexpr std::int64_t kNow = 1'795'296'600;  // 2026-11-21 21:30 UTC

reeve::HostFacts Host() {
  reeve::HostFacts facts;
  facts.host = "fuzz";
  facts.arch = "x86_64";
  facts.kernel = "6.1.0";
  facts.os = "debian 12";
  facts.systemd = "252";
  facts.reeve = "0.1.0";
  facts.machine_id = "0123456789abcdef0123456789abcdef";
  facts.cpus = 4;
  facts.memory = 8ULL << 30;
  facts.max_tasks = 32768;
  facts.own["role"] = {"web", "api"};
  facts.devices["/dev/sda"] = {"8:0", "sda"};
  facts.mounts["/srv"] = reeve::BlockDevice{"8:0", "sda"};
  facts.limits_above["memory.max"] = "4294967296";
  return facts;
}

void JudgeFindings(const reeve::policy::Findings& findings, bool places) {
  for (const reeve::policy::Diagnostic& finding : findings.all()) {
    Require(reeve::policy::FindCode(finding.code) != nullptr, "a code without a row");
    Require(!finding.message.empty(), "a finding without words");
    Require(finding.mark.known() || !places, "a finding without a place");
    if (finding.mark.known()) JudgePlace(finding.mark);
    if (finding.related && finding.related->mark.known()) JudgePlace(finding.related->mark);
  }
}

std::shared_ptr<const reeve::SourceFile> File(std::string name, std::string text) {
  return std::make_shared<const reeve::SourceFile>(
      reeve::SourceFile{std::move(name), std::move(text), 1, ""});
}

// Every data file has the same rows: what they mean is another target's matter.
reeve::policy::DataFiles Data(const reeve::policy::DataNeeds& needs) {
  static const auto rows =
      File("rows.csv", "name,memory,plan\nacme,4GiB,gold\nbakery,1GiB,silver\n");
  reeve::policy::DataFiles data;
  for (const std::string& name : needs.files) data.files.emplace(name, rows);
  for (const std::string& glob : needs.paths) data.paths[glob] = {"/srv/a", "/srv/b/c"};
  return data;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const reeve::HostFacts facts = Host();
  const auto file = File("policy.yaml", std::string(reinterpret_cast<const char*>(bytes), size));
  reeve::policy::Findings findings;
  const reeve::Policy policy = reeve::policy::LoadPolicy({file}, findings);
  JudgeFindings(findings, true);
  const auto data = Data(reeve::policy::NeededData(policy, facts, kNow));
  const auto tree = reeve::policy::Expand(policy, facts, data, kNow, findings);
  const reeve::Desired desired = reeve::plan::Resolve(tree, facts, findings);
  const reeve::Desired units = reeve::plan::ResolveUnits(tree, facts, findings);
  if (!findings.has_errors()) {
    reeve::policy::Lint(policy, desired, facts, findings);
    reeve::policy::LintUnits(policy, units, findings);
  }
  findings.SortByPlace();
  JudgeFindings(findings, false);
  return 0;
}
