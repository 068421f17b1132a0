// SPDX-License-Identifier: Apache-2.0
#include "property/step_watch.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::property {
namespace {

constexpr std::uint64_t kMax = ~std::uint64_t{0};
constexpr std::array<const char*, 4> kEffective = {
    "memory.max", "memory.high", "pids.max", "cpu.max"};
// Those whose steps between are no concern: writing cpu.idle resets the weight, lists go through their union.
constexpr std::array<const char*, 11> kTwoValued = {"memory.min",
                                                    "memory.low",
                                                    "memory.high",
                                                    "memory.max",
                                                    "memory.swap.max",
                                                    "pids.max",
                                                    "cpu.max",
                                                    "cpu.uclamp.min",
                                                    "cpu.uclamp.max",
                                                    "hugetlb.2MB.max",
                                                    "memory.oom.group"};

std::string ParentOf(const std::string& path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

StepWatch::StepWatch(support::FakeCgroupFs& fs, const Inhabitants& inhabitants)
    : fs_(fs), pids_(inhabitants.processes), seen_(fs.journal().size()) {
  now_ = "before the first step";
  for (const std::string& path : fs.Tree()) old_.insert(path);
  LookAtProcesses();
  first_limit_ = loosest_limit_;
  LookAtValues();
  for (const auto& [place, texts] : texts_between_) first_text_[place] = texts.begin()->first;
  LookAtOrder();
}

std::uint64_t StepWatch::Value(const std::string& path, const std::string& file) {
  std::string text = fs_.Text(path, file);
  std::vector<std::string_view> words = SplitWords(text);
  auto first = words.empty() ? std::nullopt : ParseDecimal(words[0]);
  if (!first) return kMax;  // "max", or no such file: no limit
  if (file != "cpu.max") return *first;
  return *first * 1'000'000 / *ParseDecimal(words[1]);
}

std::uint64_t StepWatch::EffectiveOf(std::int64_t pid, const std::string& file) {
  std::string root = fs_.Absolute("");
  std::string place = fs_.kernel().CgroupOf(pid);
  std::uint64_t limit = kMax;
  for (std::string path = place.size() <= root.size() ? "" : place.substr(root.size() + 1);
       !path.empty();
       path = ParentOf(path)) {
    limit = std::min(limit, Value(path, file));
  }
  return limit;
}

void StepWatch::LookAtProcesses() {
  for (std::int64_t pid : pids_) {
    for (const char* file : kEffective) {
      std::uint64_t& loosest = loosest_limit_[{std::to_string(pid), file}];
      loosest = std::max(loosest, EffectiveOf(pid, file));
    }
  }
}

void StepWatch::LookAtValues() {
  for (const std::string& path : fs_.Tree()) {
    for (const char* file : kTwoValued) {
      std::string text = fs_.Text(path, file);
      if (text[0] != '(') texts_between_[{path, file}].emplace(text, now_);
    }
  }
}

void StepWatch::LookAtOrder() {
  for (const std::string& path : fs_.Tree()) {
    if (old_.count(path) == 0) continue;  // comes with the kernel's defaults, which need no order
    std::uint64_t below = 0;
    std::string name_below;
    for (const char* file : {"memory.min", "memory.low", "memory.high", "memory.max"}) {
      std::uint64_t value = Value(path, file);
      // Without the file there is no limit, and no protection either.
      bool protection = file == std::string("memory.min") || file == std::string("memory.low");
      if (protection && value == kMax) value = 0;
      if (value < below) {
        disorder_.emplace(fmt::format("{}: {} above {}", path, name_below, file), now_);
      }
      below = value;
      name_below = file;
    }
    std::set<unsigned> own, above;
    std::string parent = ParentOf(path);
    support::ParseIdList(fs_.Text(path, "cpuset.cpus"), 4096, &own);
    if (!parent.empty()) support::ParseIdList(fs_.Text(parent, "cpuset.cpus"), 4096, &above);
    if (!above.empty() && !std::includes(above.begin(), above.end(), own.begin(), own.end())) {
      disorder_.emplace(path + ": cpuset.cpus outside of the parent's", now_);
    }
  }
}

void StepWatch::Look() {
  if (fs_.journal().size() == seen_) return;
  seen_ = fs_.journal().size();
  now_ = fs_.journal().back().ToString();
  LookAtProcesses();
  LookAtValues();
  LookAtOrder();
}

std::string StepWatch::Offences() {
  std::string found;
  for (const auto& [place, loosest] : loosest_limit_) {
    std::uint64_t last = EffectiveOf(*ParseSignedDecimal(place.first), place.second);
    std::uint64_t allowed = std::max(first_limit_[place], last);
    if (loosest <= allowed) continue;
    found += fmt::format("process {} had {} {}, looser than at first ({}) and at last ({})\n",
                         place.first,
                         place.second,
                         loosest,
                         first_limit_[place],
                         last);
  }
  for (const auto& [place, texts] : texts_between_) {
    if (first_text_.count(place) == 0) continue;  // a new cgroup comes with the kernel's defaults
    std::string last = fs_.Text(place.first, place.second);
    if (last[0] == '(') continue;  // gone
    for (const auto& [text, entry] : texts) {
      if (text == first_text_[place] || text == last) continue;
      found +=
          fmt::format("{} {} was {}, neither its first ({}) nor its last value ({}), after {}\n",
                      place.first,
                      place.second,
                      text,
                      first_text_[place],
                      last,
                      entry);
    }
  }
  std::map<std::string, std::string> between;
  disorder_.swap(between);
  now_ = "after the last step";
  LookAtOrder();
  for (const auto& [what, entry] : between) {
    bool at_an_end = entry == "before the first step" || disorder_.count(what) != 0;
    bool gone = !fs_.Exists(what.substr(0, what.find(':')));
    if (!at_an_end && !gone) found += fmt::format("{} after {}\n", what, entry);
  }
  return found;
}

}  // namespace reeve::property
