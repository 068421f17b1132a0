// SPDX-License-Identifier: Apache-2.0
#include "app/cli/judge_hosts.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/offline.h"
#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/plan_rows.h"
#include "app/show/render_diagnostic.h"
#include "app/show/render_plan.h"
#include "app/show/screen.h"
#include "app/show/table.h"
#include "core/engine/policy_test.h"
#include "core/format/knob_text.h"

namespace reeve::cli {
namespace {

using policy::Diagnostic;
using policy::Severity;

struct JudgedHost {
  std::string facts_file;
  HostFacts facts;
  Judged judged;
  std::optional<Plan> plan;  // when the file says what is in its tree
  std::size_t errors = 0;
  std::size_t warnings = 0;

  bool usable(bool strict) const {
    return errors == 0 && !(strict && (warnings != 0 || gaps() != 0));
  }

  std::size_t gaps() const {
    return judged.generation.desired.gaps.size() + judged.generation.units.gaps.size();
  }
};

std::string OwnFacts(const HostFacts& facts) {
  std::string text;
  for (const auto& fact : facts.own) {
    std::string values;
    for (const std::string& value : fact.second) values += (values.empty() ? "" : ",") + value;
    text += (text.empty() ? "" : " ") + fact.first + "=" + values;
  }
  return Shown(text);
}

std::string Verdict(const JudgedHost& host, bool strict) {
  if (host.errors != 0) return Count(host.errors, "ERROR");
  if (host.usable(strict))
    return host.warnings == 0 ? "OK" : "OK, " + Count(host.warnings, "warning");
  return host.warnings != 0 ? Count(host.warnings, "WARNING")
                            : Count(host.gaps(), "key") + " NOT POSSIBLE";
}

// "AS DESCRIBED", "3 changes, 1 !kill": what the plan for a recorded tree comes to.
std::string PlanInWords(const JudgedHost& host) {
  if (!host.plan) return "";
  if (host.plan->AsDescribed()) return "AS DESCRIBED";
  std::string text = Count(CountPlan(*host.plan).total(), "change");
  if (!host.plan->held.empty()) text += fmt::format(", {} held back", host.plan->held.size());
  std::map<Danger, std::size_t> care;
  for (const Care& one : host.plan->care) ++care[one.danger];
  for (const auto& [danger, count] : care)
    text += fmt::format(", {} !{}", count, DangerName(danger));
  return text;
}

TableLine HostLine(const JudgedHost& host, bool strict) {
  const auto& tree = host.judged.generation.tree;
  return {
      {Shown(host.facts_file),
       OwnFacts(host.facts),
       fmt::format("{:>3} cpus {:>7}", host.facts.cpus, HumanBytes(host.facts.memory)),
       host.errors != 0 && tree.documents + tree.documents_skipped == 0
           ? ""
           : fmt::format(
                 "{} of {} apply{}",
                 tree.documents,
                 Count(host.judged.generation.documents, "document"),
                 tree.watched.empty() ? "" : fmt::format(", {} only watched", tree.watched.size())),
       Verdict(host, strict),
       PlanInWords(host)}};
}

std::string ShortFindings(const JudgedHost& host) {
  constexpr std::size_t kShown = 3;
  std::string out;
  std::size_t shown = 0;
  for (const Diagnostic& d : host.judged.findings) {
    if (d.severity != Severity::kError) continue;
    if (++shown > kShown) continue;
    out += Hanging(
        "   ",
        fmt::format("{}: error[{}]: {}", Shown(d.mark.FileLineColumn()), d.code, Shown(d.message)));
  }
  if (shown > kShown) out += fmt::format("   ... and {} more\n", shown - kShown);
  return out;
}

// The same finding of many hosts once, with a note whose it is.
std::vector<Diagnostic> OncePerFinding(const std::vector<JudgedHost>& hosts) {
  std::vector<Diagnostic> all;
  std::map<std::string, std::vector<std::string>> where;
  const auto key = [](const Diagnostic& d) { return d.code + d.mark.FileLineColumn() + d.message; };
  for (const JudgedHost& host : hosts) {
    for (const Diagnostic& d : host.judged.findings) {
      auto& names = where[key(d)];
      if (names.empty()) all.push_back(d);
      names.push_back(host.facts_file);
    }
  }
  for (Diagnostic& d : all) {
    const auto& names = where[key(d)];
    if (names.size() == hosts.size()) continue;
    constexpr std::size_t kNamed = 3;
    std::string text = "on ";
    for (std::size_t i = 0; i < names.size() && i < kNamed; ++i)
      text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kNamed) text += fmt::format(" and {} more", names.size() - kNamed);
    d.note += (d.note.empty() ? "" : "\n") + text;
  }
  return all;
}

std::string ValuesTable(const JudgedHost& host) {
  std::vector<TableLine> lines{{{" ", "CGROUP", "KEY", "VALUE", "WHY"}}};
  for (const Desired* desired : {&host.judged.generation.desired, &host.judged.generation.units}) {
    for (const PlanRow& row : SameRows(*desired, {}, {})) {
      lines.push_back({{" ", row.cgroup, row.key, row.now, row.why}});
    }
  }
  return lines.size() == 1 ? "" : LayOut(lines, std::vector<Align>(5, Align::kLeft));
}

Json ValuesJson(const Desired& desired) {
  Json cgroups = Json::object();
  for (const auto& entry : desired.cgroups) {
    Json values = Json::object();
    for (const auto& knob : entry.second.knobs) {
      values[knob.first] = JsonString(
          knob.second.knob == nullptr ? std::get<std::string>(knob.second.value)
                                      : format::FormatKnob(*knob.second.knob, knob.second.value));
    }
    cgroups[entry.first.text()] = std::move(values);
  }
  return cgroups;
}

Json HostJson(const JudgedHost& host, bool strict) {
  const engine::Generation& generation = host.judged.generation;
  Json out = Json::object();
  out["facts"] = JsonString(host.facts_file);
  out["host"] = JsonString(host.facts.host);
  out["usable"] = host.usable(strict);
  out["documents"] = generation.documents;
  out["documents_here"] = generation.tree.documents;
  out["policy_hash"] = generation.desired.policy_hash;
  out["findings"] = FindingsJson(host.judged.findings);
  Plan gaps;
  gaps.gaps = generation.desired.gaps;
  gaps.gaps.insert(gaps.gaps.end(), generation.units.gaps.begin(), generation.units.gaps.end());
  out["gaps"] = GapsJson(gaps);
  out["cgroups"] = host.errors != 0 ? Json::object() : ValuesJson(generation.desired);
  const Json units = host.errors != 0 ? Json::object() : ValuesJson(generation.units);
  if (!units.empty()) out["units"] = units;
  if (host.plan) {
    out["as_described"] = host.plan->AsDescribed();
    out["changes"] = CountPlan(*host.plan).total();
    out["care"] = CareJson(*host.plan);
    out["held"] = HeldJson(*host.plan);
  }
  return out;
}

Result<std::vector<JudgedHost>> JudgeAll(const JudgeHostsOptions& options, Output& output) {
  std::vector<JudgedHost> hosts;
  for (const std::string& path : options.facts) {
    JudgedHost host;
    host.facts_file = path;
    policy::Findings about_facts;
    REEVE_TRY(policy::RecordedHost recorded, ReadHostOf(path, about_facts));
    host.facts = std::move(recorded.facts);
    output.Complain(RenderFindings(about_facts.all(), Paint(output.color_err())));
    if (about_facts.has_errors()) return Error{ErrorKind::kInvalid, 0, path, "is no facts file"};
    REEVE_TRY(port::FileSet set, ReadPolicies(options.files, {}));
    host.judged = JudgeSet(std::move(set), options.files, {}, host.facts);
    for (const Diagnostic& d : host.judged.findings) {
      ++(d.severity == Severity::kError ? host.errors : host.warnings);
    }
    if (recorded.tree && host.errors == 0) {
      host.plan = engine::PlanOnRecord(host.judged.generation.desired, host.facts, *recorded.tree);
    }
    hosts.push_back(std::move(host));
  }
  return hosts;
}

}  // namespace

