// SPDX-License-Identifier: Apache-2.0
// The command line as people and scripts use it, with files but without a cgroup tree.
#include "app/cli/reevectl.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reeve::cli {
namespace {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran Type(std::vector<std::string> words) {
  words.insert(words.begin(), "reevectl");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.code = RunReevectl(static_cast<int>(argv.size()), argv.data());
  std::fflush(stdout);
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

class Reevectl : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "reevectl-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    // What the test machine itself is configured to be must not matter.
    Write("none.yaml", "{}\n");
  }

  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  std::string Policy(const std::string& name, const std::string& cgroups) {
    return Write(name,
                 "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\ncgroups:\n" + cgroups);
  }

  std::filesystem::path directory_;
};

TEST_F(Reevectl, SaysWhatCanBeTypedWhenNothingWas) {
  const Ran ran = Type({});

  EXPECT_EQ(ran.code, 64);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("\n  apply "), std::string::npos);
}

TEST_F(Reevectl, CheckNamesDocumentsThatAreOnlyWatched) {
  const std::string file =
      Write("a.yaml",
            "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: web}\n"
            "cgroups: {web: {pids.max: 900}}\n---\n"
            "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: trial, mode: observe}\n"
            "cgroups: {web: {pids.max: 500}}\n---\n"
            "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: other}\n"
            "when: {host: not-this-one}\ncgroups: {web: {pids.max: 500}}\n");

  const Ran ran = Type({"check", file});

  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "OK " + file +
                ": 3 documents (1 not for this host, 1 only watched), 1 cgroup, 0 templates, 0 "
                "warnings\n"
                "Only watched (mode: observe), never written: trial " +
                file + ":8\n");
}

TEST_F(Reevectl, OffersTheNearestVerb) {
  const Ran ran = Type({"aply", "x.yaml"});

  EXPECT_EQ(ran.code, 64);
  EXPECT_EQ(ran.err, "reevectl: no verb `aply`\nNext: `reevectl apply`\n");
}

TEST_F(Reevectl, CallsEveryMistakeOnTheLineUsage) {
  EXPECT_EQ(Type({"check"}).code, 64);
  EXPECT_EQ(Type({"check", "x", "-o", "xml"}).code, 64);
  EXPECT_EQ(Type({"plan", "--nosuch"}).code, 64);
  EXPECT_EQ(Type({"run", "web"}).code, 64);
  EXPECT_EQ(Type({"check", "x", "-o", "xml"}).err,
            "reevectl: --output: xml not in {table,json,yaml}\nNext: `reevectl check --help`\n");
}

TEST_F(Reevectl, SaysWhichTreeIsMissingForFilesOfOnesOwn) {
  const std::string config = (directory_ / "none.yaml").string();
  const Ran ran = Type({"plan", "web.yaml", "--config", config});

  EXPECT_EQ(ran.code, 64);
  EXPECT_EQ(ran.err,
            "reevectl: no managed root is known: " + config +
                " sets no `root:`\n"
                "Next: `reevectl plan --root CGROUP_DIR web.yaml`\n");
  EXPECT_EQ(Type({"run", "web", "--config", config, "--", "true"}).code, 64);
}

TEST_F(Reevectl, SaysWhatIsNotACgroupTree) {
  EXPECT_EQ(Type({"plan", "--root", (directory_ / "nowhere").string(), "x"}).code, 3);
  EXPECT_EQ(Type({"plan", "--root", directory_.string(), "x"}).code, 4);
  EXPECT_EQ(Type({"diff", "--root", directory_.string(), "x"}).code, 2);
}

TEST_F(Reevectl, ChecksAGoodFileInOneLine) {
  const std::string file = Policy("web.yaml", "  web: {pids.max: 2000}\n");

  const Ran ran = Type({"check", file});

  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "OK " + file + ": 1 document, 1 cgroup, 0 templates, 0 warnings\n");
  EXPECT_EQ(ran.err, "");
}

TEST_F(Reevectl, ShowsWhatIsWrongOnStandardError) {
  const std::string file = Policy("web.yaml", "  web: {pids.mx: 2000}\n");

  const Ran ran = Type({"check", file});

  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(ran.err.starts_with(file + ":5:9: error[R0101]: ")) << ran.err;
  EXPECT_TRUE(
      ran.err.ends_with("1 error, 0 warnings. " + file + " cannot be used; nothing was changed.\n"))
      << ran.err;
}

