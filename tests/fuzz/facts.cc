// SPDX-License-Identifier: Apache-2.0
// Bytes as a facts file and as the value of each fact under `when:`. What was read is printed and
// read again as the same facts, whatever was wrong with it; conditions end, and `not:` is the
// opposite.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/policy/condition.h"
#include "core/policy/condition_time.h"
#include "core/policy/facts_reader.h"
#include "fuzz/judge.h"

namespace {

using reeve::Condition;
using reeve::HostFacts;
using reeve::fuzz::Require;
using reeve::policy::Findings;

constexpr std::int64_t kNow = 1'795'296'600;  // 2026-11-21 21:30 UTC

std::shared_ptr<const reeve::SourceFile> File(std::string text) {
  return std::make_shared<const reeve::SourceFile>(
      reeve::SourceFile{"facts.json", std::move(text), 1, ""});
}

void TryFile(std::string_view text) {
  Findings findings;
  const HostFacts facts = reeve::policy::ReadFactsFile(File(std::string(text)), findings);
  const std::string printed = reeve::policy::FormatFactsJson(facts);
  Findings again;
  const HostFacts same = reeve::policy::ReadFactsFile(File(printed), again);
  Require(!again.has_errors(), "facts that cannot be read again");
  Require(reeve::policy::FormatFactsJson(same) == printed, "facts that changed");
  Findings own;
  reeve::policy::ReadOwnFacts({File(std::string(text))}, own);
}

HostFacts Host() {
  HostFacts facts;
  facts.host = "fuzz";
  facts.kernel = "6.1.0-56-amd64";
  facts.os = "debian 12";
  facts.systemd = "252";
  facts.reeve = "0.1.0";
  facts.machine_id = "0123456789abcdef0123456789abcdef";
  facts.cpus = 4;
  facts.memory = 8ULL << 30;
  facts.own["role"] = {"web", "12"};
  facts.units["nginx.service"].slice = "system.slice";
  facts.files = {"cpu.max"};
  return facts;
}

void TryCondition(std::string_view text) {
  static const HostFacts facts = Host();
  for (const char* fact : {"host",
                           "cpus",
                           "memory",
                           "kernel",
                           "os",
                           "unit",
                           "knob",
                           "rollout",
                           "time",
                           "reeve",
                           "role"}) {
    Condition condition;
    condition.kind = Condition::Kind::kFact;
    condition.fact = fact;
    condition.values.push_back({std::string(text), {}, false});
    Findings findings;
    reeve::policy::JudgeCondition(condition, findings);
    const bool holds = reeve::policy::Holds(condition, facts, "fuzz", kNow);
    const auto edge = reeve::policy::NextTimeBoundary(condition, facts, kNow);
    Require(!edge || (*edge > kNow && *edge <= kNow + 24 * 60 * 60), "an edge out of reach");
    reeve::policy::ExcludedByVersion(condition, "0.1.0");
    Condition negated;
    negated.kind = Condition::Kind::kNot;
    negated.children.push_back(std::move(condition));
    Require(reeve::policy::Holds(negated, facts, "fuzz", kNow) != holds, "both or neither");
  }
  reeve::policy::ParseMoment(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  TryFile(input);
  if (size < 4'000) TryCondition(input);
  return 0;
}
