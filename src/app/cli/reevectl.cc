// SPDX-License-Identifier: Apache-2.0
// The command line: the only file that knows CLI11.
#include "app/cli/reevectl.h"

#include <csignal>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/complain.h"
#include "app/cli/completion.h"
#include "app/cli/daemon_line.h"
#include "app/cli/verbs.h"
#include "app/show/screen.h"
#include "core/base/text.h"
#include "core/policy/reference.h"

namespace reeve::cli {
namespace {

const std::map<std::string, Format> kFormats = {
    {"table", Format::kTable}, {"json", Format::kJson}, {"yaml", Format::kYaml}};
const std::map<std::string, ColorWish> kColors = {
    {"auto", ColorWish::kAuto}, {"always", ColorWish::kAlways}, {"never", ColorWish::kNever}};

// Everything the command line can say; CLI11 fills it in.
struct Said {
  OutputOptions output;
  std::string format = "table";
  std::string color = "auto";
  CheckOptions check;
  PlanVerbOptions plan;
  TreeOptions diff;
  std::string diff_glob;
  ApplyOptions apply;
  StatusOptions status;
  ExplainOptions explain;
  std::string diff_facts;
  RunVerbOptions run;
  TestOptions test;
  TreeOptions record;
  std::vector<std::string> topic;
  TreeOptions facts;
  TreeOptions doctor;
  std::string shell;
  DaemonLine daemon;
};

// One of some words; the list is in the option's own description.
CLI::Validator OneOf(std::vector<std::string> words) {
  return CLI::IsMember(std::move(words)).description("");
}

void AddColor(CLI::App* verb, Said& said) {
  verb->add_option(
          "--color", said.color, "auto (on a terminal, not with NO_COLOR), always or never")
      ->check(OneOf({"auto", "always", "never"}))
      ->type_name("WHEN");
}

CLI::App* AddVerb(CLI::App& app, Said& said, const std::string& name, const std::string& help) {
  CLI::App* verb = app.add_subcommand(name, help);
  verb->add_option("-o,--output", said.format, "table, json or yaml")
      ->check(OneOf({"table", "json", "yaml"}))
      ->type_name("FORMAT");
  AddColor(verb, said);
  return verb;
}

void AddTree(CLI::App* verb, TreeOptions& tree) {
  verb->add_option("--root", tree.root, "managed root: a cgroup directory; implies --offline")
      ->type_name("CGROUP_DIR");
  verb->add_flag("--offline", tree.offline, "without the daemon, on the root of reeved.yaml");
  verb->add_option("--config", tree.config, "reeved.yaml to take the root and directories from")
      ->type_name("YAML");
}

void AddSocket(CLI::App* verb, TreeOptions& tree) {
  verb->add_option("--socket", tree.socket, "the daemon's control socket")->type_name("SOCKET");
}

void AddFiles(CLI::App* verb, std::vector<std::string>& files) {
  verb->add_option("FILE", files, "policies: files, directories, - for standard input")
      ->type_name("");
}

void AddGlob(CLI::App* verb, std::string& glob) {
  verb->add_option("--cgroup", glob, "only cgroups that match, and what lies below them")
      ->type_name("GLOB");
}

void Declare(CLI::App& app, Said& said) {
  CLI::App* check =
      AddVerb(app, said, "check", "judge policies: needs no daemon, no root, no cgroups");
  AddFiles(check, said.check.files);
  check->get_option("FILE")->required();
  check->add_option("--as", said.check.as, "judge the one FILE as if it had this name")
      ->type_name("NAME");
  check->add_option("--with", said.check.with, "... among the files of this directory")
      ->type_name("DIR");
  check->add_flag(
      "--strict", said.check.strict, "warnings, and what is not possible here, are errors");
  check->add_option("--root", said.check.root, "judge for this managed root")
      ->type_name("CGROUP_DIR");
  check->add_option("--facts", said.check.facts, "judge for these hosts (files of `facts -o json`)")
      ->type_name("JSON");
  check->add_option("--config", said.check.config, "reeved.yaml to take directories from")
      ->type_name("YAML");

  CLI::App* plan = AddVerb(app, said, "plan", "what apply would do, and why");
  AddTree(plan, said.plan.tree);
  AddSocket(plan, said.plan.tree);
  AddFiles(plan, said.plan.tree.files);
  plan->add_option(
          "--facts", said.plan.facts, "for other hosts (files of `facts -o json`), without a tree")
      ->type_name("JSON");
  AddGlob(plan, said.plan.cgroup_glob);
  plan->add_flag("--full", said.plan.full, "every line, and what is already so");
  plan->add_flag("--raw", said.plan.raw, "values in the kernel's units");
  plan->add_flag(
      "--detailed-exitcode", said.plan.detailed_exitcode, "0 as described, 1 error, 2 changes");

  CLI::App* diff =
      AddVerb(app, said, "diff", "what differs: exit 0 nothing, 1 something, 2 trouble");
  AddTree(diff, said.diff);
  AddSocket(diff, said.diff);
  diff->add_option("FILE",
                   said.diff.files,
                   "policies to compare this host with; or two sets of them; or two generations")
      ->type_name("");
  AddGlob(diff, said.diff_glob);
  diff->add_option("--facts", said.diff_facts, "two sets of policies: as this host takes them")
      ->type_name("JSON");

  CLI::App* apply = AddVerb(app, said, "apply", "do what plan shows");
  AddTree(apply, said.apply.tree);
  AddSocket(apply, said.apply.tree);
  AddFiles(apply, said.apply.tree.files);
  ApplyByDaemon& by_daemon = said.apply.by_daemon;
  apply->add_option("--plan", by_daemon.plan, "exactly this plan (of `plan -o json`), or nothing")
      ->type_name("JSON");
  apply->add_option("--confirm", by_daemon.confirm, "undo it after TIME without `reevectl confirm`")
      ->type_name("TIME");
  apply->add_option("--accept", by_daemon.accept, "although this guard holds it back")
      ->allow_extra_args(false)
      ->type_name("GUARD");
  apply->add_option("--why", by_daemon.why, "shown in the history")->type_name("WHY");

  CLI::App* status =
      AddVerb(app, said, "status", "what is: use against limits, and whether it is as described");
  AddTree(status, said.status.tree);
  AddSocket(status, said.status.tree);
  status->add_option("WHAT", said.status.tree.files, "policies to compare with, or a cgroup")
      ->type_name("");
  AddGlob(status, said.status.cgroup_glob);
  status->add_flag("-q,--quiet", said.status.quiet, "one line, one exit code");
  status->add_flag("--full", said.status.full, "every cgroup");

  CLI::App* explain =
      AddVerb(app,
              said,
              "explain",
              "why a cgroup or value is what it is: file, line, what binds, evidence");
  AddTree(explain, said.explain.tree);
  AddSocket(explain, said.explain.tree);
  explain->add_option("CGROUP", said.explain.cgroup, "below the managed root")
      ->required()
      ->type_name("");
  explain->add_option("WHAT", said.explain.what, "an interface file; policies to look it up in")
      ->type_name("");

  CLI::App* run =
      AddVerb(app, said, "run", "run a command inside a cgroup: run CGROUP -- COMMAND...");
  AddTree(run, said.run.tree);
  run->add_option("CGROUP", said.run.cgroup, "below the managed root")->required()->type_name("");

  CLI::App* test = app.add_subcommand(
      "test", "tests of policies: given this host, expect this tree; needs no kernel");
  test->add_option("-o,--output", said.format, "table, json, yaml or junit")
      ->check(OneOf({"table", "json", "yaml", "junit"}))
      ->type_name("TEST_FORMAT");
  AddColor(test, said);
  test->add_option("FILE", said.test.files, "tests: files, directories, - for standard input")
      ->type_name("")
      ->required();

  CLI::App* record = AddVerb(
      app, said, "record", "this host's facts and governed cgroups, for test and plan --facts");
  AddTree(record, said.record);
  AddSocket(record, said.record);
  AddFiles(record, said.record.files);

  CLI::App* help =
      AddVerb(app, said, "help", "explain an interface file, a key or a finding's code");
  help->add_option("TOPIC", said.topic, "cpu.max, for_each, R0204, ...; none lists all")
      ->type_name("");
  AddVerb(app, said, "schema", "the policy language as JSON Schema, for editors");
  CLI::App* facts =
      AddVerb(app, said, "facts", "what decides how policies are resolved on this host");
  AddTree(facts, said.facts);
  AddSocket(facts, said.facts);
  CLI::App* doctor =
      AddVerb(app, said, "doctor", "whether this host can do what reeve needs, and how to mend it");
  AddTree(doctor, said.doctor);
  AddFiles(doctor, said.doctor.files);
  CLI::App* completion =
      app.add_subcommand("completion", "completion script for bash, zsh or fish");
  completion->add_option("SHELL", said.shell, "bash, zsh or fish")
      ->type_name("")
      ->required()
      ->check(OneOf({"bash", "zsh", "fish"}));
  AddVerb(app, said, "version", "the version of reevectl");
  said.daemon.Declare(app, [&](const std::string& name, const std::string& text) {
    return AddVerb(app, said, name, text);
  });
}

// --- completion ----------------------------------------------------------------------------------

OptionWords WordsOf(const CLI::Option& option) {
  OptionWords words;
  words.name = "--" + option.get_lnames().front();
  if (!option.get_snames().empty()) words.short_name = "-" + option.get_snames().front();
  words.help = option.get_description();
  const std::string type = option.get_type_name();
  using Takes = OptionWords::Takes;
  if (option.get_items_expected_max() == 0 || option.get_type_size_max() == 0) return words;
  words.takes = Takes::kText;
  if (type.starts_with("CGROUP_DIR") || type.starts_with("DIR")) words.takes = Takes::kDirectory;
  if (type.starts_with("JSON") || type.starts_with("YAML")) words.takes = Takes::kFile;
  if (type.starts_with("GLOB")) words.takes = Takes::kCgroup;
  if (type.starts_with("SOCKET")) words.takes = Takes::kFile;
  if (type.starts_with("FORMAT") || type.starts_with("TEST_FORMAT")) {
    words.takes = Takes::kChoice;
    for (const auto& format : kFormats) words.choices.push_back(format.first);
    if (type.starts_with("TEST")) words.choices.push_back("junit");
  }
  if (type.starts_with("WHEN")) {
    words.takes = Takes::kChoice;
    for (const auto& color : kColors) words.choices.push_back(color.first);
  }
  return words;
}

std::vector<VerbWords> WordsOf(CLI::App& app) {
  std::vector<VerbWords> verbs;
  for (const CLI::App* verb : app.get_subcommands({})) {
    if (verb->get_group().empty()) continue;
    VerbWords words;
    words.name = verb->get_name();
    words.help = verb->get_description();
    for (const CLI::Option* option : verb->get_options()) {
      if (!option->get_lnames().empty()) words.options.push_back(WordsOf(*option));
      const std::string positional = option->get_name(true);
      if (positional == "FILE") words.takes = VerbWords::Takes::kFiles;
      if (positional == "CGROUP" || positional == "WHAT") {
        words.takes = words.name == "run" ? VerbWords::Takes::kCommand : VerbWords::Takes::kCgroup;
      }
      if (positional == "TOPIC") {
        words.takes = VerbWords::Takes::kChoice;
        // Those of several words or with a placeholder no shell can complete.
        for (const std::string& topic : policy::HelpTopics()) {
          if (topic.find_first_of(" <") == std::string::npos) words.choices.push_back(topic);
        }
      }
      if (positional == "SHELL") {
        words.takes = VerbWords::Takes::kChoice;
        words.choices = {"bash", "zsh", "fish"};
      }
    }
    verbs.push_back(std::move(words));
  }
  return verbs;
}

int RunCompletion(CLI::App& app, const std::string& shell) {
  Output output({});
  output.Print(CompletionScript(shell, WordsOf(app)));
  return output.Finish(kDone);
}

// --- the line as typed ---------------------------------------------------------------------------

// `--facts a.json b.json policy.d` as people write it: the option takes every name up to one that is no facts
// file, and at least one. CLI11 would take all of them.
void GiveBackFiles(std::vector<std::string>& facts, std::vector<std::string>& files) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const bool is_facts = i == 0 || facts[i].ends_with(".json");
    (is_facts ? kept : files).push_back(std::move(facts[i]));
  }
  facts = std::move(kept);
}

