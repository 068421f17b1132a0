// SPDX-License-Identifier: Apache-2.0
// Texts made to exhaust the reader. Each is refused with a place within 50 ms and 64 MiB, on a
// stack of 256 KiB: it runs in a child process with these limits.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <new>
#include <string>

#include <fmt/format.h>

#include "core/policy/load.h"
#include "support/findings_text.h"

namespace reeve::policy {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr double kMostMilliseconds = 50;
constexpr rlim_t kMostMemory = 64U << 20;
constexpr rlim_t kMostStack = 256U << 10;

// What the child found out, over a pipe.
struct Outcome {
  double milliseconds = 0;  // of CPU, so that a busy machine changes nothing
  std::uint64_t errors = 0;
  std::uint64_t without_place = 0;
};

// Bytes of address space now; 0 when /proc does not say.
rlim_t AddressSpace() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

double CpuMilliseconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

Outcome LoadHere(const std::shared_ptr<const SourceFile>& file) {
  const rlimit memory{AddressSpace() + kMostMemory, RLIM_INFINITY};
  const rlimit stack{kMostStack, RLIM_INFINITY};
  setrlimit(RLIMIT_AS, &memory);
  setrlimit(RLIMIT_STACK, &stack);
  Outcome outcome;
  const double from = CpuMilliseconds();
  Findings findings;
  LoadPolicy({file}, findings);
  outcome.milliseconds = CpuMilliseconds() - from;
  outcome.errors = findings.error_count();
  for (const Diagnostic& finding : findings.all()) {
    if (!finding.mark.known()) ++outcome.without_place;
  }
  return outcome;
}

void ExpectRefused(const std::string& text, double most_milliseconds = kMostMilliseconds) {
  if (kSanitized) GTEST_SKIP() << "limits of memory do not work under a sanitizer";
  const auto file = testing::TextFile("t.yaml", text);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_NE(child, -1);
  if (child == 0) {
    bool sent = false;
    try {
      const Outcome outcome = LoadHere(file);
      sent = write(ends[1], &outcome, sizeof outcome) == sizeof outcome;
    } catch (const std::bad_alloc&) {
      // Must not reach the test runner: the child would go on with the other tests.
    }
    _exit(sent ? 0 : 1);
  }
  close(ends[1]);
  Outcome outcome;
  const bool received = read(ends[0], &outcome, sizeof outcome) == sizeof outcome;
  close(ends[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);

  ASSERT_TRUE(received && WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << "it died: out of 64 MiB of memory, or of 256 KiB of stack";
  EXPECT_GT(outcome.errors, 0U);
  EXPECT_EQ(outcome.without_place, 0U);
  EXPECT_LT(outcome.milliseconds, most_milliseconds);
}

constexpr std::size_t kBytes = kMaxFileBytes;

std::string Repeat(std::string_view piece, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + piece.size());
  while (text.size() + piece.size() <= bytes) text += piece;
  return text;
}

TEST(HostileYaml, F98_AliasBombs) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    bomb += fmt::format(
        "{0}: &{0} [*{1},*{1},*{1},*{1},*{1},*{1},*{1},*{1},*{1}]\n", c, static_cast<char>(c - 1));
  }
  ExpectRefused(bomb);
}

TEST(HostileYaml, F98_AMillionAnchors) {
  ExpectRefused("[" + Repeat("&a x,", kBytes - 1));
}

TEST(HostileYaml, F98_SelfAliases) {
  ExpectRefused("a: &a {b: *a}\n");
}

TEST(HostileYaml, F98_DepthOfAMillion) {
  for (const std::string_view piece : {"[", "{", "- ", "? ", ": ", "[{a: ", "&a [", "!x ["}) {
    ExpectRefused(Repeat(piece, kBytes));
  }
  // Just below what is counted beforehand.
  ExpectRefused(Repeat("[", 499'990));
  std::string indented;
  for (std::size_t i = 0; indented.size() < 6U << 20; ++i) indented += std::string(i, ' ') + "a:\n";
  ExpectRefused(indented);
}

TEST(HostileYaml, F98_AMillionKeys) {
  std::string lines;
  std::string flow = "{";
  for (int i = 0; i < 1'000'000; ++i) lines += fmt::format("{:x}:\n", i);
  for (int i = 0; flow.size() + 12 < kBytes; ++i) flow += fmt::format("{:x}: 1,", i);
  ExpectRefused(lines);
  ExpectRefused(flow + "}");
}

TEST(HostileYaml, F98_HugeScalars) {
  ExpectRefused("a: " + Repeat("x", kBytes - 3));
  constexpr std::size_t kMebibyte = 1U << 20;  // where it stops is far below
  for (const std::string_view head :
       {"a: \"", "a: '", "", "# ", "a: 1 #", "&", "*", "!", "a: |\n  "}) {
    ExpectRefused(std::string(head) + Repeat("x", kMebibyte));
  }
  for (const std::string_view piece : {"x ", " ", "\t", "\\x41"}) {
    ExpectRefused("a: " + Repeat(piece, kMebibyte) + "b");
    ExpectRefused("a: \"" + Repeat(piece, kMebibyte) + "b");
  }
  ExpectRefused("a: " + Repeat("x\n  ", kBytes - 3));
  ExpectRefused("a: |\n" + Repeat("  x\n", kBytes - 5));
  ExpectRefused("a:" + Repeat("\n", kBytes - 3) + "b");
}

// As long as a flow collection may be that is no hostile text: 10,000 cgroups as JSON must be read.
TEST(HostileYaml, F98_LongFlowsThatNeverEndStayWithinTheMemory) {
  constexpr double kLikeAnHonestText = 500;
  ExpectRefused("[" + Repeat("x,", 390'000), kLikeAnHonestText);
  ExpectRefused("{" + Repeat("x: y, ", 900'000), kLikeAnHonestText);
  ExpectRefused("a: {" + Repeat("x: y, ", 100'000), kLikeAnHonestText);
  ExpectRefused(Repeat("- [", 490'000), kLikeAnHonestText);
  ExpectRefused(Repeat("[],", 490'000), kLikeAnHonestText);
}

TEST(HostileYaml, F98_LinesWithManyKeys) {
  constexpr double kLikeAnHonestText = 500;
  std::string text = "a: {";
  for (int i = 0; i < 40'000; ++i) text += fmt::format("k{}: - , ", i);
  ExpectRefused(text, kLikeAnHonestText);
  ExpectRefused("a: {" + Repeat("!t x: 1, ", 900'000), kLikeAnHonestText);
  ExpectRefused("a: {" + Repeat("[x]: 1, ", 900'000), kLikeAnHonestText);
}

TEST(HostileYaml, F98_LongPaths) {
  std::string text = "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\ncgroups: {";
  text += Repeat("a", 64U << 10) + ": {}}\n";
  ExpectRefused(text);
}

TEST(HostileYaml, F98_EndlessErrors) {
  std::string text = "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\ncgroups:\n";
  for (int i = 0; i < 20'000; ++i) text += fmt::format("  c{}: {{memry.max: 1}}\n", i);
  // Reading 400 KiB takes yaml-cpp 30 ms, so the limit of time is for the refusals above.
  Findings findings;
  LoadPolicy({testing::TextFile("t.yaml", text)}, findings);
  EXPECT_EQ(findings.error_count(), 1001U);
  EXPECT_EQ(findings.all().front().code, "R0132");
}

}  // namespace
}  // namespace reeve::policy