TEST_F(Reevectl, GivesFindingsAsAList) {
  const std::string bad = Policy("bad.yaml", "  web: {pids.mx: 2000}\n");
  const std::string good = Policy("good.yaml", "  web: {pids.max: 2000}\n");

  const Ran ran = Type({"check", bad, "-o", "json"});

  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(nlohmann::json::parse(ran.out)[0]["code"], "R0101");
  EXPECT_EQ(Type({"check", good, "-o", "json"}).out, "[]\n");
}

TEST_F(Reevectl, TakesWarningsForErrorsWhenStrict) {
  const std::string file = Policy("web.yaml", "  web: {pids.max: 5}\n");

  EXPECT_EQ(Type({"check", file}).code, 0);
  EXPECT_EQ(Type({"check", "--strict", file}).code, 1);
}

TEST_F(Reevectl, JudgesACandidateUnderItsNameAmongTheOthers) {
  Policy("d/10-base.yaml", "  web: {pids.max: 1000}\n");
  Policy("d/20-web.yaml", "  web: {cpu.weight: 10}\n");
  const std::string candidate = Policy("tmp/source", "  web: {pids.max: 2000}\n");

  const Ran beside =
      Type({"check", candidate, "--as", "20-web.yaml", "--with", (directory_ / "d").string()});
  const Ran instead =
      Type({"check", candidate, "--as", "10-base.yaml", "--with", (directory_ / "d").string()});

  EXPECT_EQ(beside.code, 1);
  EXPECT_TRUE(beside.err.starts_with("20-web.yaml:5:19: error[R0301]: ")) << beside.err;
  EXPECT_EQ(instead.code, 0) << instead.err;
  EXPECT_EQ(instead.out, "OK 10-base.yaml: 2 documents, 1 cgroup, 0 templates, 0 warnings\n");
}

// Else of two broken files neither could be mended.
TEST_F(Reevectl, DoesNotBlameACandidateForWhatWasBrokenBefore) {
  Policy("d/10-base.yaml", "  web: {pids.mx: 1000}\n");
  const std::string candidate = Policy("tmp/source", "  db: {pids.max: 2000}\n");

  const Ran ran =
      Type({"check", candidate, "--as", "20-db.yaml", "--with", (directory_ / "d").string()});

  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(
      ran.err.find(
          "1 error in other files was there before and still keeps the set from being used.\n"),
      std::string::npos)
      << ran.err;
}

TEST_F(Reevectl, PlansForOtherHostsFromTheirFacts) {
  const std::string policy = Policy("web.yaml", "  web: {memory.max: host - 4GiB}\n");
  const std::string small =
      Write("small.json", "{\"host\": \"s\", \"cpus\": 2, \"memory\": 1073741824}\n");
  const std::string large =
      Write("large.json", "{\"host\": \"l\", \"cpus\": 8, \"memory\": 17179869184}\n");

  const Ran both = Type({"plan", "--facts", large, small, policy});
  const Ran one = Type({"plan", "--facts", large, policy, "-o", "json"});

  EXPECT_EQ(both.code, 1);
  EXPECT_NE(both.out.find("error[R0311]"), std::string::npos) << both.out;
  EXPECT_NE(both.out.find("1 of 2 hosts can take this policy."), std::string::npos) << both.out;
  EXPECT_EQ(one.code, 0);
  EXPECT_EQ(nlohmann::json::parse(one.out)[0]["cgroups"]["web"]["memory.max"], "12884901888");
}

TEST_F(Reevectl, ExplainsKeysAndCodes) {
  EXPECT_EQ(Type({"help", "cpu.max"}).code, 0);
  EXPECT_NE(Type({"help", "R0204"}).out.find("a percentage must say of what"), std::string::npos);
  EXPECT_EQ(Type({"help", "cpu.mx"}).code, 3);
  EXPECT_EQ(Type({"help", "cpu.mx"}).err,
            "reevectl: no help on `cpu.mx`\nNext: `reevectl help cpu.max`\n");
}

TEST_F(Reevectl, PrintsASchemaThatIsJson) {
  EXPECT_TRUE(nlohmann::json::accept(Type({"schema"}).out));
}

