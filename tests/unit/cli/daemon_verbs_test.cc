// SPDX-License-Identifier: Apache-2.0
// reevectl against a control socket that says what a test wants (F113 for what can go wrong).
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/cli/reevectl.h"
#include "fake_daemon.h"
#include "support/temp_dir.h"

namespace reeve::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

int Call(std::vector<std::string> words) {
  words.insert(words.begin(), "reevectl");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return RunReevectl(static_cast<int>(argv.size()), argv.data());
}

class DaemonVerbs : public ::testing::Test {
 protected:
  // A daemon that gives the same answer to everything.
  void Serve(const Said& said) {
    Serve([said](const Asked&) { return said; });
  }

  void Serve(FakeDaemon::Answer answer) {
    daemon_ = std::make_unique<FakeDaemon>(socket_, std::move(answer));
  }

  std::vector<std::string> WithSocket(std::vector<std::string> words) {
    words.insert(words.end(), {"--socket", socket_, "--config", dir_ / "none.yaml"});
    return words;
  }

  Ran Type(const std::vector<std::string>& words) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Ran ran;
    ran.code = Call(WithSocket(words));
    std::fflush(stdout);
    ran.out = ::testing::internal::GetCapturedStdout();
    ran.err = ::testing::internal::GetCapturedStderr();
    return ran;
  }

  // In a process of its own, with this standard output; returns how that ended (waitpid's word).
  int TypeInto(int out, const std::vector<std::string>& words, const char* term = "xterm") {
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(out, STDOUT_FILENO);
      const int null = ::open("/dev/null", O_RDWR);
      ::dup2(null, STDERR_FILENO);
      ::dup2(null, STDIN_FILENO);
      ::setenv("TERM", term, 1);
      ::unsetenv("NO_COLOR");
      ::_exit(Call(WithSocket(words)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }

  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    for (const Asked& asked : daemon_->asked()) lines.push_back(asked.line);
    return lines;
  }

  nlohmann::json Body() { return nlohmann::json::parse(daemon_->asked().back().body); }

  support::TempDir dir_;
  std::string socket_ = dir_ / "s";
  std::unique_ptr<FakeDaemon> daemon_;
};

TEST_F(DaemonVerbs, PrintsWhatTheDaemonSaysAndEndsWithItsCode) {
  Serve(Said{.exit_status = "1", .body = "web17  DIFFERS\n"});

  const Ran ran = Type({"status", "--full", "web/*"});

  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "web17  DIFFERS\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(Lines(), ElementsAre("GET /v1/status?cgroup=web%2F%2A&full=1"));
  EXPECT_EQ(daemon_->asked()[0].accept, "text/plain");
}

TEST_F(DaemonVerbs, AsksForJsonWhereScriptsRead) {
  Serve(Said{.type = "application/json", .exit_status = "0", .body = R"({"b":1,"a":"é"})"});

  EXPECT_EQ(Type({"plan", "-o", "json", "--raw"}).out, "{\n  \"b\": 1,\n  \"a\": \"\\u00e9\"\n}\n");
  EXPECT_EQ(Type({"history", "-o", "yaml"}).out, "b: 1\na: \"\\u00e9\"\n");
  EXPECT_EQ(daemon_->asked()[0].accept, "application/json");
}