int Usage(Output& output, const std::string& what, const std::string& next) {
  Complain(output, what, next);
  return kUsage;
}

// What CLI11 makes of a mistake, in our form.
int SayUsageError(const CLI::App& app,
                  const CLI::ParseError& error,
                  std::span<const std::string> words,
                  Output& output) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty() && !words.empty() && !words.front().starts_with('-')) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands({})) {
      if (!verb->get_group().empty()) names.push_back(verb->get_name());
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    const auto near = NearestSpelling(words.front(), views);
    return Usage(output,
                 fmt::format("no verb `{}`", Shown(words.front())),
                 near ? fmt::format("reevectl {}", *near) : "reevectl --help");
  }
  std::string message = Shown(error.what());
  return Usage(output,
               message,
               chosen.empty() ? "reevectl --help"
                              : fmt::format("reevectl {} --help", chosen.front()->get_name()));
}

int Dispatch(CLI::App& app, Said& said) {
  const std::string verb = app.get_subcommands().front()->get_name();
  OutputOptions output;
  said.test.junit = said.format == "junit";
  output.format = said.test.junit ? Format::kTable : kFormats.at(said.format);
  output.color = kColors.at(said.color);
  for (OutputOptions* to : {&said.check.output,
                            &said.plan.tree.output,
                            &said.diff.output,
                            &said.apply.tree.output,
                            &said.status.tree.output,
                            &said.explain.tree.output,
                            &said.run.tree.output,
                            &said.test.output,
                            &said.record.output,
                            &said.facts.output,
                            &said.doctor.output}) {
    *to = output;
  }
  if (verb == "check") {
    GiveBackFiles(said.check.facts, said.check.files);
    return RunCheck(said.check);
  }
  if (verb == "plan") {
    GiveBackFiles(said.plan.facts, said.plan.tree.files);
    return RunPlan(said.plan);
  }
  if (verb == "diff") return RunDiff(said.diff, said.diff_glob, said.diff_facts);
  if (verb == "apply") return RunApply(said.apply);
  if (verb == "status") return RunStatus(said.status);
  if (verb == "explain") return RunExplain(said.explain);
  if (verb == "run") return RunInside(said.run);
  if (verb == "test") return RunTest(said.test);
  if (verb == "record") return RunRecord(said.record);
  if (verb == "help") return RunHelp(output, Join(said.topic, " "));
  if (verb == "schema") return RunSchema(output);
  if (verb == "facts") return RunFacts(said.facts);
  if (verb == "doctor") return RunDoctor(said.doctor);
  if (verb == "completion") return RunCompletion(app, said.shell);
  if (const auto code = said.daemon.Run(verb, output)) return *code;
  return RunVersion(output);
}

}  // namespace