int JudgeHosts(const JudgeHostsOptions& options, Output& output) {
  auto hosts = JudgeAll(options, output);
  if (!hosts.has_value()) {
    Complain(output, hosts.error());
    return kFailed;
  }
  const auto good = static_cast<std::size_t>(
      std::count_if(hosts->begin(), hosts->end(), [&](const JudgedHost& host) {
        return host.usable(options.strict);
      }));
  const int code = good == hosts->size() ? kDone : kFailed;
  if (!output.is_table()) {
    Json list = Json::array();
    for (const JudgedHost& host : *hosts) list.push_back(HostJson(host, options.strict));
    output.PrintValue(list);
    return code;
  }
  if (options.carets)
    output.Complain(RenderFindings(OncePerFinding(*hosts), Paint(output.color_err())));
  std::vector<TableLine> lines;
  for (const JudgedHost& host : *hosts) lines.push_back(HostLine(host, options.strict));
  const std::vector<Align> align(6, Align::kLeft);
  const std::string table = LayOut(lines, align);
  if (options.carets || good == hosts->size()) {
    output.Print(table);
  } else {
    // What is wrong goes below the line of its host; lines that wrapped stay together.
    for (std::size_t i = 0, from = 0; i < hosts->size(); ++i) {
      std::size_t end = table.find('\n', from) + 1;
      while (end < table.size() && table[end] == ' ') end = table.find('\n', end) + 1;
      output.Print(table.substr(from, end - from) + ShortFindings((*hosts)[i]));
      from = end;
    }
  }
  if (options.full) {
    for (const JudgedHost& host : *hosts) {
      if (host.errors == 0) output.Print("\n" + Shown(host.facts_file) + "\n" + ValuesTable(host));
    }
  }
  const bool all_recorded =
      std::all_of(hosts->begin(), hosts->end(), [](const JudgedHost& host) { return host.plan; });
  output.Print(Hanging(
      "",
      fmt::format("{} of {} can take this policy. {}",
                  good,
                  Count(hosts->size(), "host"),
                  all_recorded ? "Changes are those to the trees as they were recorded."
                               : "Live state was not looked at: no !kill, no process counts "
                                 "(`reevectl record` keeps it).")));
  return code;
}

}  // namespace reeve::cli
