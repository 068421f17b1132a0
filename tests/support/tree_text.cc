// SPDX-License-Identifier: Apache-2.0
#include "support/tree_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/knob_text.h"

namespace reeve::testing {
namespace {

std::string ValueText(const DesiredKnob& knob) {
  std::string text;
  if (knob.knob == nullptr) {
    text = std::get<std::string>(knob.value) + " (raw)";
  } else {
    text = format::FormatKnob(*knob.knob, knob.value);
  }
  std::string line;
  for (const std::string_view part : SplitLines(text)) {
    if (!line.empty()) line += "; ";
    line += part;
  }
  return line;
}

std::string KnobLine(const std::string& file, const DesiredKnob& knob) {
  std::string line = fmt::format("  {} {}", file, ValueText(knob));
  std::string beside = knob.note;
  for (const SourceMark& mark : knob.overridden) {
    beside += fmt::format("{}over {}", beside.empty() ? "" : ", ", mark.FileLine());
  }
  return beside.empty() ? line + '\n' : fmt::format("{:<40} {}\n", line, beside);
}

void AddCgroup(const DesiredCgroup& cgroup, std::string_view sign, std::string& text) {
  std::string head = fmt::format("{}{}", sign, cgroup.path.text());
  std::string_view separator = " ";
  const auto add = [&](const std::string& part) {
    head += fmt::format("{}{}", separator, part);
    separator = ", ";
  };
  if (!cgroup.template_name.empty()) add("of " + cgroup.template_name);
  if (!cgroup.subtree_control.empty()) {
    add("hands down " + cgroup.subtree_control.ToString());
  }
  if (cgroup.shrink != Shrink::kWait) {
    add(cgroup.shrink == Shrink::kGentle ? "shrink gentle" : "shrink kill");
  }
  if (cgroup.on_drift != OnDrift::kRepair) {
    add(cgroup.on_drift == OnDrift::kReport ? "on_drift report" : "on_drift adopt");
  }
  std::string labels;
  for (const auto& [label, value] : cgroup.labels) labels += fmt::format(" {}={}", label, value);
  if (!labels.empty()) add("labels" + labels);
  text += head + '\n';
  for (const auto& [file, knob] : cgroup.knobs) text += KnobLine(file, knob);
}

}  // namespace

std::string DesiredText(const Desired& desired) {
  std::string text;
  if (!desired.root_subtree_control.empty()) {
    text += fmt::format("(root) hands down {}\n", desired.root_subtree_control.ToString());
  }
  for (const auto& [path, cgroup] : desired.cgroups) AddCgroup(cgroup, "", text);
  for (const auto& [path, cgroup] : desired.observed_only) AddCgroup(cgroup, "~", text);
  std::vector<std::string> gaps;
  for (const Gap& gap : desired.gaps) {
    gaps.push_back(fmt::format("{}{} {} {}: {}\n",
                               gap.kind == Gap::Kind::kPending ? "pending" : "unsupported",
                               gap.required ? " but required" : "",
                               gap.path.text(),
                               gap.file,
                               gap.reason));
  }
  std::sort(gaps.begin(), gaps.end());
  for (const std::string& gap : gaps) text += gap;
  return text;
}

}  // namespace reeve::testing
