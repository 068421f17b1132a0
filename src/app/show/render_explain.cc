// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_explain.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/exit_code.h"
#include "app/show/governed.h"
#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/render_plan.h"
#include "app/show/screen.h"
#include "app/show/settling.h"
#include "app/show/table.h"

namespace reeve::show {
namespace {

using plan::Binding;
using plan::Explanation;
using plan::Verdict;

// Amounts of nobody's knob, for the columns.
std::string Short(double value) {
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.1f}", value);
}

std::string Percent(double share) {
  return fmt::format("{:.1f} %", share * 100);
}

std::string DeviceName(const ExplainPaper& paper, const std::string& number) {
  const auto found = paper.device_names.find(number);
  return found == paper.device_names.end() ? number : found->second;
}

std::string WhatBinds(const ExplainPaper& paper, const Binding& binding) {
  switch (binding.kind) {
    case Binding::Kind::kCpuCeiling:
      return "cpu, ceiling";
    case Binding::Kind::kCpuShare:
      return "cpu, share";
    case Binding::Kind::kMemoryCeiling:
      return "memory ceiling";
    case Binding::Kind::kMemoryBrake:
      return "memory brake";
    case Binding::Kind::kSwap:
      return "swap";
    case Binding::Kind::kProcesses:
      return "tasks";
    case Binding::Kind::kDisk:
      return binding.device.empty()
                 ? "disks"
                 : fmt::format("{} {}", Shown(DeviceName(paper, binding.device)), binding.column);
  }
  return "";
}

bool IsBytes(const Binding& binding) {
  return binding.kind != Binding::Kind::kProcesses && !binding.column.ends_with("iops");
}

std::string Amount(const Binding& binding, double value) {
  const auto number = static_cast<std::uint64_t>(std::max(value, 0.0));
  if (binding.kind == Binding::Kind::kDisk) {
    return (IsBytes(binding) ? HumanBytes(number) : fmt::format("{}", number)) + "/s";
  }
  return IsBytes(binding) ? HumanBytes(number) : fmt::format("{}", number);
}

std::string Effective(const Binding& binding) {
  if (binding.share) return Percent(*binding.share);
  if (!binding.step) return "none";
  if (binding.cpu) return HumanCores(binding.cpu->quota.value(), binding.cpu->period);
  return Amount(binding, static_cast<double>(binding.limit->value()));
}

std::string NowOf(const Binding& binding) {
  if (!binding.now) return "";
  if (binding.kind == Binding::Kind::kCpuCeiling || binding.kind == Binding::Kind::kCpuShare) {
    return Short(*binding.now);
  }
  return Amount(binding, *binding.now);
}

std::string HitOf(const Binding& binding, const Explanation& explanation) {
  if (binding.kind == Binding::Kind::kCpuShare) {
    if (!binding.step) return "";
    const Step& step = explanation.way[*binding.step];
    return fmt::format("weight {} of {} busy", *step.cpu_weight, step.cpu_weights);
  }
  if (!binding.hit) return "";
  if (*binding.hit == 0) return "never";
  if (binding.of && *binding.of > 0) {
    return fmt::format(
        "{} of its periods",
        Percent(static_cast<double>(*binding.hit) / static_cast<double>(*binding.of)));
  }
  return Count(*binding.hit, "time");
}

// Who set it, where no file did.
std::string ByOf(const Binding& binding, const Explanation& explanation) {
  if (!binding.step) return "";
  if (binding.mark.known()) {
    // The directory stands above, and would break the column.
    const std::string place = binding.mark.FileLine();
    return (binding.drifted ? "NOT as " : "") + Shown(place.substr(place.rfind('/') + 1));
  }
  const Step& step = explanation.way[*binding.step];
  if (step.above_root || step.path.is_root()) return "not by reeve";
  return explanation.judged ? "no policy" : "?";
}

std::string SpanInWords(double seconds) {
  if (seconds <= 0) return "SINCE IT WAS MADE";
  const auto minutes = static_cast<std::uint64_t>(seconds / 60 + 0.5);
  if (minutes == 60) return "IN THE LAST HOUR";
  return minutes >= 120 ? fmt::format("IN THE LAST {} h", minutes / 60)
                        : fmt::format("IN THE LAST {} min", minutes);
}

std::string BindingTable(const ExplainPaper& paper) {
  const Explanation& explanation = paper.explanation;
  std::vector<TableLine> lines{{{"WHAT BINDS IT",
                                 "EFFECTIVE",
                                 "SET AT",
                                 "BY",
                                 "NOW",
                                 "HIT " + SpanInWords(explanation.span)}}};
  for (const Binding& binding : explanation.bindings) {
    lines.push_back({{WhatBinds(paper, binding),
                      Effective(binding),
                      binding.step ? Shown(explanation.way[*binding.step].name) : "",
                      ByOf(binding, explanation),
                      NowOf(binding),
                      HitOf(binding, explanation)}});
  }
  return LayOut(
      lines, {Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft});
}

std::string NumbersOf(const Explanation& explanation) {
  std::vector<std::string> parts;
  const auto& evidence = explanation.evidence;
  if (evidence.throttled) {
    parts.push_back(Percent(*evidence.throttled) + " of its periods throttled");
  }
  const auto stall = [&](const std::optional<std::uint64_t>& value, std::string_view what) {
    if (value)
      parts.push_back(fmt::format("{} stall {:.1f} %", what, static_cast<double>(*value) / 100));
  };
  stall(evidence.memory_stalled, "memory");
  stall(evidence.io_stalled, "io");
  if (evidence.oom_kills > 0) parts.push_back(Count(evidence.oom_kills, "OOM kill"));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string_view WordOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNo:
      return "NO";
    case Verdict::kYes:
      return "YES";
    case Verdict::kNotOurs:
      return "NO, but a limit that no policy sets holds it back";
    case Verdict::kUndecided:
      return "PERHAPS: a limit holds it back, and no policies were named to see whose";
    case Verdict::kUnknown:
      return "nothing could be seen";
  }
  return "";
}