TEST_F(Reevectl, PrintsFactsThatPlanReadsBack) {
  const std::string facts =
      Write("me.json",
            Type({"facts", "--config", (directory_ / "none.yaml").string(), "-o", "json"}).out);
  const std::string policy = Policy("web.yaml", "  web: {pids.max: 2000}\n");

  EXPECT_EQ(Type({"plan", "--facts", facts, policy}).code, 0);
}

TEST_F(Reevectl, TellsAFullDiskFromSuccess) {
  const std::string file = Policy("web.yaml", "  web: {pids.max: 2000}\n");
  const int saved = ::dup(STDOUT_FILENO);
  ASSERT_NE(std::freopen("/dev/full", "w", stdout), nullptr);
  testing::internal::CaptureStderr();
  std::vector<std::string> words = {"reevectl", "check", file};
  std::vector<char*> argv = {words[0].data(), words[1].data(), words[2].data()};

  const int code = RunReevectl(3, argv.data());

  const std::string err = testing::internal::GetCapturedStderr();
  std::clearerr(stdout);
  ::dup2(saved, STDOUT_FILENO);
  ::close(saved);
  EXPECT_EQ(code, 1);
  EXPECT_EQ(err, "reevectl: writing the result: No space left on device\n");
}

TEST_F(Reevectl, SaysNothingWhenTheReaderWentAway) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  const int saved = ::dup(STDOUT_FILENO);
  ::dup2(ends[1], STDOUT_FILENO);
  ::close(ends[1]);
  testing::internal::CaptureStderr();
  std::vector<std::string> words = {"reevectl", "schema"};
  std::vector<char*> argv = {words[0].data(), words[1].data()};

  const int code = RunReevectl(2, argv.data());

  const std::string err = testing::internal::GetCapturedStderr();
  std::clearerr(stdout);
  ::dup2(saved, STDOUT_FILENO);
  ::close(saved);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(err, "");
}

constexpr const char* kTestHead =
    "apiVersion: reeve/v1\nkind: PolicyTest\nmetadata: {name: t}\npolicies: [web.yaml]\n";

TEST_F(Reevectl, TestsPoliciesBesideTheTest) {
  Policy("web.yaml", "  web: {pids.max: 2000}\n");
  const std::string good =
      Write("good.yaml", std::string(kTestHead) + "expect: {cgroups: {web: {pids.max: 2000}}}\n");
  const std::string bad =
      Write("bad.yaml", std::string(kTestHead) + "expect: {cgroups: {web: {pids.max: 100}}}\n");
  const std::string typo = Write("typo.yaml", std::string(kTestHead) + "expects: {}\n");

  const Ran passed = Type({"test", good});
  EXPECT_EQ(passed.code, 0);
  EXPECT_EQ(passed.out, "ok    " + good + ":1  t (2 checks)\nOK: 1 test\n");
  const Ran failed = Type({"test", good, bad});
  EXPECT_EQ(failed.code, 1);
  EXPECT_NE(failed.out.find(bad + ":5:26: web pids.max\n    expected  100\n    got       2000"),
            std::string::npos)
      << failed.out;
  const Ran wrong = Type({"test", good, typo});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.out.find("OK: 1 test\n"), std::string::npos);
  EXPECT_NE(wrong.err.find("`expects` is no key of a policy test"), std::string::npos);
  EXPECT_EQ(Type({"test"}).code, 64);
  EXPECT_EQ(Type({"test", (directory_ / "gone").string()}).code, 1);
  const Ran none = Type({"test", (directory_ / "web.yaml").string()});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.err.find("there are no tests"), std::string::npos);
}

TEST_F(Reevectl, TestsSpeakToMachinesToo) {
  Policy("web.yaml", "  web: {pids.max: 2000}\n");
  const std::string bad =
      Write("bad.yaml", std::string(kTestHead) + "expect: {cgroups: {web: {pids.max: 100}}}\n");

  const Ran json = Type({"test", bad, "-o", "json"});
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(nlohmann::json::parse(json.out)["failed"], 1);
  const Ran junit = Type({"test", bad, "-o", "junit"});
  EXPECT_EQ(junit.code, 1);
  EXPECT_TRUE(junit.out.starts_with("<?xml")) << junit.out;
  EXPECT_EQ(Type({"plan", "x", "-o", "junit"}).code, 64);
}

