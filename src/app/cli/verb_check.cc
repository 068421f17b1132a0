// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/judge_hosts.h"
#include "app/cli/offline.h"
#include "app/cli/verbs.h"
#include "app/show/render_diagnostic.h"
#include "app/show/render_plan.h"
#include "app/show/screen.h"
#include "app/show/watched.h"
#include "edge/kernel/policy_dir.h"

namespace reeve::cli {
namespace {

using policy::Diagnostic;
using policy::Severity;

// The files to judge, and for a candidate (--as, --with) the set as it would be without it.
struct Candidates {
  port::FileSet set;
  std::optional<port::FileSet> without;
  std::vector<std::string> data_beside;  // names that data files lie beside
  std::string name;                      // the candidate's; "" when there is none
};

std::string LastPart(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Result<Candidates> ReadCandidates(const CheckOptions& options) {
  Candidates candidates;
  candidates.data_beside = options.files;
  REEVE_TRY(candidates.set, kernel::NamedFiles(options.files, kernel::Ownership::kAny).Read());
  if (options.as.empty() && options.with.empty()) return candidates;
  if (candidates.set.files.size() != 1) {
    return Error{ErrorKind::kInvalid, 0, "", "--as and --with judge one file"};
  }
  SourceFile candidate = *candidates.set.files.front();
  candidate.name = options.as.empty() ? LastPart(candidate.name) : options.as;
  if (candidate.name.find('/') != std::string::npos) {
    return Error{ErrorKind::kInvalid, 0, options.as, "--as wants a file name, not a path"};
  }
  candidates.name = candidate.name;
  if (options.with.empty()) {
    candidates.set.files.front() = std::make_shared<const SourceFile>(std::move(candidate));
    return candidates;
  }
  // The names are as the daemon shows them: the candidate comes to lie beside the others.
  REEVE_TRY(port::FileSet beside,
            kernel::PolicyDirs(kernel::LayersOf({options.with}), kernel::Ownership::kAny).Read());
  candidates.data_beside = {options.with};
  candidates.without = beside;
  if (!beside.files.empty()) candidate.layer = beside.files.front()->layer;
  candidate.directory = options.with;
  const auto is_same = [&](const auto& file) { return LastPart(file->name) == candidates.name; };
  const auto old = std::find_if(beside.files.begin(), beside.files.end(), is_same);
  if (old != beside.files.end()) beside.files.erase(old);
  const auto file = std::make_shared<const SourceFile>(std::move(candidate));
  const auto at = std::upper_bound(
      beside.files.begin(), beside.files.end(), file, [](const auto& a, const auto& b) {
        return LastPart(a->name) < LastPart(b->name);
      });
  beside.files.insert(at, file);
  // What is wrong with a name it replaces (a file that others may write) goes with that file.
  std::erase_if(beside.ignored, [&](const port::IgnoredName& name) {
    return LastPart(name.name) == candidates.name;
  });
  candidates.set = std::move(beside);
  return candidates;
}

std::string Identity(const Diagnostic& d) {
  return d.code + "\n" + (d.mark.file == nullptr ? "" : LastPart(d.mark.file->name)) + "\n" +
         d.message;
}

// Errors that are there without the candidate as well: they are no reason to refuse it, else two broken files
// could never be mended one after the other.
std::size_t CountOldErrors(const std::vector<Diagnostic>& now,
                           const std::vector<Diagnostic>& before,
                           const std::string& candidate) {
  std::multiset<std::string> known;
  for (const Diagnostic& d : before) {
    if (d.severity == Severity::kError) known.insert(Identity(d));
  }
  std::size_t old = 0;
  for (const Diagnostic& d : now) {
    if (d.severity != Severity::kError) continue;
    if (d.mark.file != nullptr && d.mark.file->name == candidate) continue;
    const auto found = known.find(Identity(d));
    if (found == known.end()) continue;
    known.erase(found);
    ++old;
  }
  return old;
}

// --strict: what this host can not do is an error as well.
void AddGaps(const std::vector<Gap>& gaps, std::vector<Diagnostic>& findings) {
  for (const Gap& gap : gaps) {
    Diagnostic d;
    d.code = "R0317";
    d.mark = gap.mark;
    d.message =
        fmt::format("{} can not be in force in {}: {}", gap.file, gap.path.text(), gap.reason);
    d.hint = "without --strict this is no error: the plan shows it, and the rest is applied";
    findings.push_back(std::move(d));
  }
}

std::string Sums(const Judged& judged) {
  std::size_t cgroups = 0;
  std::set<std::string> templates;
  for (const auto& entry : judged.generation.tree.cgroups) {
    if (entry.second.template_name.empty()) {
      ++cgroups;
    } else {
      templates.insert(entry.second.template_name);
    }
  }
  std::string out = Count(judged.generation.documents, "document");
  const int skipped = judged.generation.tree.documents_skipped;
  const std::size_t watched = judged.generation.tree.watched.size();
  if (skipped != 0 || watched != 0) {
    std::string parts = skipped == 0 ? "" : fmt::format("{} not for this host", skipped);
    if (watched != 0) parts += fmt::format("{}{} only watched", parts.empty() ? "" : ", ", watched);
    out += fmt::format(" ({})", parts);
  }
  out += ", " + Count(cgroups, "cgroup") + ", " + Count(templates.size(), "template");
  const std::size_t units = judged.generation.tree.units.size();
  if (units != 0) out += ", " + Count(units, "unit");
  return out;
}

std::size_t CountOf(const std::vector<Diagnostic>& findings, Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [severity](const Diagnostic& d) {
        return d.severity == severity;
      }));
}

std::string NameOfSet(const Candidates& candidates, const Judged& judged) {
  if (!candidates.name.empty()) return Shown(candidates.name);
  return NamesOfFiles(judged.FileNames());
}

int CheckHere(const CheckOptions& options, Output& output) {
  auto candidates = ReadCandidates(options);
  if (!candidates.has_value()) {
    Complain(output, candidates.error());
    return candidates.error().kind == ErrorKind::kInvalid ? kUsage : kFailed;
  }
  const HostConfig config = ReadHostConfig(options.config);
  auto host = OfflineHost::Open(options.root, config.facts_dir);
  if (!host.has_value()) {
    Complain(output, host.error());
    return CodeOfRootError(host.error());
  }
  Judged judged = JudgeSet(candidates->set, candidates->data_beside, config, host->facts());
  if (options.strict && judged.usable()) {
    AddGaps(judged.generation.desired.gaps, judged.findings);
    AddGaps(judged.generation.units.gaps, judged.findings);
  }
  std::size_t old = 0;
  if (candidates->without) {
    const Judged before =
        JudgeSet(*candidates->without, candidates->data_beside, config, host->facts());
    old = CountOldErrors(judged.findings, before.findings, candidates->name);
  }
  const std::size_t errors = CountOf(judged.findings, Severity::kError);
  const std::size_t warnings = CountOf(judged.findings, Severity::kWarning);
  const bool good = errors == old && !(options.strict && warnings != 0);
  if (!output.is_table()) {
    output.PrintValue(FindingsJson(judged.findings));
    return good ? kDone : kFailed;
  }
  output.Complain(RenderFindings(judged.findings, Paint(output.color_err())));
  for (const port::IgnoredName& name : judged.ignored) {
    output.Complain(fmt::format("{} is not read: {}\n", Shown(name.name), Shown(name.reason)));
  }
  if (!good) {
    const std::string broken =
        candidates->name.empty() ? NameOfBrokenFile(judged.findings) : Shown(candidates->name);
    output.Complain(fmt::format("{}. {} cannot be used{}; nothing was changed.\n",
                                CountFindings(judged.findings),
                                broken,
                                errors == old ? " with --strict" : ""));
    return kFailed;
  }
  if (old != 0) {
    output.Complain(
        fmt::format("{} in other files {} there before and still {} the set from being used.\n",
                    Count(old, "error"),
                    old == 1 ? "was" : "were",
                    old == 1 ? "keeps" : "keep"));
  }
  output.Print(fmt::format("{} {}: {}, {}\n",
                           Paint(output.color_out()).Green("OK"),
                           NameOfSet(*candidates, judged),
                           Sums(judged),
                           Count(warnings, "warning")));
  output.Print(NameWatched(judged.generation.tree.watched));
  return kDone;
}

}  // namespace

int RunCheck(const CheckOptions& options) {
  Output output(options.output);
  if (options.facts.empty()) return output.Finish(CheckHere(options, output));
  JudgeHostsOptions hosts{options.facts, options.files, options.strict, true};
  return output.Finish(JudgeHosts(hosts, output));
}

}  // namespace reeve::cli