std::string RenderVerdict(const Explanation& explanation, const Paint& paint) {
  if (!explanation.there) return "";
  const bool yes = explanation.verdict == Verdict::kYes;
  std::string text(WordOf(explanation.verdict));
  if (!explanation.because.empty()) text += ": " + Shown(explanation.because);
  const std::string numbers = NumbersOf(explanation);
  if (!numbers.empty())
    text += (explanation.because.empty() ? ": " : " (") + numbers +
            (explanation.because.empty() ? "" : ")");
  const std::string line = Hanging("Is it slow because of reeve? ", text + ".");
  return yes ? paint.Yellow(line) : line;
}

std::string_view StateOf(const Explanation& explanation) {
  if (!explanation.there) return "not there";
  if (explanation.observed_only) return "only observed (mode: observe)";
  if (explanation.described) return "";
  if (!explanation.judged) {
    return explanation.ours ? "reeve's; no policies were named to look it up in"
                            : "no mark of reeve";
  }
  return explanation.ours ? "left the policy, reeve's mark is still on it" : "not reeve's";
}

// "Tue 23:10:00 (20-login.yaml:58)"
std::string ExpiryInWords(const ExplainPaper& paper) {
  const Expiry& expires = *paper.explanation.expires;
  return fmt::format("{} ({})", Moment(expires.at, paper.now), Shown(expires.mark.FileLine()));
}

