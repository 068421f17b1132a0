// SPDX-License-Identifier: Apache-2.0
#include "core/policy/by_hand.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/by_hand_line.h"
#include "core/policy/by_hand_text.h"
#include "core/policy/by_hand_values.h"
#include "core/policy/condition_time.h"
#include "core/policy/load.h"

namespace reeve::policy {
namespace {

struct TimeUnit {
  char letter;
  std::int64_t seconds;
};

constexpr std::array<TimeUnit, 4> kUnits = {{{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};

constexpr std::array<std::string_view, 5> kVerbs = {"set", "pause", "lift", "freeze", "clamp"};

// What is said: which cgroup and key, for each place.
using Said = std::set<std::pair<CgroupPath, std::string>>;

void CollectSaid(const std::vector<CgroupSpec>& cgroups, const CgroupPath& above, Said& said) {
  for (const CgroupSpec& spec : cgroups) {
    auto path =
        CgroupPath::Parse(above.is_root() ? spec.name.text : above.text() + "/" + spec.name.text);
    if (!path.has_value()) continue;
    for (const SettingText& setting : spec.settings) said.emplace(*path, setting.file);
    for (const SettingText& setting : spec.self) said.emplace(path->Child("_self"), setting.file);
    if (spec.on_drift) said.emplace(*path, "on_drift");
    CollectSaid(spec.children, *path, said);
  }
}

Said SaidBy(const Document& document) {
  Said said;
  CollectSaid(document.cgroups, CgroupPath(), said);
  return said;
}

Said SaidBy(const HandTree& tree) {
  Said said;
  for (const auto& [path, keys] : tree) {
    for (const auto& [key, value] : keys) said.emplace(path, key);
  }
  return said;
}

std::string FileNameOf(const std::string& name) {
  return fmt::format("90-{}.yaml", name);
}

// The verb of a document that was written by hand; nullopt for all others.
std::optional<HandVerb> VerbOf(const Document& document) {
  const std::string& name = document.metadata.name.text;
  if (document.mark.file == nullptr || !document.metadata.expires ||
      document.mark.file->name != FileNameOf(name)) {
    return std::nullopt;
  }
  const std::size_t dash = name.find('-');
  return dash == std::string::npos ? std::nullopt : HandVerbByName(name.substr(0, dash));
}

// A path as part of a document's and a file's name. Different paths may become the same.
std::string PlainName(std::string_view text) {
  std::string plain;
  for (char c : text.substr(0, 100)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    plain += letter || c == '_' || c == '-' || c == '.' ? c : c == '/' ? '.' : '-';
  }
  return plain;
}

// What a request comes to, while its document is made.
class Writer {
 public:
  Writer(const HandRequest& request,
         const Policy& in_force,
         const Desired& desired,
         const HostFacts& facts,
         std::int64_t now,
         Findings& findings)
      : request_(request),
        in_force_(in_force),
        desired_(desired),
        facts_(facts),
        now_(now),
        findings_(findings),
        line_(request) {}

  std::optional<HandDocument> Write() {
    const std::size_t errors = findings_.error_count();
    JudgeHand(request_, line_, findings_);
    switch (request_.verb) {
      case HandVerb::kSet:
        if (const auto path = KnownCgroup()) Set(*path);
        break;
      case HandVerb::kClamp:
        Clamp();
        break;
      case HandVerb::kFreeze:
        if (const auto path = KnownCgroup()) Freeze(*path);
        break;
      case HandVerb::kPause:
      case HandVerb::kLift:
        if (request_.all) {
          Below(CgroupPath());
        } else if (const auto path = KnownCgroup()) {
          Below(*path);
        }
        break;
    }
    if (findings_.error_count() != errors) return std::nullopt;
    return Finish();
  }

 private:
  std::optional<CgroupPath> KnownCgroup() {
    const auto path = CgroupPath::Parse(request_.cgroup);
    if (path.has_value() && desired_.cgroups.contains(*path)) return *path;
    std::vector<std::string_view> names;
    for (const auto& [known, cgroup] : desired_.cgroups) names.push_back(known.text());
    const auto nearest = NearestSpelling(request_.cgroup, names);
    findings_.Error("R0501",
                    line_.cgroup(),
                    fmt::format("no policy in force describes a cgroup `{}`",
                                EscapeForTerminal(request_.cgroup)),
                    nearest ? fmt::format("did you mean `{}`?", EscapeForTerminal(*nearest))
                            : "`reevectl status` lists the cgroups");
    return std::nullopt;
  }

  // What was typed as KEY=VALUE, judged; `instance` is the cgroup it is for, if it is one of a
  // template.
  void Settings(const CgroupPath& path, const DesiredCgroup* instance) {
    HandKeys& keys = tree_[path];
    if (request_.settings.empty()) {
      findings_.Error("R0115",
                      line_.verb(),
                      fmt::format("`{}` needs at least one KEY=VALUE", line_.verb_name()),
                      "memory.high=400GiB");
    }
    for (std::size_t i = 0; i < request_.settings.size(); ++i) {
      auto setting = JudgeHandSetting(request_.settings[i], line_, i, findings_);
      if (!setting) continue;
      std::string value = setting->yaml;
      if (setting->is_rows && instance != nullptr && !instance->template_name.empty()) {
        const auto in_force = instance->knobs.find(setting->setting.file);
        const std::string beside = in_force == instance->knobs.end()
                                       ? ""
                                       : RowsBeside(in_force->second, setting->setting, facts_);
        if (!beside.empty()) value.insert(value.size() - 1, ", " + beside);
      }
      if (keys.emplace(setting->setting.file, std::move(value)).second) {
        ++values_;
        continue;
      }
      findings_.Error("R0102",
                      line_.key(i),
                      fmt::format("`{}` is said twice", setting->setting.file),
                      "say it once");
    }
  }

  void Set(const CgroupPath& path) {
    Settings(path, &desired_.cgroups.at(path));
    about_ = path.text();
    cgroups_ = 1;
  }

  void Clamp() {
    about_ = fmt::format("{}", request_.pid);
    cgroups_ = 1;
    if (request_.pid <= 0) {
      findings_.Error("R0115", line_.verb(), "`clamp` needs a process", "--pid 77120");
      return;
    }
    const CgroupPath path = CgroupPath().Child(HandName(HandVerb::kClamp, about_));
    if (desired_.cgroups.contains(path)) {
      findings_.Error("R0506",
                      line_.pid(),
                      fmt::format("there is a cgroup `{}` already", path.text()),
                      fmt::format("`reevectl set {} KEY=VALUE` changes its values, `reevectl "
                                  "release {}` ends the clamp",
                                  path.text(),
                                  path.text()));
      return;
    }
    Settings(path, nullptr);
  }

  void Freeze(const CgroupPath& path) {
    tree_[path].emplace("cgroup.freeze", "true");
    about_ = path.text();
    cgroups_ = values_ = 1;
  }

  void Below(const CgroupPath& top) {
    about_ = top.is_root() ? "all" : top.text();
    const bool partitions = std::ranges::any_of(desired_.cgroups, [](const auto& entry) {
      return entry.second.knobs.contains("cpuset.cpus.partition");
    });
    for (const auto& [path, cgroup] : desired_.cgroups) {
      if (!top.Contains(path)) continue;
      if (request_.verb == HandVerb::kPause) {
        if (path.name() == "_self") continue;  // as its parent does
        tree_[path].emplace("on_drift", "report");
        ++values_;
        ++cgroups_;
        continue;
      }
      // CPUs of a partition belong to it alone; lists that grow over them would break it.
      LiftedKeys lifted = LiftedKeysOf(cgroup, facts_, !partitions);
      if (lifted.keys.empty()) continue;
      values_ += lifted.lifted;
      ++cgroups_;
      tree_.emplace(path, std::move(lifted.keys));
    }
    if (cgroups_ != 0) return;
    findings_.Error("R0505",
                    line_.cgroup(),
                    request_.verb == HandVerb::kLift ? "no cgroup here has a limit in force"
                                                     : "no policy in force describes a cgroup",
                    "`reevectl status --full` shows all cgroups and their limits");
  }

  // The same again, or more of it, takes the place of what was asked for before.
  void FindReplaced(HandDocument& document) const {
    const Said said = SaidBy(tree_);
    for (const Document& other : in_force_.documents) {
      if (VerbOf(other) != request_.verb) continue;
      const Said before = SaidBy(other);
      if (!std::includes(said.begin(), said.end(), before.begin(), before.end())) continue;
      document.replaces.push_back(other.mark.file->name);
    }
  }

  std::string FreeName(const HandDocument& document) const {
    const std::string wish = HandName(request_.verb, about_);
    std::set<std::string_view> taken;
    for (const Document& other : in_force_.documents) {
      if (other.mark.file == nullptr ||
          std::ranges::count(document.replaces, other.mark.file->name) == 0) {
        taken.insert(other.metadata.name.text);
      }
    }
    std::string name = wish;
    for (int i = 2; taken.contains(name); ++i) name = fmt::format("{}-{}", wish, i);
    return name;
  }

  std::optional<HandDocument> Finish() {
    HandDocument document;
    FindReplaced(document);
    document.name = FreeName(document);
    document.file_name = FileNameOf(document.name);
    document.expires = now_ + request_.for_seconds;
    document.cgroups = cgroups_;
    document.values = values_;

    std::int64_t priority = now_;
    for (const Document& other : in_force_.documents) {
      if (other.metadata.priority < std::numeric_limits<std::int64_t>::max()) {
        priority = std::max(priority, other.metadata.priority + 1);
      }
    }
    std::string& text = document.text;
    text =
        fmt::format("# By hand; `reevectl release {}` ends it before its time.\n", document.name);
    text += "apiVersion: reeve/v1\nkind: Policy\nmetadata:\n";
    text += fmt::format("  name: {}\n", QuotedYaml(document.name));
    text += fmt::format("  expires: {}\n", FormatMoment(document.expires));
    if (request_.verb == HandVerb::kClamp && !facts_.boot_id.empty()) {
      text += fmt::format("  boot: {}\n", QuotedYaml(facts_.boot_id));
    }
    text += fmt::format("  priority: {}\n", priority);
    if (!request_.owner.empty()) {
      text += fmt::format("  owner: {}\n", QuotedYaml(PlainLine(request_.owner)));
    }
    text += fmt::format("  why: {}\n", QuotedYaml(request_.why));
    text += "cgroups:\n" + CgroupsYaml(tree_);

    // The reader has the last word on what we wrote.
    const auto file =
        std::make_shared<const SourceFile>(SourceFile{document.file_name, document.text, 2, ""});
    Findings found;
    static_cast<void>(LoadPolicy({file}, found));
    if (!found.has_errors()) return document;
    for (const Diagnostic& finding : found.all()) findings_.Add(finding);
    return std::nullopt;
  }

  const HandRequest& request_;
  const Policy& in_force_;
  const Desired& desired_;
  const HostFacts& facts_;
  std::int64_t now_;
  Findings& findings_;
  HandLine line_;
  HandTree tree_;
  std::string about_;  // cgroup, "all" or pid
  std::size_t cgroups_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

std::string_view HandVerbName(HandVerb verb) {
  return kVerbs[static_cast<std::size_t>(verb)];
}

std::optional<HandVerb> HandVerbByName(std::string_view name) {
  const auto* verb = std::ranges::find(kVerbs, name);
  if (verb == kVerbs.end()) return std::nullopt;
  return static_cast<HandVerb>(verb - kVerbs.begin());
}

std::string HandName(HandVerb verb, std::string_view about) {
  return fmt::format("{}-{}", HandVerbName(verb), PlainName(about));
}

std::optional<HandDocument> WriteByHand(const HandRequest& request,
                                        const Policy& in_force,
                                        const Desired& desired,
                                        const HostFacts& facts,
                                        std::int64_t now,
                                        Findings& findings) {
  return Writer(request, in_force, desired, facts, now, findings).Write();
}

SourceFiles FilesWith(const SourceFiles& files, const HandDocument& document, int layer) {
  SourceFiles with;
  for (const auto& file : files) {
    const bool gone = file->layer == layer && (file->name == document.file_name ||
                                               std::ranges::count(document.replaces, file->name));
    if (!gone) with.push_back(file);
  }
  auto added =
      std::make_shared<const SourceFile>(SourceFile{document.file_name, document.text, layer, ""});
  const auto place =
      std::upper_bound(with.begin(), with.end(), added, [](const auto& a, const auto& b) {
        return std::pair(a->layer, a->name) < std::pair(b->layer, b->name);
      });
  with.insert(place, std::move(added));
  return with;
}

std::vector<HandInForce> HandsIn(const Policy& policy) {
  std::vector<HandInForce> hands;
  for (const Document& document : policy.documents) {
    const auto verb = VerbOf(document);
    if (!verb) continue;
    HandInForce hand;
    hand.verb = *verb;
    hand.name = document.metadata.name.text;
    hand.file_name = document.mark.file->name;
    for (const auto& [path, key] : SaidBy(document)) {
      if (hand.cgroups.empty() || hand.cgroups.back() != path) hand.cgroups.push_back(path);
    }
    hand.expires = ParseMoment(document.metadata.expires->text);
    hand.owner = document.metadata.owner;
    hand.why = document.metadata.why;
    hands.push_back(std::move(hand));
  }
  return hands;
}

std::optional<std::int64_t> ParseHandTime(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto number = ParseDecimal(text.substr(0, text.size() - 1));
  const auto* unit = std::ranges::find(kUnits, text.back(), &TimeUnit::letter);
  if (!number || unit == kUnits.end() || *number == 0) return std::nullopt;
  if (*number > static_cast<std::uint64_t>(kLongestTime / unit->seconds)) return std::nullopt;
  return static_cast<std::int64_t>(*number) * unit->seconds;
}

std::string FormatHandTime(std::int64_t seconds) {
  for (const TimeUnit& unit : kUnits) {
    if (seconds % unit.seconds == 0)
      return fmt::format("{}{}", seconds / unit.seconds, unit.letter);
  }
  return fmt::format("{}s", seconds);
}

}  // namespace reeve::policy
