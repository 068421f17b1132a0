// SPDX-License-Identifier: Apache-2.0
#include "core/engine/policy_test.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/engine/words.h"
#include "core/format/knob_text.h"
#include "core/plan/diff.h"
#include "core/plan/resolve.h"
#include "core/plan/resolve_units.h"
#include "core/policy/setting_parser.h"

namespace reeve::engine {
namespace {

using policy::Diagnostic;

const DesiredCgroup* FindIn(const std::map<CgroupPath, DesiredCgroup>& cgroups,
                            const CgroupPath& path) {
  const auto found = cgroups.find(path);
  return found == cgroups.end() ? nullptr : &found->second;
}

std::string TextOf(const DesiredKnob& knob) {
  return knob.knob == nullptr ? std::get<std::string>(knob.value)
                              : format::FormatKnob(*knob.knob, knob.value);
}

CgroupPath PathOf(const Scalar& path) {
  auto parsed = CgroupPath::Parse(path.text);
  return parsed.has_value() ? *std::move(parsed) : CgroupPath();
}

// "web memory.max"
std::string Names(std::string_view cgroup, std::string_view key) {
  if (cgroup.empty()) return std::string(key);
  return key.empty() ? std::string(cgroup) : fmt::format("{} {}", cgroup, key);
}

bool IsFile(const SourceMark& mark, std::string_view wanted) {
  if (wanted.empty()) return true;
  if (mark.file == nullptr) return false;
  const std::string_view name = mark.file->name;
  if (!name.ends_with(wanted)) return false;
  return name.size() == wanted.size() || name[name.size() - wanted.size() - 1] == '/';
}

std::string_view GapWord(Gap::Kind kind) {
  return kind == Gap::Kind::kPending ? "pending" : "unsupported";
}

// The facts under which nothing is missing, so that an expectation about a file the host lacks is
// resolved all the same.
HostFacts WithEverything(HostFacts facts) {
  facts.controllers = ControllerSet();
  facts.files.clear();
  return facts;
}

// The same for units. What is not loaded stays so: it has no value.
HostFacts WithNewestSystemd(HostFacts facts) {
  facts.systemd.clear();
  facts.kernel.clear();
  return facts;
}

class TestJudge {
 public:
  TestJudge(const PolicyTest& test, const Generation& generation)
      : test_(test), expect_(test.expect), generation_(generation), desired_(generation.desired) {
    gaps_ = generation.desired.gaps;
    gaps_.insert(gaps_.end(), generation.units.gaps.begin(), generation.units.gaps.end());
  }

  TestVerdict Run() && {
    JudgeFindings();
    if (generation_.usable()) {
      ResolveExpected();
      JudgeCgroups(expect_.cgroups, desired_, expected_cgroups_, "cgroup");
      JudgeCgroups(expect_.units, generation_.units, expected_units_, "unit");
      JudgeRest(expect_.cgroups, desired_, "cgroup");
      JudgeRest(expect_.units, generation_.units, "unit");
      JudgeGaps();
      JudgePlan();
    } else if (NeedsTree() && verdict_.passed()) {
      // The errors were expected, but then there is nothing to expect of the tree.
      Fail(expect_.mark, "the tree", "policies that can be used", "errors in them");
      verdict_.failures.back().next = "`reevectl check` shows the errors with their lines";
    }
    return std::move(verdict_);
  }

 private:
  bool NeedsTree() const {
    return !expect_.cgroups.empty() || !expect_.units.empty() || expect_.nothing_else ||
           expect_.gaps || expect_.NeedsPlan();
  }

  TestFailure& Fail(const SourceMark& mark,
                    std::string what,
                    std::string expected,
                    std::string got) {
    TestFailure failure;
    failure.mark = mark;
    failure.what = std::move(what);
    failure.expected = std::move(expected);
    failure.got = std::move(got);
    verdict_.failures.push_back(std::move(failure));
    return verdict_.failures.back();
  }

  // --- findings ----------------------------------------------------------------------------------

  static std::string Words(const Diagnostic& finding) {
    return fmt::format("{}: {}", finding.code, finding.message);
  }