std::string RenderHead(const ExplainPaper& paper, const Paint& paint) {
  const Explanation& e = paper.explanation;
  std::string first = paint.Bold(ShownPath(e.path));
  if (e.tasks) first += "   " + Count(*e.tasks, "task") + " here and below";
  if (const auto state = StateOf(e); !state.empty()) first += fmt::format("   {}", state);
  std::string out = first + "\n";
  if (!paper.systemd.empty()) {
    out += Hanging("is           ", Shown(paper.systemd));
  } else {
    out +=
        Hanging("is           ", Shown(paper.root + (e.path.is_root() ? "" : "/" + e.path.text())));
  }
  if (e.mark.known()) {
    out +=
        Hanging("described at ",
                Shown(e.mark.FileLine()) +
                    (e.template_name.empty() ? "" : ", an instance of " + Shown(e.template_name)) +
                    (e.row.known() ? ", by the row " + Shown(e.row.FileLine()) : ""));
  }
  if (e.expires) out += Hanging("expires      ", ExpiryInWords(paper));
  if (!e.owner.empty()) out += Hanging("owner        ", Shown(e.owner));
  if (!e.why.empty()) out += Hanging("why          ", Shown(e.why));
  std::string labels;
  for (const auto& [name, value] : e.labels)
    labels += (labels.empty() ? "" : " ") + name + "=" + value;
  if (!labels.empty()) out += Hanging("labels       ", Shown(labels));
  for (const engine::ShrinkProgress& shrink : paper.settling) {
    out +=
        Hanging("settling     ", Shown(shrink.file) + " " + DescribeShrinkOf(shrink, shrink.file));
  }
  return out;
}

// --- a key ---------------------------------------------------------------------------------------

std::string Human(const plan::KeyExplanation& key, const std::string& text) {
  std::string human = HumanText(key.knob, text);
  std::replace(human.begin(), human.end(), '\n', ';');
  return Shown(human);
}

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ';');
  return Shown(text);
}

std::string RenderValue(const ExplainPaper& paper, const Paint& paint) {
  const Explanation& e = paper.explanation;
  const plan::KeyExplanation& key = *e.key;
  std::string first = paint.Bold(ShownPath(e.path) + "  " + Shown(key.file));
  if (key.kernel_text) {
    first += fmt::format(
        " = {}   kernel: \"{}\"", Human(key, *key.kernel_text), OneLine(*key.kernel_text));
  } else {
    first += e.there ? "   the kernel has no such file here" : "   the cgroup is not there";
  }
  std::string out = first + "\n";
  if (key.desired) {
    const DesiredKnob& desired = *key.desired;
    const std::string wanted = desired.knob == nullptr
                                   ? HumanText(key.knob, std::get<std::string>(desired.value))
                                   : HumanValue(*desired.knob, desired.value);
    std::string text = Shown(desired.written);
    if (desired.written != wanted) text += (text.empty() ? "" : " = ") + OneLine(wanted);
    text += fmt::format(" ({})", Shown(desired.mark.FileLine()));
    if (!desired.note.empty()) text += ", " + Shown(desired.note);
    if (key.kernel_text)
      text += key.verified ? ", and so it is" : paint.Yellow(", but it is NOT so");
    out += Hanging("  policy    ", text);
    for (const SourceMark& lost : desired.overridden) {
      out += Hanging("  instead of ", Shown(lost.FileLine()) + ", which is weaker");
    }
    if (e.row.known()) out += Hanging("  row       ", Shown(e.row.FileLine()));
    // What ends may be something else that is said of the cgroup.
    if (e.expires && e.expires->mark.file == desired.mark.file) {
      out += Hanging("  expires   ", ExpiryInWords(paper));
    }
  } else if (!key.gap) {
    out += e.judged ? "  policy    no policy sets it\n"
                    : "  policy    none was named to look it up in\n";
  }
  if (key.gap) {
    out += Hanging("  not here  ",
                   fmt::format("{} ({})", Shown(key.gap->reason), Shown(key.gap->mark.FileLine())));
  }
  return out;
}

