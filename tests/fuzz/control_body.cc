// SPDX-License-Identifier: Apache-2.0
// Bytes as a request of the control socket: the first line is its path, the rest its body. Whatever
// the bytes, each member is read or the body is wrong, what goes on record is one line for any
// terminal, and a policy that is written for a request by hand is one that can be read.
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "app/daemon/audit.h"
#include "app/daemon/reply.h"
#include "core/engine/generation.h"
#include "core/policy/by_hand.h"
#include "core/policy/by_hand_clock.h"
#include "core/policy/load.h"
#include "fuzz/judge.h"

namespace {

using reeve::daemon::Body;
using reeve::fuzz::Require;

constexpr std::int64_t kNow = 1'795'296'600;

class NoData final : public reeve::port::DataSource {
 public:
  reeve::Result<std::shared_ptr<const reeve::SourceFile>> ReadData(
      const std::string& name) override {
    return reeve::Error{reeve::ErrorKind::kNotFound, 0, name, "there is none"};
  }

  reeve::Result<std::vector<std::string>> MatchPaths(const std::string& glob) override {
    return reeve::Error{reeve::ErrorKind::kNotFound, 0, glob, "there is none"};
  }
};

// What is in force when somebody asks.
struct World {
  reeve::SourceFiles files = {std::make_shared<const reeve::SourceFile>(
      reeve::SourceFile{"10-p.yaml",
                        "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\ncgroups:\n"
                        "  web: {memory.max: 1GiB, cgroups: {api: {pids.max: 100}}}\n",
                        1,
                        ""})};
  reeve::HostFacts facts;
  reeve::Policy policy;
  reeve::engine::Generation generation;

  World() {
    facts.cpus = 4;
    facts.memory = std::uint64_t{8} << 30;
    facts.boot_id = "5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10";
    reeve::policy::Findings findings;
    policy = reeve::policy::LoadPolicy(files, findings);
    NoData data;
    generation = reeve::engine::Judge(files, facts, data, kNow);
    Require(generation.usable(), "the policy of this program");
  }
};

void TryMembers(const std::string& text) {
  constexpr std::array<const char*, 4> kKeys = {"cgroup", "for_seconds", "settings", "accept"};
  for (const char* key : kKeys) {
    Body body(text);
    const bool unread = body.wrong().empty();
    (void)body.Text(key);
    (void)body.Flag(key);
    (void)body.Names(key);
    (void)body.Pairs(key);
    const auto number = body.MaybeNumber(key);
    Require(!number || unread, "a number of what is no body");
    Require(unread || !body.wrong().empty(), "a body that was wrong and is not any more");
  }
}

void TryRecord(const reeve::http::Request& request) {
  const std::string verb = reeve::daemon::VerbOf(request);
  reeve::engine::Audit audit = reeve::daemon::BeginAudit(request, 41);
  Require(audit.verb == verb, "a verb that changes");
  audit.exit_code = reeve::daemon::IsWayOut(verb) ? 0 : 4;
  const std::string text = reeve::daemon::DescribeAudit(audit);
  for (const char c : text) {
    Require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a record that is no line", text);
  }
}

void TryByHand(const std::string& text) {
  static const World world;
  Body body(text);
  const auto verb = reeve::policy::HandVerbByName(body.Text("verb"));
  if (!verb) return;
  reeve::policy::HandRequest request;
  request.verb = *verb;
  request.cgroup = body.Text("cgroup");
  request.all = body.Flag("all");
  request.settings = body.Pairs("settings");
  request.pid = body.Number("pid");
  request.for_seconds = body.Number("for_seconds");
  request.long_time = body.Flag("long");
  request.why = body.Text("why");
  request.owner = "anna (uid 1000)";
  reeve::policy::Findings findings;
  const auto document = reeve::policy::WriteByHand(
      request, world.policy, world.generation.desired, world.facts, kNow, findings);
  Require(document.has_value() != findings.has_errors(), "a document with errors, or none without");
  if (!document) return;
  Require(document->expires > kNow, "no end");
  reeve::policy::Findings found;
  const reeve::Policy policy =
      reeve::policy::LoadPolicy({std::make_shared<const reeve::SourceFile>(
                                    reeve::SourceFile{document->file_name, document->text, 2, ""})},
                                found);
  Require(!found.has_errors(), "a document that can not be read", document->text);
  const auto hands = reeve::policy::HandsIn(policy);
  Require(hands.size() == 1 && hands.front().name == document->name, "another name");
  Require(hands.front().expires == document->expires, "another end");
  const auto moved = reeve::policy::MoveHands(policy, 3600);
  Require(moved.size() == 1 && moved.front().text != document->text, "an end that does not move");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  reeve::http::Request request;
  request.method = "POST";
  request.path = input.substr(0, end);
  request.body = input.substr(std::min(end + 1, input.size()));
  TryMembers(request.body);
  TryRecord(request);
  TryByHand(request.body);
  return 0;
}