  void JudgeFindings() {
    const std::vector<Diagnostic>& all = generation_.findings.all();
    std::vector<bool> expected(all.size(), false);
    if (expect_.findings) {
      ++verdict_.checks;
      for (const ExpectedFinding& wanted : *expect_.findings) JudgeFinding(wanted, expected);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool error = all[i].severity == policy::Severity::kError;
      if (expected[i] || (!error && !expect_.findings)) continue;
      TestFailure& failure = Fail(expect_.findings ? expect_.findings_mark : expect_.mark,
                                  "findings",
                                  expect_.findings ? "no other finding" : "no error",
                                  Words(all[i]));
      failure.got_mark = all[i].mark;
      failure.next = all[i].hint.empty()
                         ? fmt::format("mend it, or expect {{code: {}}}", all[i].code)
                         : all[i].hint;
    }
  }

  void JudgeFinding(const ExpectedFinding& wanted, std::vector<bool>& expected) {
    ++verdict_.checks;
    const std::vector<Diagnostic>& all = generation_.findings.all();
    const Diagnostic* near = nullptr;
    bool met = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].code != wanted.code || !IsFile(all[i].mark, wanted.file)) continue;
      near = &all[i];
      if (wanted.line && all[i].mark.line != *wanted.line) continue;
      expected[i] = true;
      met = true;
    }
    if (met) return;
    std::string place = wanted.file;
    if (wanted.line) place += fmt::format("{}line {}", place.empty() ? "" : " ", *wanted.line);
    TestFailure& failure =
        Fail(wanted.mark,
             "findings",
             place.empty() ? wanted.code : fmt::format("{} in {}", wanted.code, place),
             near == nullptr ? "" : Words(*near));
    if (near != nullptr) failure.got_mark = near->mark;
    failure.next = fmt::format("`reevectl help {}` says when it is found", wanted.code);
  }

  // --- cgroups -----------------------------------------------------------------------------------

  using Settings = std::map<std::string, policy::MergedSetting>;

  // What the expected settings come to, in the places where they are expected.
  void ResolveExpected() {
    policy::MergedTree tree = generation_.tree;
    policy::Findings unused;
    const auto expect = [&](const std::vector<ExpectedCgroup>& all, auto settings_at) {
      for (const ExpectedCgroup& wanted : all) {
        for (const ExpectedSetting& expected : wanted.settings) {
          if (expected.absent || expected.kernel_text) continue;
          auto setting = policy::ParseSetting(expected.setting, unused);
          if (!setting) continue;
          Settings* settings = settings_at(tree, PathOf(wanted.path));
          if (settings != nullptr) (*settings)[setting->file] = {*std::move(setting), {}};
        }
      }
    };
    expect(expect_.cgroups, SettingsAt);
    expect(expect_.units, SettingsOfUnit);
    expected_cgroups_ = plan::Resolve(tree, WithEverything(test_.facts), unused);
    expected_units_ = plan::ResolveUnits(tree, WithNewestSystemd(test_.facts), unused);
  }

  static Settings* SettingsOfUnit(policy::MergedTree& tree, const CgroupPath& unit) {
    const auto found = tree.units.find(unit);
    return found == tree.units.end() ? nullptr : &found->second.cgroup.settings;
  }

  static Settings* SettingsAt(policy::MergedTree& tree, const CgroupPath& path) {
    const auto cgroup = tree.cgroups.find(path);
    if (cgroup != tree.cgroups.end()) return &cgroup->second.settings;
    if (path.name() != "_self") return nullptr;
    return &tree.self[path.Parent()];
  }

  //   what   "cgroup" or "unit"
  void JudgeCgroups(const std::vector<ExpectedCgroup>& all,
                    const Desired& desired,
                    const Desired& expected,
                    std::string_view what) {
    for (const ExpectedCgroup& wanted : all) {
      if (wanted.absent) {
        JudgeAbsent(wanted, desired);
        continue;
      }
      ++verdict_.checks;
      const CgroupPath path = PathOf(wanted.path);
      const DesiredCgroup* got = FindIn(desired.cgroups, path);
      if (got == nullptr) {
        FailMissing(wanted, path, desired, what);
        continue;
      }
      const DesiredCgroup* resolved = FindIn(expected.cgroups, path);
      for (const ExpectedSetting& setting : wanted.settings) {
        JudgeSetting(wanted.path.text, setting, resolved, *got);
      }
    }
  }

  void JudgeAbsent(const ExpectedCgroup& wanted, const Desired& desired) {
    ++verdict_.checks;
    for (const auto& [path, cgroup] : desired.cgroups) {
      if (!GlobMatches(wanted.path.text, path.text())) continue;
      TestFailure& failure =
          Fail(wanted.path.mark, path.text(), "absent", "the policies describe it");
      failure.got_mark = cgroup.mark;
      failure.next = "take it out of the policies, or its `absent` out of the test";
      return;
    }
  }

  void FailMissing(const ExpectedCgroup& wanted,
                   const CgroupPath& path,
                   const Desired& desired,
                   std::string_view what) {
    TestFailure& failure =
        Fail(wanted.path.mark, wanted.path.text, what == "unit" ? "a unit" : "a cgroup", "");
    if (const DesiredCgroup* observed = FindIn(desired.observed_only, path)) {
      failure.got = "only observed";
      failure.got_mark = observed->mark;
      failure.next = "its document says `mode: observe`: it is planned beside, and never made";
      return;
    }
    std::vector<std::string_view> names;
    for (const auto& entry : desired.cgroups) names.push_back(entry.first.text());
    const auto near = NearestSpelling(wanted.path.text, names);
    if (what == "unit" && !test_.facts.units.contains(wanted.path.text)) {
      failure.next = "the test's host has no such unit: say it under `facts: {units: ...}`";
    } else if (near) {
      failure.next = fmt::format("did you mean `{}`?", *near);
    } else if (generation_.tree.documents_skipped > 0) {
      failure.next = fmt::format(
          "{} of {} documents do not apply here: look at their `when` and "
          "`expires`",
          generation_.tree.documents_skipped,
          generation_.documents);
    } else {
      failure.next = fmt::format("the policies describe no such {}", what);
    }
  }

  void JudgeSetting(const std::string& cgroup,
                    const ExpectedSetting& wanted,
                    const DesiredCgroup* resolved,
                    const DesiredCgroup& got) {
    ++verdict_.checks;
    const std::string& file = wanted.setting.file;
    const auto there = got.knobs.find(file);
    const DesiredKnob* knob = there == got.knobs.end() ? nullptr : &there->second;
    if (wanted.absent && knob == nullptr) return;
    const DesiredKnob* expected = nullptr;
    if (resolved != nullptr && !wanted.absent && !wanted.kernel_text) {
      const auto found = resolved->knobs.find(file);
      if (found != resolved->knobs.end()) expected = &found->second;
    }
    if (knob != nullptr && !wanted.absent && Same(wanted, expected, *knob)) return;
    std::string words = wanted.absent                        ? "absent"
                        : wanted.kernel_text                 ? wanted.setting.value.text
                        : expected != nullptr                ? TextOf(*expected)
                        : !wanted.setting.value.text.empty() ? wanted.setting.value.text
                                                             : "rows";
    TestFailure& failure = Fail(wanted.setting.key_mark,
                                Names(cgroup, file),
                                std::move(words),
                                knob == nullptr ? "" : TextOf(*knob));
    failure.file = file;
    failure.values = true;
    if (knob != nullptr) {
      failure.got_mark = knob->mark;
      failure.next = fmt::format("the policy says `{}`: change it there, or the expectation here",
                                 knob->written);
      return;
    }
    failure.next = WhyNotSet(got, file, failure.got_mark);
  }

  bool Same(const ExpectedSetting& wanted, const DesiredKnob* expected, const DesiredKnob& got) {
    if (got.knob == nullptr) {
      return Trim(std::get<std::string>(got.value)) == Trim(wanted.setting.value.text);
    }
    if (wanted.kernel_text) {
      const auto value = format::ParseKnob(*got.knob, wanted.setting.value.text);
      return value.has_value() &&
             format::SameValue(*got.knob, got.value, *value, test_.facts.page_size) &&
             format::SameValue(*got.knob, *value, got.value, test_.facts.page_size);
    }
    return expected != nullptr &&
           format::SameValue(*got.knob, expected->value, got.value, test_.facts.page_size);
  }

  std::string WhyNotSet(const DesiredCgroup& got, const std::string& file, SourceMark& mark) const {
    for (const Gap& gap : gaps_) {
      if (gap.path != got.path || gap.file != file) continue;
      mark = gap.mark;
      return fmt::format("{} on this host: {}", GapWord(gap.kind), gap.reason);
    }
    mark = got.mark;
    return fmt::format("the policies set no {} here", file);
  }

  // --- nothing else ------------------------------------------------------------------------------

  void JudgeRest(const std::vector<ExpectedCgroup>& all,
                 const Desired& desired,
                 std::string_view what) {
    if (!expect_.nothing_else) return;
    ++verdict_.checks;
    std::map<CgroupPath, std::set<std::string>> named;
    for (const ExpectedCgroup& wanted : all) {
      if (wanted.absent) continue;
      const CgroupPath path = PathOf(wanted.path);
      auto& keys = named[path];
      for (const ExpectedSetting& setting : wanted.settings) keys.insert(setting.setting.file);
      for (CgroupPath above = path.Parent(); !above.is_root(); above = above.Parent()) named[above];
    }
    for (const auto& [path, cgroup] : desired.cgroups) {
      const auto found = named.find(path);
      if (found == named.end()) {
        TestFailure& failure = Fail(
            expect_.nothing_else_mark, path.text(), "nothing else", fmt::format("a {} more", what));
        failure.got_mark = cgroup.mark;
        failure.next = "expect it, or take `nothing_else` away";
        continue;
      }
      for (const auto& [file, knob] : cgroup.knobs) {
        if (found->second.contains(file)) continue;
        TestFailure& failure = Fail(expect_.nothing_else_mark,
                                    Names(path.text(), file),
                                    "nothing else",
                                    fmt::format("{} {}", file, TextOf(knob)));
        failure.got_mark = knob.mark;
        failure.next = "expect it, or take `nothing_else` away";
      }
    }
  }

  // --- lists -------------------------------------------------------------------------------------

  void JudgeGaps() {
    if (!expect_.gaps) return;
    ++verdict_.checks;
    std::vector<bool> expected(gaps_.size(), false);
    for (const ExpectedGap& wanted : *expect_.gaps) {
      ++verdict_.checks;
      bool met = false;
      for (std::size_t i = 0; i < gaps_.size(); ++i) {
        const Gap& gap = gaps_[i];
        const bool same = gap.path.text() == wanted.cgroup && gap.file == wanted.key &&
                          (!wanted.kind || gap.kind == *wanted.kind);
        if (same) expected[i] = met = true;
      }
      if (met) continue;
      Fail(wanted.mark,
           Names(wanted.cgroup, wanted.key),
           wanted.kind ? std::string(GapWord(*wanted.kind)) : "a gap",
           "")
          .next = "this host can have it, or no policy asks for it";
    }
    for (std::size_t i = 0; i < gaps_.size(); ++i) {
      if (expected[i]) continue;
      const Gap& gap = gaps_[i];
      TestFailure& failure = Fail(expect_.gaps_mark,
                                  Names(gap.path.text(), gap.file),
                                  "no other gap",
                                  fmt::format("{}: {}", GapWord(gap.kind), gap.reason));
      failure.got_mark = gap.mark;
      failure.next = generation_.units.gaps.empty()
                         ? "expect it, or say `when: {knob: " + gap.file + "}` in the policy"
                         : std::string("expect it");
    }
  }

  void JudgePlan() {
    if (!test_.tree) {
      if (expect_.NeedsPlan()) {
        Fail(expect_.mark, "the plan", "a tree to plan for", "").next =
            "say what is there before under `tree`, or name a `host` that `reevectl "
            "record` wrote";
      }
      return;
    }
    verdict_.plan = PlanOnRecord(desired_, test_.facts, *test_.tree);
    const Plan& plan = *verdict_.plan;
    if (expect_.as_described) {
      ++verdict_.checks;
      if (plan.AsDescribed() != *expect_.as_described) {
        Fail(expect_.as_described_mark,
             "as_described",
             *expect_.as_described ? "nothing to do" : "something to do",
             plan.AsDescribed() ? "nothing to do" : FirstDifference(plan))
            .next = "`reevectl plan --facts HOST FILE...` shows it all";
      }
    }
    JudgeCare(plan);
    JudgeHeld(plan);
  }

  static std::string FirstDifference(const Plan& plan) {
    std::size_t real = 0;
    const Action* first = nullptr;
    for (const Action& action : plan.actions) {
      if (std::holds_alternative<WriteMark>(action.kind)) continue;
      if (++real == 1) first = &action;
    }
    if (first != nullptr) {
      const std::string more = real == 1 ? "" : fmt::format(" and {} more", real - 1);
      return DescribeAction(*first) + more;
    }
    if (!plan.held.empty())
      return Names(plan.held[0].path.text(), plan.held[0].file) + " is held back";
    if (!plan.refusals.empty()) {
      return Names(plan.refusals[0].path.text(), plan.refusals[0].file) + " would be refused";
    }
    return "something to do";
  }

  void JudgeCare(const Plan& plan) {
    if (!expect_.care) return;
    ++verdict_.checks;
    std::vector<bool> expected(plan.care.size(), false);
    for (const ExpectedCare& wanted : *expect_.care) {
      ++verdict_.checks;
      bool met = false;
      for (std::size_t i = 0; i < plan.care.size(); ++i) {
        const Care& care = plan.care[i];
        const bool same = wanted.danger == care.danger &&
                          (!wanted.cgroup || *wanted.cgroup == care.path.text()) &&
                          (wanted.key.empty() || wanted.key == care.file);
        if (same) expected[i] = met = true;
      }
      if (met) continue;
      const std::string names = Names(wanted.cgroup.value_or(""), wanted.key);
      Fail(wanted.mark,
           names.empty() ? "care" : names,
           fmt::format("!{}", DangerName(*wanted.danger)),
           "")
          .next = "the plan does not warn of it: look at `tree` (memory.current) and the values";
    }
    for (std::size_t i = 0; i < plan.care.size(); ++i) {
      if (expected[i]) continue;
      const Care& care = plan.care[i];
      TestFailure& failure = Fail(expect_.care_mark,
                                  Names(care.path.text(), care.file),
                                  "no other care",
                                  fmt::format("!{} {}", DangerName(care.danger), care.message));
      failure.file = care.file;
      failure.got_mark = care.mark;
      failure.next = "expect it, or change the policy so that it does not hurt";
    }
  }

  void JudgeHeld(const Plan& plan) {
    if (!expect_.held) return;
    ++verdict_.checks;
    std::vector<bool> expected(plan.held.size(), false);
    for (const ExpectedCare& wanted : *expect_.held) {
      ++verdict_.checks;
      bool met = false;
      for (std::size_t i = 0; i < plan.held.size(); ++i) {
        if (wanted.cgroup != plan.held[i].path.text() || wanted.key != plan.held[i].file) continue;
        expected[i] = met = true;
      }
      if (met) continue;
      Fail(wanted.mark, Names(wanted.cgroup.value_or(""), wanted.key), "held back", "").next =
          "the plan sets it at once, or has nothing to set";
    }
    for (std::size_t i = 0; i < plan.held.size(); ++i) {
      if (expected[i]) continue;
      const Held& held = plan.held[i];
      TestFailure& failure = Fail(expect_.held_mark,
                                  Names(held.path.text(), held.file),
                                  "nothing else held back",
                                  fmt::format("{} -> {}, {}", held.now, held.wanted, held.reason));
      failure.file = held.file;
      failure.got_mark = held.mark;
      failure.next = "expect it, or say `shrink: kill` where killing is meant";
    }
  }

  const PolicyTest& test_;
  const Expectations& expect_;
  const Generation& generation_;
  const Desired& desired_;
  std::vector<Gap> gaps_;  // of cgroups and units
  Desired expected_cgroups_;
  Desired expected_units_;
  TestVerdict verdict_;
};

}  // namespace

Plan PlanOnRecord(const Desired& desired, const HostFacts& facts, const Observed& tree) {
  plan::PlanOptions options;
  options.page_size = facts.page_size;
  return plan::MakePlan(desired, tree, options).plan;
}

TestVerdict JudgeTest(const PolicyTest& test, const Generation& generation) {
  return TestJudge(test, generation).Run();
}

}  // namespace reeve::engine