std::string RenderAbove(const Explanation& e, const plan::KeyExplanation& key) {
  if (key.above.empty()) return "";
  std::string tighter;
  std::string looser;
  for (const plan::ValueAbove& above : key.above) {
    const std::string text =
        fmt::format("{}: {}", Shown(e.way[above.step].name), Human(key, above.text));
    std::string& list = above.tighter ? tighter : looser;
    list += (list.empty() ? "" : ", ") + text;
  }
  if (!tighter.empty()) return Hanging("  above     ", "tighter, so that counts: " + tighter);
  return Hanging("  above     ", "nothing tighter (" + looser + ")");
}

std::string RenderHistory(const plan::KeyExplanation& key) {
  if (key.history.empty()) return "";
  std::vector<TableLine> lines;
  for (const plan::KeyHistory& entry : key.history) {
    const auto side = [&](const std::string& text) { return text.empty() ? "-" : OneLine(text); };
    lines.push_back({{"  " + Shown(entry.when),
                      fmt::format("{} -> {}", side(entry.from), side(entry.to)),
                      Shown(entry.what.empty() ? entry.who : entry.what + ", " + entry.who)}});
  }
  return "history\n" + LayOut(lines, {Align::kLeft, Align::kLeft, Align::kLeft});
}

std::string RenderKey(const ExplainPaper& paper, const Paint& paint) {
  const Explanation& e = paper.explanation;
  const plan::KeyExplanation& key = *e.key;
  std::string out = RenderValue(paper, paint);
  for (const engine::ShrinkProgress& shrink : paper.settling) {
    const std::string text = DescribeShrinkOf(shrink, key.file);
    if (!text.empty()) out += Hanging("  settling  ", text);
  }
  if (!paper.systemd.empty()) out += Hanging("  systemd   ", Shown(paper.systemd));
  out += RenderAbove(e, key);
  if (!e.owner.empty()) out += Hanging("  owner     ", Shown(e.owner));
  if (!e.why.empty()) out += Hanging("  why       ", Shown(e.why));
  out += RenderHistory(key);
  if (key.knob != nullptr && e.there && paper.systemd.empty()) {
    out += Hanging("",
                   fmt::format("To set something else for now: `reevectl set {} {}=VALUE --for 2h "
                               "--why ...`",
                               ShownPath(e.path),
                               Shown(key.file)));
  }
  return out;
}

// --- JSON ----------------------------------------------------------------------------------------

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

std::string_view NameOf(Binding::Kind kind) {
  switch (kind) {
    case Binding::Kind::kCpuCeiling:
      return "cpu.max";
    case Binding::Kind::kCpuShare:
      return "cpu.weight";
    case Binding::Kind::kMemoryCeiling:
      return "memory.max";
    case Binding::Kind::kMemoryBrake:
      return "memory.high";
    case Binding::Kind::kSwap:
      return "memory.swap.max";
    case Binding::Kind::kProcesses:
      return "pids.max";
    case Binding::Kind::kDisk:
      return "io.max";
  }
  return "";
}

Json BindingJson(const Binding& binding, const Explanation& e) {
  Json one = Json::object();
  one["key"] = NameOf(binding.kind);
  one["device"] = binding.device.empty() ? Json() : JsonString(binding.device);
  one["column"] = binding.column.empty() ? Json() : Json(binding.column);
  if (binding.cpu) {
    one["effective"] = fmt::format("{} {}", binding.cpu->quota.value(), binding.cpu->period);
  } else {
    one["effective"] = binding.limit ? Json(binding.limit->value()) : Json();
  }
  one["share"] = OrNull(binding.share);
  one["set_at"] = binding.step ? JsonString(e.way[*binding.step].name) : Json();
  one["by"] = MarkJson(binding.mark);
  one["drifted"] = binding.drifted;
  one["now"] = OrNull(binding.now);
  one["hit"] = OrNull(binding.hit);
  one["of"] = OrNull(binding.of);
  return one;
}

