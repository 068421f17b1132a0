// SPDX-License-Identifier: Apache-2.0
#include "app/cli/daemon_line.h"

#include <CLI/CLI.hpp>

#include "app/cli/complain.h"
#include "core/policy/by_hand.h"

namespace reeve::cli {
namespace {

void AddEnd(CLI::App* verb, std::string& time, std::string& why) {
  verb->add_option("--for", time, "until when it lasts: 90s, 30m, 2h, 1d")
      ->required()
      ->type_name("TIME");
  verb->add_option("--why", why, "a ticket, a sentence: shown to everybody until it ends")
      ->required()
      ->type_name("WHY");
}

void AddCgroup(CLI::App* verb, std::string& cgroup) {
  verb->add_option("CGROUP", cgroup, "below the managed root")->required()->type_name("");
}

}  // namespace

void DaemonLine::AddDaemon(CLI::App* verb) {
  verb->add_option("--socket", daemon_.socket, "the daemon's control socket")->type_name("SOCKET");
  verb->add_option("--config", daemon_.config, "reeved.yaml to take the socket from")
      ->type_name("YAML");
}

void DaemonLine::DeclareGenerations(const AddVerb& add) {
  AddDaemon(add("history", "generations: when, by whom, what, and what became of them"));
  AddDaemon(add("confirm", "keep what `apply --confirm` did"));

  CLI::App* undo = add("undo", "back to the generation before, or to another, held there");
  AddDaemon(undo);
  undo->add_option("--to", undo_.to, "which generation (`reevectl history`)")->type_name("N");
  undo->add_option("--why", undo_.why, "shown in the history")->type_name("WHY");

  CLI::App* hold = add("hold", "stay at this generation, whatever comes");
  AddDaemon(hold);
  AddEnd(hold, hold_.time, hold_.why);

  CLI::App* release = add("release", "end a hold, or what was done by hand, before its time");
  AddDaemon(release);
  release->add_option("NAME", name_, "hold (default), or a name of `reevectl status`: set-web")
      ->type_name("");

  CLI::App* events = add("events", "what happened: drift, repairs, generations, hands");
  AddDaemon(events);
  events->add_option("--since", events_.since, "how far back: 90s, 30m, 2h, 1d")->type_name("TIME");
  events->add_flag("--drift", events_.drift, "only what others changed, and its repair");
  events->add_flag("-f,--follow", events_.follow, "and then what comes");

  CLI::App* report = add("report", "a tarball for a ticket: no secrets, no command lines");
  AddDaemon(report);
  report->add_option("FILE", file_, "where it goes; - for standard output")->type_name("");
}

void DaemonLine::DeclareByHand(const AddVerb& add) {
  const auto hand = [&](const std::string& name, const std::string& help) {
    CLI::App* verb = add(name, help);
    AddDaemon(verb);
    return verb;
  };
  const auto accept = [&](CLI::App* verb) {
    verb->add_option("--accept", hand_.accept, "although this guard (self_lockout) holds it back")
        ->allow_extra_args(false)
        ->type_name("GUARD");
  };
  const auto end = [&](CLI::App* verb) {
    AddEnd(verb, hand_.time, hand_.why);
    verb->add_flag("--long", hand_.long_time, "more than 24 hours are meant");
    accept(verb);
  };
  CLI::App* set = hand("set", "other values for a while");
  AddCgroup(set, hand_.cgroup);
  set->add_option("KEY=VALUE", hand_.settings, "memory.high=400GiB cpu.max='2 cores'")
      ->required()
      ->type_name("");
  end(set);

  CLI::App* clamp =
      hand("clamp", "limits for one process, and its children with --tree, for a while");
  clamp->add_option("--pid", hand_.pid, "the process")
      ->required()
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("PID");
  clamp->add_flag("--tree", hand_.tree, "and all its descendants");
  clamp->add_option("KEY=VALUE", hand_.settings, "memory.high=2GiB cpu.max='0.5 cores'")
      ->required()
      ->type_name("");
  end(clamp);

  CLI::App* pause =
      hand("pause", "let hands write there for a while: drift is reported, not repaired");
  pause->add_option("CGROUP", hand_.cgroup, "it and all below it")->type_name("");
  pause->add_flag("--all", hand_.all, "everywhere");
  end(pause);

  CLI::App* lift = hand("lift", "no limits for a while; nothing moves");
  lift->add_option("CGROUP", hand_.cgroup, "it and all below it")->type_name("");
  lift->add_flag("--all", hand_.all, "everywhere");
  lift->add_flag("--end", hand_.end, "end a lift before its time");
  lift->add_option("--for", hand_.time, "until when it lasts: 90s, 30m, 2h, 1d")->type_name("TIME");
  lift->add_option("--why", hand_.why, "a ticket, a sentence: shown to everybody until it ends")
      ->type_name("WHY");
  lift->add_flag("--long", hand_.long_time, "more than 24 hours are meant");
  accept(lift);

  CLI::App* freeze = hand("freeze", "stop every process of a cgroup, or one, for a while");
  CLI::Option* frozen =
      freeze->add_option("CGROUP", hand_.cgroup, "below the managed root")->type_name("");
  freeze->add_option("--pid", hand_.pid, "the process, wherever it is: a clamp that stops it")
      ->excludes(frozen)
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("PID");
  freeze->add_flag("--tree", hand_.tree, "and all its descendants")->needs("--pid");
  freeze->add_flag("-y,--yes", hand_.yes, "do not ask");
  end(freeze);

  CLI::App* thaw = hand("thaw", "let a frozen cgroup run again");
  AddCgroup(thaw, hand_.cgroup);
  CLI::App* kill = hand("kill", "kill every process of a cgroup; asks when it is more than one");
  AddCgroup(kill, hand_.cgroup);
  kill->add_flag("-y,--yes", hand_.yes, "do not ask");
}

void DaemonLine::Declare(CLI::App& app, const AddVerb& add) {
  DeclareGenerations(add);
  DeclareByHand(add);
  CLI::App* names = app.add_subcommand("__names", "");
  names->group("");  // for completion scripts only
  AddDaemon(names);
}

int DaemonLine::RunHand(const std::string& verb) {
  Output output(daemon_.output);
  hand_.verb = verb;
  const bool subtree = verb == "pause" || verb == "lift";
  if (subtree && hand_.all == !hand_.cgroup.empty()) {
    Complain(output, verb + ": a CGROUP or --all", "reevectl " + verb + " --help");
    return output.Finish(kUsage);
  }
  if (verb == "freeze" && hand_.cgroup.empty() && hand_.pid == 0) {
    Complain(output, "freeze: a CGROUP or --pid", "reevectl freeze --help");
    return output.Finish(kUsage);
  }
  if (verb == "freeze" && hand_.pid != 0) {
    hand_.verb = "clamp";
    hand_.settings = {"cgroup.freeze=true"};
  }
  if (verb == "lift" && hand_.end) {
    return RunRelease(daemon_,
                      policy::HandName(policy::HandVerb::kLift, hand_.all ? "all" : hand_.cgroup));
  }
  for (const auto& [option, text] : {std::pair("--for", &hand_.time), {"--why", &hand_.why}}) {
    if (!text->empty()) continue;
    Complain(output, std::string(option) + " is required", "reevectl " + verb + " --help");
    return output.Finish(kUsage);
  }
  return RunByHand(daemon_, hand_);
}

std::optional<int> DaemonLine::Run(const std::string& verb, const OutputOptions& output) {
  daemon_.output = output;
  if (verb == "history") return RunHistory(daemon_);
  if (verb == "confirm") return RunConfirm(daemon_);
  if (verb == "undo") return RunUndo(daemon_, undo_);
  if (verb == "hold") return RunHold(daemon_, hold_);
  if (verb == "release") return RunRelease(daemon_, name_);
  if (verb == "events") return RunEvents(daemon_, events_);
  if (verb == "report") return RunReport(daemon_, file_);
  if (verb == "thaw") return RunThaw(daemon_, hand_.cgroup);
  if (verb == "kill") return RunKill(daemon_, hand_.cgroup, hand_.yes);
  if (verb == "__names") return RunNames(daemon_);
  if (policy::HandVerbByName(verb)) return RunHand(verb);
  return std::nullopt;
}

}  // namespace reeve::cli