TEST_F(Reevectl, TestsFindHostsAndPathsOnlyWhereTheTestSays) {
  Policy(
      "web.yaml",
      "  sites: {cgroups: {<name>: {for_each: {path: /nowhere/<name>}, pids.max: 10% of host}}}\n");
  Write("h.json", R"({"max_tasks": 1000})");
  const std::string file =
      Write("t.yaml",
            std::string(kTestHead) +
                "host: h.json\npaths: [/nowhere/a, /nowhere/b/c, /etc]\n"
                "expect: {nothing_else: true, cgroups: {sites/a: {pids.max: 100}}}\n");

  const Ran ran = Type({"test", file});

  EXPECT_EQ(ran.code, 0) << ran.out;
}

TEST_F(Reevectl, PlansForARecordedTree) {
  const std::string file = Policy("web.yaml", "  web: {memory.max: 1GiB}\n");
  const std::string host = Write(
      "h.json",
      R"({"host": "a", "cpus": 2, "memory": 8589934592, "tree": {"web": {"owner": {"created": true,
          "keys": {"memory.max": ""}}, "memory.max": "max", "memory.current": "2147483648"}}})");

  const Ran ran = Type({"plan", "--facts", host, file});

  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("1 held back, 1"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("as they were recorded"), std::string::npos) << ran.out;
  const auto json = nlohmann::json::parse(Type({"plan", "--facts", host, file, "-o", "json"}).out);
  EXPECT_EQ(json[0]["care"][0]["class"], "kill");
  EXPECT_EQ(json[0]["as_described"], false);
}

TEST_F(Reevectl, ComparesTwoSetsOfPoliciesByWhatTheyMean) {
  const std::string one =
      Policy("old/web.yaml", "  web: {memory.max: 25% of host, pids.max: 10}\n");
  const std::string same = Policy("same.yaml", "  web: {pids.max: 5 * 2, memory.max: 2GiB}\n");
  const std::string other = Policy("new/web.yaml", "  web: {memory.max: 1GiB, pids.max: 10}\n");
  const std::string bad = Policy("bad.yaml", "  web: {pids.mx: 1}\n");
  const std::string host = Write("h.json", R"({"host": "a", "memory": 8589934592})");
  const std::string old_directory = (directory_ / "old").string();

  const Ran none = Type({"diff", "--facts", host, one, same});
  EXPECT_EQ(none.code, 0) << none.out;
  EXPECT_EQ(none.out, one + " and " + same + " mean the same here\n");
  const Ran some = Type({"diff", old_directory, other, "--facts", host});
  EXPECT_EQ(some.code, 1);
  EXPECT_EQ(some.out,
            "--- " + old_directory + "\n+++ " + other + "\n@@ web @@\n-memory.max: 2GiB  # " + one +
                ":5\n+memory.max: 1GiB  # " + other + ":5\n");
  EXPECT_EQ(Type({"diff", "--facts", host, one, bad}).code, 2);
  EXPECT_EQ(Type({"diff", "--facts", host, one, (directory_ / "gone.yaml").string()}).code, 2);
  EXPECT_EQ(Type({"diff", "--facts", host, one}).code, 64);
  const auto json =
      nlohmann::json::parse(Type({"diff", "--facts", host, one, other, "-o", "json"}).out);
  EXPECT_EQ(json["changes"][0]["to"], "1073741824");
}

TEST_F(Reevectl, ExplainTellsAKeyFromAFile) {
  const std::string file = Policy("web.yaml", "  web: {pids.max: 10}\n");

  EXPECT_EQ(Type({"explain"}).code, 64);
  EXPECT_EQ(Type({"explain", "web", "cpu.max", "pids.max"}).code, 64);
  const Ran gone = Type({"explain", "web", "gone.yaml"});
  EXPECT_EQ(gone.code, 64);
  EXPECT_NE(gone.err.find("gone.yaml: no such file"), std::string::npos);
  EXPECT_EQ(Type({"explain", "--root", directory_.string(), "web", "pids.max", file}).code, 4);
}

}  // namespace
}  // namespace reeve::cli