Json KeyJson(const Explanation& e) {
  const plan::KeyExplanation& key = *e.key;
  Json out = Json::object();
  out["key"] = JsonString(key.file);
  out["kernel"] = key.kernel_text ? JsonString(*key.kernel_text) : Json();
  out["written"] = key.desired ? JsonString(key.desired->written) : Json();
  out["by"] = key.desired ? MarkJson(key.desired->mark) : Json();
  out["verified"] = key.verified;
  Json overridden = Json::array();
  if (key.desired) {
    for (const SourceMark& mark : key.desired->overridden) overridden.push_back(MarkJson(mark));
  }
  out["overridden"] = std::move(overridden);
  out["gap"] = key.gap ? JsonString(key.gap->reason) : Json();
  Json above = Json::array();
  for (const plan::ValueAbove& value : key.above) {
    above.push_back({{"cgroup", JsonString(e.way[value.step].name)},
                     {"kernel", JsonString(value.text)},
                     {"tighter", value.tighter}});
  }
  out["above"] = std::move(above);
  Json history = Json::array();
  for (const plan::KeyHistory& entry : key.history) {
    history.push_back({{"when", JsonString(entry.when)},
                       {"what", JsonString(entry.what)},
                       {"from", JsonString(entry.from)},
                       {"to", JsonString(entry.to)},
                       {"who", JsonString(entry.who)}});
  }
  out["history"] = std::move(history);
  return out;
}

}  // namespace

std::string RenderExplain(const ExplainPaper& paper, const Paint& paint) {
  const Explanation& e = paper.explanation;
  if (e.key) return RenderKey(paper, paint);
  std::string out = RenderHead(paper, paint);
  if (!e.there) return out;
  return out + "\n" + BindingTable(paper) + "\n" + RenderVerdict(e, paint);
}

Json ExplainJson(const ExplainPaper& paper) {
  const Explanation& e = paper.explanation;
  Json out = Json::object();
  out["host"] = JsonString(paper.host);
  out["cgroup"] = JsonString(e.path.text());
  out["there"] = e.there;
  out["described"] = e.described;
  out["observe"] = e.observed_only;
  out["ours"] = e.ours;
  out["by"] = MarkJson(e.mark);
  out["template"] = JsonString(e.template_name);
  out["row"] = MarkJson(e.row);
  out["expires"] = e.expires ? Json(e.expires->at) : Json();
  out["expires_by"] = MarkJson(e.expires ? e.expires->mark : SourceMark());
  out["settling"] = ShrinksJson(paper.settling);
  out["owner"] = JsonString(e.owner);
  out["why"] = JsonString(e.why);
  Json labels = Json::object();
  for (const auto& [name, value] : e.labels) labels[name] = JsonString(value);
  out["labels"] = std::move(labels);
  out["tasks"] = OrNull(e.tasks);
  Json bindings = Json::array();
  for (const Binding& binding : e.bindings) bindings.push_back(BindingJson(binding, e));
  out["binds"] = std::move(bindings);
  out["hit_seconds"] = e.span > 0 ? Json(e.span) : Json();
  const bool known = e.there && e.verdict != Verdict::kUnknown && e.verdict != Verdict::kUndecided;
  out["slow_because_of_reeve"] = known ? Json(e.verdict == Verdict::kYes) : Json();
  out["because"] = JsonString(e.because);
  out["throttled"] = OrNull(e.evidence.throttled);
  const auto percent = [](const std::optional<std::uint64_t>& value) {
    return value ? Json(static_cast<double>(*value) / 100) : Json();
  };
  out["cpu_stalled_percent"] = percent(e.evidence.cpu_stalled);
  out["memory_stalled_percent"] = percent(e.evidence.memory_stalled);
  out["io_stalled_percent"] = percent(e.evidence.io_stalled);
  if (!paper.systemd.empty()) out["systemd"] = JsonString(paper.systemd);
  out["key"] = e.key ? KeyJson(e) : Json();
  return out;
}

int ExitCodeOf(const Explanation& explanation) {
  return explanation.there || explanation.described ? kDone : kNotFound;
}

}  // namespace reeve::show