TEST_F(DaemonVerbs, EachAsksItsOwnQuestion) {
  Serve(Said{.exit_status = "0"});
  const auto asks = [&](std::vector<std::string> words) {
    EXPECT_EQ(Type(words).code, 0) << words[0];
    return daemon_->asked().back().line;
  };
  EXPECT_EQ(asks({"plan", "--cgroup", "a b"}), "GET /v1/plan?cgroup=a%20b");
  EXPECT_EQ(asks({"diff"}), "GET /v1/diff");
  EXPECT_EQ(asks({"diff", "41", "disk"}), "GET /v1/diff?from=41&to=disk");
  EXPECT_EQ(asks({"history"}), "GET /v1/generations");
  EXPECT_EQ(asks({"confirm"}), "POST /v1/confirm");
  EXPECT_EQ(asks({"explain", "web", "cpu.max"}), "GET /v1/explain?cgroup=web&key=cpu.max");
  EXPECT_EQ(asks({"release"}), "POST /v1/release");
  EXPECT_EQ(Body(), nlohmann::json({{"name", "hold"}}));
  EXPECT_EQ(asks({"lift", "--all", "--end"}), "POST /v1/release");
  EXPECT_EQ(Body(), nlohmann::json({{"name", "lift-all"}}));
  EXPECT_EQ(asks({"undo", "--to", "38", "--why", "db slow"}), "POST /v1/undo");
  EXPECT_EQ(Body(), nlohmann::json({{"to", 38}, {"why", "db slow"}}));
  EXPECT_EQ(asks({"hold", "--for", "4h", "--why", "INC"}), "POST /v1/hold");
  EXPECT_EQ(Body(), nlohmann::json({{"for_seconds", 14400}, {"why", "INC"}}));
  EXPECT_EQ(asks({"apply", "--confirm", "10m", "--accept", "max_remove", "--why", "x"}),
            "POST /v1/apply");
  EXPECT_EQ(Body(),
            nlohmann::json({{"accept", {"max_remove"}}, {"confirm_seconds", 600}, {"why", "x"}}));
  EXPECT_EQ(asks({"thaw", "web"}), "POST /v1/thaw");
  EXPECT_EQ(asks({"events", "--since", "1h", "--drift"}), "GET /v1/events?since=3600&drift=1");
}

TEST_F(DaemonVerbs, HandsAreSentAsTheyWereTyped) {
  Serve(Said{.exit_status = "0"});

  ASSERT_EQ(Type({"set",
                  "people",
                  "memory.high=400GiB",
                  "io.max=[{device: /dev/sda, rbps: 1=1}]",
                  "--for",
                  "90s",
                  "--why",
                  "INC-9001",
                  "--long"})
                .code,
            0);
  EXPECT_EQ(
      Body(),
      nlohmann::json(
          {{"verb", "set"},
           {"cgroup", "people"},
           {"settings", {{"memory.high", "400GiB"}, {"io.max", "[{device: /dev/sda, rbps: 1=1}]"}}},
           {"for_seconds", 90},
           {"long", true},
           {"why", "INC-9001"}}));
  ASSERT_EQ(
      Type({"clamp", "--pid", "77120", "--tree", "cpu.max=1 core", "--for", "2h", "--why", "x"})
          .code,
      0);
  EXPECT_EQ(Body(),
            nlohmann::json({{"verb", "clamp"},
                            {"pid", 77120},
                            {"tree", true},
                            {"settings", {{"cpu.max", "1 core"}}},
                            {"for_seconds", 7200},
                            {"why", "x"}}));
  ASSERT_EQ(Type({"lift", "--all", "--for", "1h", "--why", "x", "--accept", "self_lockout"}).code,
            0);
  EXPECT_EQ(Body()["all"], true);
  EXPECT_EQ(Body()["accept"], nlohmann::json({"self_lockout"}));
  EXPECT_THAT(Lines(), ::testing::Each("POST /v1/overrides"));
}

TEST_F(DaemonVerbs, RefusesOnTheLineWhatCanNotBeMeant) {
  Serve(Said{.exit_status = "0"});

  EXPECT_EQ(Type({"set", "people", "memory.high", "--for", "1h", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"set", "people", "a.b=1", "a.b=2", "--for", "1h", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"set", "people", "a.b=1", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"set", "people", "a.b=1", "--for", "1 hour", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"set", "people", "a.b=1", "--for", "1h"}).code, 64);
  EXPECT_EQ(Type({"lift", "--for", "1h", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"lift", "web", "--all", "--for", "1h", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"lift", "--all", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"clamp", "--pid", "0", "a.b=1", "--for", "1h", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"apply", "--confirm", "soon"}).code, 64);
  EXPECT_EQ(Type({"apply", "web.yaml"}).code, 64);
  EXPECT_EQ(Type({"hold", "--for", "-1h", "--why", "x"}).code, 64);
  EXPECT_THAT(Lines(), IsEmpty());
}

// --- one plan, exactly ---