int RunReevectl(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  Said said;
  CLI::App app("reevectl: limits of this host, as its policies describe them", "reevectl");
  app.require_subcommand(1);
  app.set_version_flag("--version", [] {
    RunVersion({});
    return std::string();
  });
  app.set_help_flag("-h,--help", "what can be typed, and end");
  app.footer(
      "`reevectl VERB --help` says more; `reevectl help TOPIC` explains keys and codes.\n"
      "Exit: 0 done or same, 1 failed or differs, 3 not found, 4 refused or held,\n"
      "      5 no daemon, 64 usage");
  Declare(app, said);

  // What stands behind `--` is somebody else's command line.
  const bool is_run = !words.empty() && words.front() == "run";
  if (is_run) {
    const auto dashes = std::find(words.begin(), words.end(), "--");
    if (dashes != words.end()) said.run.command.assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
  } else {
    // A reader that goes away (`| head`) must not end us in the middle of an apply.
    (void)std::signal(SIGPIPE, SIG_IGN);
  }

  Output output({});
  if (words.empty()) {
    output.Complain(app.help());
    return kUsage;
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    output.Print(chosen.empty() ? app.help() : chosen.front()->help("reevectl"));
    return output.Finish(kDone);
  } catch (const CLI::CallForVersion&) {
    return RunVersion({});
  } catch (const CLI::ParseError& error) {
    return SayUsageError(app, error, words, output);
  }
  if (is_run && said.run.command.empty()) {
    return Usage(output, "run: no command behind `--`", "reevectl run CGROUP -- COMMAND...");
  }
  return Dispatch(app, said);
}

}  // namespace reeve::cli
