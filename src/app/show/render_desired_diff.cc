// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_desired_diff.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/plan_rows.h"
#include "app/show/render_plan.h"
#include "app/show/screen.h"

namespace reeve::show {
namespace {

using plan::DesiredChange;
using Kind = DesiredChange::Kind;

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kCgroupAdded:
      return "cgroup_added";
    case Kind::kCgroupRemoved:
      return "cgroup_removed";
    case Kind::kKey:
      return "key";
    case Kind::kProperty:
      return "property";
    case Kind::kGap:
      return "gap";
  }
  return "";
}

std::string Value(const DesiredChange& change, const std::string& text) {
  std::string human = change.kind == Kind::kKey ? HumanText(change.knob, text) : text;
  std::replace(human.begin(), human.end(), '\n', ';');
  return Shown(human);
}

std::string Lines(const DesiredChange& change, const Paint& paint) {
  const auto at = [](const SourceMark& mark) {
    return mark.known() ? "  # " + Shown(mark.FileLine()) : "";
  };
  const auto minus = [&](const std::string& text) {
    return paint.Red("-" + text + at(change.from_mark)) + "\n";
  };
  const auto plus = [&](const std::string& text) {
    return paint.Green("+" + text + at(change.to_mark)) + "\n";
  };
  if (change.kind == Kind::kCgroupAdded) return plus("(the cgroup)");
  if (change.kind == Kind::kCgroupRemoved) return minus("(the cgroup)");
  const std::string name =
      Shown(change.file) + (change.kind == Kind::kGap ? " not possible here" : "");
  std::string out;
  if (!change.from.empty()) out += minus(name + ": " + Value(change, change.from));
  if (!change.to.empty()) out += plus(name + ": " + Value(change, change.to));
  return out;
}

// What all changes of one cgroup come to; instances of a template with the same share a block.
struct Block {
  std::string text;
  CgroupPath first;
  std::string template_name;
  std::size_t count = 1;
};

}  // namespace

std::string RenderDesiredDiff(const std::string& from,
                              const std::string& to,
                              const std::vector<DesiredChange>& changes,
                              const Paint& paint) {
  if (changes.empty()) {
    return fmt::format("{} and {} mean the same here\n", Shown(from), Shown(to));
  }
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < changes.size();) {
    Block block{"", changes[i].path, changes[i].template_name};
    const bool observed = changes[i].observed_only;
    if (observed) block.text += "# only observed (mode: observe)\n";
    std::size_t end = i;
    while (end < changes.size() && changes[end].path == changes[i].path &&
           changes[end].observed_only == observed) {
      block.text += Lines(changes[end++], paint);
    }
    i = end;
    const auto same = std::find_if(blocks.begin(), blocks.end(), [&](const Block& other) {
      return !block.template_name.empty() && other.template_name == block.template_name &&
             other.text == block.text;
    });
    if (same == blocks.end()) {
      blocks.push_back(std::move(block));
    } else {
      ++same->count;
    }
  }
  std::string out = fmt::format("--- {}\n+++ {}\n", Shown(from), Shown(to));
  for (const Block& block : blocks) {
    out += fmt::format(
        "@@ {} @@\n{}", GroupName(block.first, block.template_name, block.count), block.text);
  }
  return out;
}

Json DesiredDiffJson(const std::string& from,
                     const std::string& to,
                     const std::vector<DesiredChange>& changes) {
  Json list = Json::array();
  for (const DesiredChange& change : changes) {
    list.push_back({{"what", NameOf(change.kind)},
                    {"cgroup", JsonString(change.path.text())},
                    {"observe", change.observed_only},
                    {"key", change.file.empty() ? Json() : JsonString(change.file)},
                    {"from", change.from.empty() ? Json() : JsonString(change.from)},
                    {"to", change.to.empty() ? Json() : JsonString(change.to)},
                    {"from_at", MarkJson(change.from_mark)},
                    {"to_at", MarkJson(change.to_mark)}});
  }
  return {{"from", JsonString(from)},
          {"to", JsonString(to)},
          {"same", changes.empty()},
          {"changes", std::move(list)}};
}

}  // namespace reeve::show