TEST_F(DaemonVerbs, AppliesASavedPlanOnlyWhenItIsStillTheSame) {
  std::string now = R"({"policy_hash":"sha256:aa","actions":[{"do":"set","cgroup":"web"}]})";
  Serve([&](const Asked& asked) {
    return asked.line.starts_with("GET") ? Said{.type = "application/json", .body = now}
                                         : Said{.exit_status = "0", .body = "done\n"};
  });
  const std::string file = dir_ / "plan.json";
  std::ofstream(file) << now;

  EXPECT_EQ(Type({"apply", "--plan", file}).out, "done\n");
  EXPECT_EQ(Body()["policy_hash"], "sha256:aa");

  now = R"({"policy_hash":"sha256:aa","actions":[]})";
  const Ran moved = Type({"apply", "--plan", file});
  EXPECT_EQ(moved.code, 4);
  EXPECT_THAT(moved.err, HasSubstr("the host changed"));
  now = R"({"policy_hash":"sha256:bb","actions":[]})";
  EXPECT_THAT(Type({"apply", "--plan", file}).err, HasSubstr("the policies changed"));
  std::ofstream(file) << "{}";
  EXPECT_EQ(Type({"apply", "--plan", file}).code, 64);
  EXPECT_EQ(Type({"apply", "--plan", dir_ / "nothing"}).code, 1);
  EXPECT_EQ(std::ranges::count(Lines(), "POST /v1/apply"), 1);
}

// --- many at once ---

TEST_F(DaemonVerbs, AsksBeforeManyAreHit) {
  int processes = 61;
  Serve([&](const Asked& asked) {
    if (asked.line.starts_with("POST")) return Said{.exit_status = "0", .body = "killed\n"};
    nlohmann::json status = {{"cgroups", {{{"cgroup", "web"}, {"processes", processes}}}}};
    return Said{.type = "application/json", .body = status.dump()};
  });

  const Ran refused = Type({"kill", "web"});
  EXPECT_EQ(refused.code, 4);
  EXPECT_THAT(refused.err, HasSubstr("kill 61 processes in web: nobody to ask at a terminal"));
  EXPECT_THAT(refused.err, HasSubstr("reevectl kill web --yes"));
  EXPECT_THAT(Lines(), ElementsAre("GET /v1/status?cgroup=web&full=1"));

  EXPECT_EQ(Type({"kill", "web", "--yes"}).out, "killed\n");
  EXPECT_EQ(Body(), nlohmann::json({{"cgroup", "web"}, {"expect", 61}}));
  EXPECT_EQ(Type({"freeze", "web", "--for", "1h", "--why", "x"}).code, 4);

  processes = 1;
  EXPECT_EQ(Type({"kill", "web"}).code, 0);
  const Ran unknown = Type({"kill", "web/none"});
  EXPECT_EQ(unknown.code, 3);
}

TEST_F(DaemonVerbs, AProcessIsFrozenWhereverItIsByAClamp) {
  Serve([](const Asked&) { return Said{.exit_status = "0", .body = "done\n"}; });
  EXPECT_EQ(Type({"freeze", "--pid", "77", "--tree", "--for", "30m", "--why", "x"}).code, 0);
  EXPECT_THAT(Lines(), ElementsAre("POST /v1/overrides"));
  EXPECT_EQ(Body(),
            nlohmann::json({{"verb", "clamp"},
                            {"pid", 77},
                            {"tree", true},
                            {"settings", {{"cgroup.freeze", "true"}}},
                            {"for_seconds", 1800},
                            {"why", "x"}}));
  EXPECT_EQ(Type({"freeze", "--for", "30m", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"freeze", "web", "--pid", "77", "--for", "30m", "--why", "x"}).code, 64);
  EXPECT_EQ(Type({"freeze", "web", "--tree", "--for", "30m", "--why", "x"}).code, 64);
}

// --- what can go wrong (F113) ---

TEST_F(DaemonVerbs, F113NoDaemonIsFiveWithTheNextStep) {
  const Ran plan = Type({"plan"});
  EXPECT_EQ(plan.code, 5);
  EXPECT_EQ(plan.out, "");
  EXPECT_EQ(plan.err,
            "reevectl: no daemon to ask: " + socket_ +
                ": no such socket: the daemon is not running\n"
                "Next: `reevectl plan --root CGROUP_DIR`\n");
  EXPECT_THAT(Type({"history"}).err, HasSubstr("Next: `systemctl start reeved`"));
  EXPECT_THAT(Type({"lift", "--all", "--for", "1h", "--why", "x"}).err,
              HasSubstr("Next: `reeved --lift`"));
  for (const char* verb : {"status", "diff", "apply", "confirm", "undo", "release", "events"}) {
    EXPECT_EQ(Type({verb}).code, 5) << verb;
  }
  std::ofstream(dir_ / "with-root.yaml") << "root: /sys/fs/cgroup/reeve\n";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Call({"status", "--socket", socket_, "--config", dir_ / "with-root.yaml"}), 5);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("Next: `reevectl status --offline`"));
}

