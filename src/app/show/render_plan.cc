// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_plan.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/plan_rows.h"
#include "app/show/screen.h"
#include "app/show/table.h"
#include "app/show/watched.h"

namespace reeve::show {
namespace {

constexpr std::size_t kShownCare = 10;

std::string Message(const std::string& file, const std::string& message, bool raw) {
  return Shown(raw ? message : HumanMessage(FindKnob(file), message));
}

std::string Value(const std::string& file, const std::string& text, bool raw) {
  return Shown(raw ? text : HumanText(FindKnob(file), text));
}

// --- care ----------------------------------------------------------------------------------------

struct CareGroup {
  const Care* first = nullptr;
  std::string template_name;
  std::size_t count = 0;
};

std::vector<CareGroup> GroupCare(const Plan& plan, const PlanView& view) {
  const auto templates = TemplatesOf(plan.actions);
  std::map<std::tuple<Danger, std::string, std::string, std::string, std::string>, std::size_t>
      known;
  std::vector<CareGroup> groups;
  for (const Care& care : plan.care) {
    if (!care.path.is_root() && !IsSelected(care.path, view.cgroup_glob)) continue;
    const auto found = templates.find(care.path);
    const std::string name = found == templates.end() ? "" : found->second;
    const auto key = std::tuple(care.danger,
                                name.empty() ? care.path.text() : "<" + name,
                                care.file,
                                care.message,
                                care.mark.FileLine());
    const auto [at, fresh] = known.try_emplace(key, groups.size());
    if (fresh) groups.push_back({&care, name, 0});
    ++groups[at->second].count;
  }
  std::stable_sort(groups.begin(), groups.end(), [](const CareGroup& a, const CareGroup& b) {
    return a.first->danger < b.first->danger;
  });
  return groups;
}

std::string RenderCare(const Plan& plan, const PlanView& view, const Paint& paint) {
  const std::vector<CareGroup> groups = GroupCare(plan, view);
  if (groups.empty()) return "";
  std::vector<TableLine> lines;
  const std::size_t shown = view.full ? groups.size() : std::min(groups.size(), kShownCare);
  for (std::size_t i = 0; i < shown; ++i) {
    const Care& care = *groups[i].first;
    std::string message = Message(care.file, care.message, view.raw);
    // The key is said once: by the message, or before it.
    if (!care.file.empty() && care.message.find(care.file) == std::string::npos) {
      message.insert(0, Shown(care.file) + ": ");
    }
    lines.push_back(
        {{"!" + std::string(DangerName(care.danger)),
          care.path.is_root() ? "" : GroupName(care.path, groups[i].template_name, groups[i].count),
          message,
          Shown(care.mark.FileLine())}});
  }
  std::string out =
      paint.Red(fmt::format("CARE: {} of {} can hurt",
                            plan.care.size(),
                            Count(CountPlan(plan).total() + plan.held.size(), "change"))) +
      "\n" + LayOut(lines, std::vector<Align>(4, Align::kLeft));
  if (shown < groups.size())
    out += fmt::format("... and {} more (--full)\n", groups.size() - shown);
  return out + "\n";
}

// --- table ---------------------------------------------------------------------------------------

// Of a cgroup with many changed keys two are shown and the others named, so that the rest of the
// plan stays on the screen.
std::vector<PlanRow> Shorten(std::vector<PlanRow> rows) {
  constexpr std::size_t kShownKeys = 2;
  std::map<std::string, std::size_t> keys;
  for (const PlanRow& row : rows) {
    if (row.kind == PlanRow::Kind::kSet) ++keys[row.cgroup];
  }
  std::map<std::string, std::size_t> seen;
  std::vector<PlanRow> out;
  for (PlanRow& row : rows) {
    const bool is_set = row.kind == PlanRow::Kind::kSet;
    if (!is_set || keys[row.cgroup] <= kShownKeys + 1 || ++seen[row.cgroup] <= kShownKeys) {
      out.push_back(std::move(row));
    } else if (seen[row.cgroup] == kShownKeys + 1) {
      row.now.clear();
      row.wanted.clear();
      row.why.clear();
      row.key = Count(keys[row.cgroup] - kShownKeys, "more key") + ": " + row.key;
      out.push_back(std::move(row));
    } else {
      out.back().key += " " + row.key;
    }
  }
  return out;
}

TableLine LineOf(const PlanRow& row) {
  TableLine line{{std::string(1, row.sign), row.cgroup, row.key, row.now, row.wanted, row.why}};
  const bool only_key = row.now.empty() && row.wanted.empty() && row.why.empty();
  if (only_key && !row.key.empty()) line.span = 2;
  return line;
}

std::string ColourSigns(const std::string& table, const Paint& paint) {
  std::string out;
  std::size_t from = 0;
  while (from < table.size()) {
    const std::size_t end = table.find('\n', from);
    std::string line = table.substr(from, end - from);
    if (!line.empty()) {
      const std::string sign = line.substr(0, 1);
      if (sign == "+") line = paint.Green(sign) + line.substr(1);
      if (sign == "-") line = paint.Red(sign) + line.substr(1);
      if (sign == "~" || sign == ">") line = paint.Yellow(sign) + line.substr(1);
    }
    out += line + "\n";
    from = end + 1;
  }
  return out;
}

std::string RenderTable(std::vector<PlanRow> rows, const PlanView& view, const Paint& paint) {
  if (rows.empty()) return "";
  if (!view.full && rows.size() > kPlanLines) rows = Shorten(std::move(rows));
  const std::size_t shown = view.full ? rows.size() : std::min(rows.size(), kPlanLines);
  std::vector<TableLine> lines{{{"", "CGROUP", "KEY", "NOW", "WANTED", "WHY"}}};
  // One layout for both halves, so that their columns agree.
  std::size_t drifted = 0;
  std::stable_sort(rows.begin(),
                   rows.begin() + static_cast<std::ptrdiff_t>(shown),
                   [](const PlanRow& a, const PlanRow& b) { return a.drift < b.drift; });
  for (std::size_t i = 0; i < shown; ++i) {
    if (rows[i].drift && drifted++ == 0) {
      lines.push_back({{"drift, put back on the way", "", "", "", "", ""}, 0});
    }
    lines.push_back(LineOf(rows[i]));
  }
  std::string out = ColourSigns(LayOut(lines, std::vector<Align>(6, Align::kLeft)), paint);
  if (shown < rows.size()) {
    out += fmt::format("... and {} (--full lists all, --cgroup GLOB a part)\n",
                       Count(rows.size() - shown, "more line"));
  }
  return out + "\n";
}

// --- sentences -----------------------------------------------------------------------------------

std::string RenderSentence(const Plan& plan) {
  const PlanCounts counts = CountPlan(plan);
  if (counts.total() == 0 && !plan.actions.empty()) {
    return fmt::format("Plan: {} to note as reeve's, no value changes. Nothing was changed.\n",
                       Count(plan.actions.size(), "cgroup"));
  }
  std::string out = fmt::format("Plan: {} to create, {} to change, {} to remove",
                                counts.create,
                                counts.change,
                                counts.remove);
  if (counts.move != 0) out += ", " + Count(counts.move, "process", "processes") + " to move";
  if (counts.enable != 0) out += ", " + Count(counts.enable, "controller") + " to enable";
  if (counts.disable != 0) out += ", " + Count(counts.disable, "controller") + " to disable";
  out += ".\n";
  std::vector<std::string> parts;
  if (!plan.care.empty())
    parts.push_back(
        fmt::format("{} need{} care", plan.care.size(), plan.care.size() == 1 ? "s" : ""));
  if (!plan.held.empty()) parts.push_back(fmt::format("{} held back", plan.held.size()));
  if (!plan.drifted.empty())
    parts.push_back(fmt::format("{} drifted and left so", plan.drifted.size()));
  if (!plan.refusals.empty())
    parts.push_back(fmt::format("{} would be refused", plan.refusals.size()));
  if (!plan.gaps.empty()) parts.push_back(fmt::format("{} not possible here", plan.gaps.size()));
  std::string sum;
  for (const std::string& part : parts) sum += (sum.empty() ? "" : ", ") + part;
  if (!sum.empty()) out += sum + ". ";
  return out + "Nothing was changed.\n";
}

std::string RenderIncomplete(const PlanPaper& paper) {
  if (paper.plan->complete) return "";
  std::string out = "NOT SEEN WHOLE: nothing is removed, because this could not be read\n";
  constexpr std::size_t kShownErrors = 5;
  for (std::size_t i = 0; i < paper.observe_errors.size() && i < kShownErrors; ++i) {
    out += Hanging("   ", Shown(paper.observe_errors[i].ToString()));
  }
  if (paper.observe_errors.size() > kShownErrors) {
    out += fmt::format("   ... and {} more\n", paper.observe_errors.size() - kShownErrors);
  }
  return out + "\n";
}

std::string RenderObserveOnly(const Plan& plan, const PlanView& view, const Paint& paint) {
  if (plan.watched.empty()) return "";
  const auto rows = MakeRows(plan.observe_only, {view.raw, false, view.cgroup_glob});
  return "ONLY WATCHED (what these documents would do, and apply will not)\n" +
         RenderTable(rows, view, paint) + NameWatched(plan.watched) + SumUpWatched(plan) + ".\n\n";
}

}  // namespace

std::string SumsOf(const Plan& plan) {
  const std::string units = plan.units == 0 ? "" : Count(plan.units, "unit") + ", ";
  return Count(plan.cgroups, "cgroup") + ", " + units + Count(plan.values, "value");
}

std::string NamesOfFiles(const std::vector<std::string>& files) {
  if (files.empty()) return "no files";
  if (files.size() == 1) return Shown(files.front());
  if (files.size() == 2) return Shown(files.front()) + " and " + Shown(files.back());
  return Count(files.size(), "file");
}

std::string RenderHeld(const Plan& plan, const PlanView& view) {
  std::vector<TableLine> lines;
  for (const Held& held : plan.held) {
    if (!IsSelected(held.path, view.cgroup_glob)) continue;
    lines.push_back({{" ",
                      ShownPath(held.path),
                      fmt::format("{} stays {}, wanted {}: {}",
                                  Shown(held.file),
                                  Value(held.file, held.now, view.raw),
                                  Value(held.file, held.wanted, view.raw),
                                  Message(held.file, held.reason, view.raw)),
                      Shown(held.mark.FileLine())}});
  }
  if (lines.empty()) return "";
  return "HELD BACK until it fits (apply writes the rest and says HELD)\n" +
         LayOut(lines, std::vector<Align>(4, Align::kLeft)) + "\n";
}

std::string RenderRefusals(const Plan& plan, const PlanView& view) {
  std::string out;
  std::string others;
  for (const Refusal& refusal : plan.refusals) {
    if (refusal.errno_name.empty()) {
      if (!IsSelected(refusal.path, view.cgroup_glob)) continue;
      others += "   " + ShownPath(refusal.path) + "   " + Shown(refusal.mark.FileLine()) + "\n";
      others += Hanging("      because      ", Shown(refusal.which_means));
      others += Hanging("      what now     ", Shown(refusal.what_now));
      continue;
    }
    if (!IsSelected(refusal.path, view.cgroup_glob) && !refusal.path.is_root()) continue;
    const std::string place = refusal.mark.known() ? "   " + Shown(refusal.mark.FileLine()) : "";
    out += "   " + ShownPath(refusal.path) + "  " +
           Shown(refusal.file.empty() ? "the cgroup" : refusal.file) + place + "\n";
    out += Hanging("      kernel       ", Shown(refusal.errno_name));
    out += Hanging("      which means  ", Shown(refusal.which_means));
    out += Hanging("      what now     ", Shown(refusal.what_now));
  }
  if (!out.empty()) out = "THE KERNEL WOULD REFUSE (left out; the rest goes on)\n" + out + "\n";
  if (!others.empty())
    out += "NOT REEVE'S TO GOVERN (left out; the rest goes on)\n" + others + "\n";
  return out;
}

std::string RenderGaps(const Plan& plan, const PlanView& view) {
  const auto section = [&](std::string_view heading, auto&& belongs) {
    std::vector<TableLine> lines;
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> known;
    std::vector<std::size_t> counts;
    for (const Gap& gap : plan.gaps) {
      if (!belongs(gap) || !(gap.path.is_root() || IsSelected(gap.path, view.cgroup_glob)))
        continue;
      // The same key of many cgroups, and for the same reason, is one thing to know.
      const std::string one = view.full ? gap.path.text() : "";
      const auto [at, fresh] =
          known.try_emplace(std::tuple(gap.file, gap.reason, one), lines.size());
      if (!fresh) {
        ++counts[at->second];
        continue;
      }
      counts.push_back(0);
      lines.push_back({{" ",
                        ShownPath(gap.path),
                        Shown(gap.file),
                        Shown(gap.reason),
                        Shown(gap.mark.FileLine())}});
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (counts[i] != 0) lines[i].cells[1] += fmt::format(" and {} more", counts[i]);
    }
    if (lines.empty()) return std::string();
    return std::string(heading) + "\n" + LayOut(lines, std::vector<Align>(5, Align::kLeft)) + "\n";
  };
  return section("REQUIRED, BUT NOT POSSIBLE HERE (`require:` makes this host not as described)",
                 [](const Gap& gap) { return gap.required; }) +
         section(
             "NOT POSSIBLE HERE (does not stop the rest; `require:` would)",
             [](const Gap& gap) { return !gap.required && gap.kind == Gap::Kind::kUnsupported; }) +
         section("NOT YET (tried again as soon as it can be)",
                 [](const Gap& gap) { return !gap.required && gap.kind == Gap::Kind::kPending; });
}

std::string RenderPlan(const PlanPaper& paper, const PlanView& view, const Paint& paint) {
  const Plan& plan = *paper.plan;
  const std::string host = Shown(paper.host);
  const std::string sums = "(" + SumsOf(plan) + ")";
  std::vector<PlanRow> rows = MakeRows(plan.actions, {view.raw, view.full, view.cgroup_glob});
  if (view.full && paper.desired != nullptr) {
    for (PlanRow& row :
         SameRows(*paper.desired, plan.actions, {view.raw, false, view.cgroup_glob})) {
      rows.push_back(std::move(row));
    }
    std::stable_sort(rows.begin(), rows.end(), [](const PlanRow& a, const PlanRow& b) {
      return a.path < b.path;
    });
  }
  const std::string trouble = RenderIncomplete(paper) + RenderHeld(plan, view) +
                              RenderDrifted(plan, view) + RenderRefusals(plan, view) +
                              RenderGaps(plan, view) + RenderObserveOnly(plan, view, paint);

  if (plan.AsDescribed()) {
    std::string out = host + ": " + paint.Green("AS DESCRIBED") + ", nothing to do " + sums + "\n";
    const std::string table = RenderTable(std::move(rows), view, paint);
    if (!table.empty() || !trouble.empty()) out += "\n" + table + trouble;
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
  }
  std::string out = Hanging(host + ": ",
                            paint.Bold(WordOf(plan)) + " from " + NamesOfFiles(paper.files) +
                                " below " + Shown(paper.root)) +
                    "\n";
  out += RenderCare(plan, view, paint);
  out += RenderTable(std::move(rows), view, paint);
  out += trouble;
  out += RenderSentence(plan);
  if (!paper.next.empty() && !plan.actions.empty())
    out += Hanging("Next: ", "`" + Shown(paper.next) + "`");
  return out;
}

}  // namespace reeve::show
