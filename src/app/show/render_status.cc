// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_status.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/differences.h"
#include "app/show/plan_counts.h"
#include "app/show/render_diagnostic.h"
#include "app/show/render_plan.h"
#include "app/show/screen.h"
#include "app/show/watched.h"

namespace reeve::show {
namespace {

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::size_t OptionalGaps(const Plan& plan) {
  return static_cast<std::size_t>(std::count_if(
      plan.gaps.begin(), plan.gaps.end(), [](const Gap& gap) { return !gap.required; }));
}

std::string ExplainGoverned(const StatusPaper& paper) {
  const Governed& governed = *paper.governed;
  std::string text = RenderSince(governed);
  if (!governed.word.empty()) {
    return text + (governed.text.empty() ? "" : ": " + Shown(OneLine(governed.text)));
  }
  if (paper.plan == nullptr || paper.plan->AsDescribed()) return text;
  const std::vector<Difference> all = DifferencesOf(*paper.plan);
  text += fmt::format(
      ", {} from it: {} {}", all.size(), ShownPath(all.front().path), OneLine(all.front().text));
  return all.size() > 1 ? text + ", ... (`reevectl plan` shows all)" : text;
}

std::string Explain(const StatusPaper& paper) {
  if (paper.load_errors != nullptr) {
    return fmt::format("({}; {} cannot be used)",
                       CountFindings(*paper.load_errors),
                       NameOfBrokenFile(*paper.load_errors));
  }
  if (paper.governed != nullptr) return ExplainGoverned(paper);
  if (paper.plan == nullptr) return "(no policy was named, so this is only what is)";
  if (paper.plan->AsDescribed()) return "by " + NamesOfFiles(paper.files);
  const std::vector<Difference> all = DifferencesOf(*paper.plan);
  std::string text = fmt::format("{} from {}: ", all.size(), NamesOfFiles(paper.files));
  text += ShownPath(all.front().path) + " " + OneLine(all.front().text);
  if (all.size() > 1) text += ", ... (`reevectl plan` shows all)";
  return text;
}

Json Number(const std::optional<std::uint64_t>& value) {
  return value ? Json(*value) : Json();
}

// null: not known; "max": none.
Json LimitJson(const std::optional<Limit>& limit) {
  if (!limit) return nullptr;
  return limit->is_max() ? Json("max") : Json(limit->value());
}

Json CgroupJson(const CgroupPath& path, const LiveCgroup& c) {
  Json one = Json::object();
  one["cgroup"] = JsonString(path.text());
  one["ours"] = c.ours;
  if (c.unit) one["unit"] = true;
  one["frozen"] = c.frozen;
  one["at_limit"] = IsAtLimit(c);
  one["processes"] = c.processes ? Json(*c.processes) : Json();
  one["cpu_cores"] = c.cpu_cores ? Json(*c.cpu_cores) : Json();
  one["cpu_max_quota"] = c.cpu_max ? LimitJson(c.cpu_max->quota) : Json();
  one["cpu_max_period"] = c.cpu_max ? Json(c.cpu_max->period) : Json();
  one["throttled"] = c.throttled;
  one["memory_current"] = Number(c.memory_current);
  one["memory_high"] = LimitJson(c.memory_high);
  one["memory_max"] = LimitJson(c.memory_max);
  one["pids_current"] = Number(c.pids_current);
  one["pids_max"] = LimitJson(c.pids_max);
  const auto percent = [](const std::optional<std::uint64_t>& hundredths) {
    return hundredths ? Json(static_cast<double>(*hundredths) / 100) : Json();
  };
  one["cpu_stalled_percent"] = percent(c.cpu_stalled);
  one["memory_stalled_percent"] = percent(c.memory_stalled);
  one["io_stalled_percent"] = percent(c.io_stalled);
  return one;
}

}  // namespace

std::string_view WordOf(const StatusPaper& paper) {
  if (paper.load_errors != nullptr) return "LOAD FAILED";
  if (paper.governed != nullptr && !paper.governed->word.empty()) return paper.governed->word;
  if (paper.plan == nullptr) return "NOT JUDGED";
  const std::string_view word = WordOf(*paper.plan);
  return word == "HELD" ? "SETTLING" : word;
}

int ExitCodeOf(const StatusPaper& paper) {
  if (paper.load_errors != nullptr) return kFailed;
  // A hold alone is somebody's wish; that other files lie there is what makes it differ.
  const Governed* governed = paper.governed;
  if (governed != nullptr && !governed->word.empty() &&
      !(governed->word == "HELD" && governed->text.empty())) {
    return kFailed;
  }
  return paper.plan == nullptr || paper.plan->AsDescribed() ? kDone : kFailed;
}

std::string RenderStatus(const StatusPaper& paper, const TreeView& view, const Paint& paint) {
  const std::string_view word = WordOf(paper);
  const std::string shown = word == "AS DESCRIBED" ? paint.Green(word)
                            : word == "NOT JUDGED" ? paint.Bold(word)
                                                   : paint.Red(word);
  std::string out = Hanging(Shown(paper.host) + ": ", shown + " " + Explain(paper), kStatusWidth);
  const auto root = paper.live.cgroups.find(CgroupPath());
  const std::size_t processes =
      root == paper.live.cgroups.end() ? 0 : root->second.processes.value_or(0);
  const auto units = static_cast<std::size_t>(
      std::count_if(paper.live.cgroups.begin(), paper.live.cgroups.end(), [](const auto& entry) {
        return entry.second.unit;
      }));
  const std::size_t all = paper.live.cgroups.size() - units;
  std::string sums = Count(all == 0 ? 0 : all - 1, "cgroup") + ", " +
                     Count(processes, "process", "processes") + " below " + Shown(paper.root) + ".";
  if (units != 0) sums += " " + Count(units, "unit") + " of systemd.";
  if (paper.plan != nullptr && paper.load_errors == nullptr && OptionalGaps(*paper.plan) != 0) {
    sums += " " + Count(OptionalGaps(*paper.plan), "key") + " not possible here.";
  }
  if (!paper.live.complete) sums += " Not all could be read.";
  if (paper.plan != nullptr && paper.load_errors == nullptr && !paper.plan->watched.empty()) {
    sums += " " + SumUpWatched(*paper.plan) + " (`reevectl plan`).";
  }
  out += Hanging("", sums, kStatusWidth);
  if (paper.governed != nullptr) out += RenderGoverned(*paper.governed, paint);
  const std::string tree = RenderTree(
      paper.live, paper.load_errors == nullptr ? paper.plan : nullptr, paper.desired, view);
  return tree.empty() ? out : out + "\n" + tree;
}

std::string RenderStatusLine(const StatusPaper& paper) {
  std::string out(WordOf(paper));
  const bool troubled = paper.governed != nullptr && !paper.governed->word.empty();
  if (paper.load_errors != nullptr || paper.plan == nullptr || troubled)
    return out + " " + Explain(paper) + "\n";
  if (paper.plan->AsDescribed()) {
    return out + " (" + SumsOf(*paper.plan) + ")\n";
  }
  constexpr std::size_t kNamed = 3;
  const std::vector<Difference> all = DifferencesOf(*paper.plan);
  out += fmt::format(" {}:", all.size());
  for (std::size_t i = 0; i < all.size() && i < kNamed; ++i) {
    out += (i == 0 ? " " : ", ") + ShownPath(all[i].path) + " " + OneLine(all[i].text);
  }
  if (all.size() > kNamed) out += ", ...";
  return out + "\n";
}

Json StatusJson(const StatusPaper& paper) {
  const std::string_view word = WordOf(paper);
  Json out = Json::object();
  out["host"] = JsonString(paper.host);
  out["root"] = JsonString(paper.root);
  out["result"] = word == "AS DESCRIBED"      ? "as-described"
                  : word == "LOAD FAILED"     ? "load-failed"
                  : word == "NOT JUDGED"      ? "not-judged"
                  : word == "SETTLING"        ? "settling"
                  : word == "HELD"            ? "held"
                  : word == "CHANGED ON DISK" ? "changed-on-disk"
                                              : "differs";
  if (paper.governed != nullptr) AddGoverned(*paper.governed, out);
  Json differences = Json::array();
  if (paper.plan != nullptr && paper.load_errors == nullptr) {
    for (const Difference& d : DifferencesOf(*paper.plan)) {
      Json one = Json::object();
      one["cgroup"] = JsonString(d.path.text());
      one["what"] = JsonString(OneLine(d.text));
      differences.push_back(std::move(one));
    }
  }
  out["differences"] = std::move(differences);
  out["watched_documents"] =
      paper.plan == nullptr ? Json::array() : WatchedJson(paper.plan->watched);
  out["unsupported"] = paper.plan == nullptr ? Json::array() : GapsJson(*paper.plan);
  out["findings"] = paper.load_errors == nullptr ? Json::array() : FindingsJson(*paper.load_errors);
  out["complete"] = paper.live.complete;
  Json cgroups = Json::array();
  for (const auto& entry : paper.live.cgroups)
    cgroups.push_back(CgroupJson(entry.first, entry.second));
  out["cgroups"] = std::move(cgroups);
  return out;
}

}  // namespace reeve::show