TEST_F(DaemonVerbs, F113ADaemonThatDiedIsFiveToo) {
  Serve(Said{});
  const std::string left = dir_ / "left";
  std::filesystem::rename(socket_, left);
  daemon_.reset();
  socket_ = left;

  EXPECT_EQ(Type({"history"}).code, 5);
  EXPECT_THAT(Type({"history"}).err, HasSubstr("nobody listens"));
}

TEST_F(DaemonVerbs, F113AnAnswerThatBreaksOffIsNoAnswer) {
  Serve(Said{.exit_status = "0", .body = "web17  AS DESC", .cut = true});

  const Ran ran = Type({"status"});

  EXPECT_EQ(ran.code, 5);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("the daemon went away while it was asked"));
}

TEST_F(DaemonVerbs, F113ADaemonOfAnotherVersionIsSaid) {
  Serve(
      {.status = 404,
       .type = "application/problem+json",
       .body = R"({"title":"Not Found","status":404,"detail":"there is nothing at /v1/events"})"});
  const Ran ran = Type({"events"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err,
              StartsWith("reevectl: the daemon does not know `events`: is it of another version?"));

  daemon_.reset();
  std::filesystem::remove(socket_);
  Serve(Said{.type = "text/html", .body = "<html>"});
  EXPECT_EQ(Type({"history", "-o", "json"}).code, 1);
  EXPECT_THAT(Type({"history", "-o", "json"}).err, HasSubstr("of another version?"));
}

TEST_F(DaemonVerbs, F113RefusalsHaveTheirCodesAndReachNoTerminalRaw) {
  Said said{.status = 403,
            .type = "application/problem+json",
            .exit_status = "",
            .body = R"({"title":"Forbidden","detail":"not \u001b[2J you\n","hint":"reevectl x"})"};
  Serve([&](const Asked&) { return said; });
  const Ran ran = Type({"confirm"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "reevectl: not \\x1b[2J you\\x0a\nNext: `reevectl x`\n");

  said.body = R"({"title":"Forbidden","hint":"ask root"})";
  EXPECT_EQ(Type({"confirm"}).err, "reevectl: Forbidden\nhint: ask root\n");
  said.body = "\xff\xfe not json";
  EXPECT_EQ(Type({"confirm"}).err, "reevectl: the daemon answers 403 to `confirm`\n");
  said = {.status = 409, .exit_status = "4", .body = "HELD BACK by guard max_remove"};
  EXPECT_EQ(Type({"apply"}).err, "HELD BACK by guard max_remove\n");
  EXPECT_EQ(Type({"apply"}).code, 4);
  said = {.status = 503, .body = ""};
  EXPECT_EQ(Type({"apply"}).code, 75);
  said = {.status = 409,
          .type = "application/json",
          .exit_status = "4",
          .body = R"({"result":"held"})"};
  const Ran held = Type({"apply", "-o", "json"});
  EXPECT_EQ(held.out, "{\n  \"result\": \"held\"\n}\n");
  EXPECT_EQ(held.err, "");
  EXPECT_EQ(held.code, 4);
}

TEST_F(DaemonVerbs, F113AReaderThatGoesAwayEndsItQuietly) {
  Serve(Said{.exit_status = "0", .body = std::string(1U << 20, 'x')});
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);

  const int ended = TypeInto(ends[1], {"status"});

  ::close(ends[1]);
  ASSERT_TRUE(WIFEXITED(ended)) << "killed by signal " << WTERMSIG(ended);
  EXPECT_EQ(WEXITSTATUS(ended), 0);
}

TEST_F(DaemonVerbs, F113AFullDiskIsAFailure) {
  Serve(Said{.exit_status = "0", .body = "web17  AS DESCRIBED\n"});
  const int full = ::open("/dev/full", O_WRONLY);

  const int ended = TypeInto(full, {"status"});

  ::close(full);
  EXPECT_EQ(WEXITSTATUS(ended), 1);
}

TEST_F(DaemonVerbs, F113ATerminalSaysHowWideItIsAndWhetherItHasColours) {
  Serve(Said{.exit_status = "0", .body = "ok\n"});
  int ours = -1;
  int theirs = -1;
  winsize size = {.ws_row = 24, .ws_col = 20, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(::openpty(&ours, &theirs, nullptr, nullptr, &size), 0);

  EXPECT_EQ(WEXITSTATUS(TypeInto(theirs, {"history"})), 0);
  EXPECT_EQ(WEXITSTATUS(TypeInto(theirs, {"history"}, "dumb")), 0);
  size.ws_col = 3;
  ASSERT_EQ(::ioctl(ours, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(WEXITSTATUS(TypeInto(theirs, {"history", "--color", "never"})), 0);

  ::close(ours);
  ::close(theirs);
  EXPECT_THAT(Lines(),
              ElementsAre("GET /v1/generations?color=1&width=20",
                          "GET /v1/generations?width=20",
                          "GET /v1/generations?width=20"));
}

TEST_F(DaemonVerbs, F113EventsStopWhenNobodyReads) {
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "13:51:40  drift  web cpu.max\n";
  Serve(Said{.exit_status = "0", .body = many});
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  const int ended = TypeInto(ends[1], {"events", "--follow"});
  ::close(ends[1]);
  ASSERT_TRUE(WIFEXITED(ended));

  EXPECT_EQ(Type({"events"}).out, many);
}

// --- completion ---

TEST_F(DaemonVerbs, CompletionGetsNamesThatNoShellTakesForAnythingElse) {
  Serve(Said{.body = "web\nweb/api\n$(reboot)\n-rf\na b\nsites/s-a%2Fb\n\x1b[2J\n"});

  const Ran ran = Type({"__names"});

  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "web\nweb/api\nsites/s-a%2Fb\n");
}

TEST_F(DaemonVerbs, CompletionIsSilentAndQuickWithoutAnAnswer) {
  const Ran none = Type({"__names"});
  EXPECT_EQ(none.code, 0);
  EXPECT_EQ(none.out + none.err, "");

  Serve(Said{.never = true});
  const auto begin = std::chrono::steady_clock::now();
  const Ran silent = Type({"__names"});
  EXPECT_EQ(silent.code, 0);
  EXPECT_EQ(silent.out + silent.err, "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

// --- report ---

TEST_F(DaemonVerbs, AReportUnpacksAnywhereAndNowhereElse) {
  Serve(
      {.type = "application/json",
       .body = R"({"plan.txt":"AS DESCRIBED\n","../../etc/x y":"no","status":{"generation":4}})"});
  const std::string file = dir_ / "r.tar";

  const Ran ran = Type({"report", file});

  ASSERT_EQ(ran.code, 0) << ran.err;
  struct stat status = {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  std::string listed;
  std::FILE* tar = ::popen(
      ("tar -tf " + file + " && tar -xOf " + file + " --wildcards '*/plan.txt'").c_str(), "r");
  ASSERT_NE(tar, nullptr);
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, tar)) > 0;)
    listed.append(buffer, n);
  EXPECT_EQ(::pclose(tar), 0);
  EXPECT_THAT(listed, HasSubstr("/plan.txt\n"));
  EXPECT_THAT(listed, HasSubstr("/etc/x_y\n"));
  EXPECT_THAT(listed, HasSubstr("/status.json\n"));
  EXPECT_THAT(listed, HasSubstr("/doctor.txt\n"));
  EXPECT_THAT(listed, HasSubstr("AS DESCRIBED\n"));
  EXPECT_THAT(listed, Not(HasSubstr("..")));
  EXPECT_EQ(Type({"report", file}).code, 1);  // nobody's file is overwritten
}

TEST_F(DaemonVerbs, AReportWithoutADaemonHoldsWhatIsHere) {
  const Ran ran = Type({"report", "-"});

  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("without what the daemon knows"));
  EXPECT_EQ(ran.out.size() % 10240, 0U);
  EXPECT_THAT(ran.out, StartsWith("reeve-report-"));
  EXPECT_THAT(ran.out, Not(HasSubstr("machine_id")));
}

}  // namespace
}  // namespace reeve::cli
