// SPDX-License-Identifier: Apache-2.0
#include "core/policy/merge.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/condition_time.h"

namespace reeve::policy {
namespace {

// Whether a part is more than a step on the way to the cgroups below it. Only then its document's
// labels, owner and reason are about this cgroup.
bool SaysSomething(const Part& part) {
  const CgroupSpec& spec = *part.spec;
  return spec.children.empty() || !spec.settings.empty() || !spec.self.empty() ||
         !spec.use.empty() || !spec.labels.empty() || !spec.require.empty() || !spec.account ||
         spec.shrink || spec.on_drift;
}

std::optional<Expiry> Earlier(std::optional<Expiry> first, const std::optional<Scalar>& expires) {
  const auto at = expires ? ParseMoment(expires->text) : std::nullopt;
  if (at && (!first || *at < first->at)) return Expiry{*at, expires->mark};
  return first;
}

// Of several parts the strongest one for which `has` holds, the first of equals; nullptr when there
// is none.
template <typename Has>
const Part* Strongest(std::span<const Part> parts, const Has& has) {
  const Part* best = nullptr;
  for (const Part& part : parts) {
    if (has(part) && (best == nullptr || part.strength > best->strength)) best = &part;
  }
  return best;
}

}  // namespace

int Merger::LayerOf(const Document& document) {
  return document.mark.file == nullptr ? 1 : document.mark.file->layer;
}

Merger::Merger(const Policy& policy, SettingCache& settings, bool conflicts, Findings& findings)
    : settings_(settings), conflicts_(conflicts), findings_(findings) {
  for (const Document& document : policy.documents) {
    ranks_.emplace(std::pair(document.metadata.priority, LayerOf(document)), 0);
    for (const Profile& profile : document.profiles) profiles_.emplace(profile.name.text, &profile);
  }
  int next = 0;
  for (auto& [strength, rank] : ranks_) rank = next++;
}

void Merger::Disagree(const std::string& what,
                      const SourceMark& first,
                      std::string_view first_text,
                      const SourceMark& second,
                      std::string_view second_text) {
  if (!conflicts_) return;
  Diagnostic& finding = findings_.Error(
      "R0301",
      second,
      fmt::format("{} is `{}` here and `{}` in {}",
                  what,
                  EscapeForTerminal(second_text),
                  EscapeForTerminal(first_text),
                  first.FileLine()),
      "remove one of them, or give one of the documents a higher `metadata.priority`");
  finding.related = RelatedPlace{first, "the other place"};
}

const Profile* Merger::FindProfile(const Scalar& use, const Scope* scope) {
  const auto name = settings_.Text(use, scope);
  if (!name) return nullptr;
  const auto profile = profiles_.find(*name);
  if (profile != profiles_.end()) return profile->second;

  std::vector<std::string_view> names;
  for (const auto& known : profiles_) names.push_back(known.first);
  std::sort(names.begin(), names.end());
  const auto nearest = NearestSpelling(*name, names);
  std::string hint = "no file of the set has a profile";
  if (nearest) {
    hint = fmt::format("did you mean `{}`?", *nearest);
  } else if (!names.empty()) {
    hint = fmt::format("there are: {}", fmt::join(names, ", "));
  }
  settings_.Blame(use,
                  scope,
                  "R0303",
                  fmt::format("no profile is called `{}`", EscapeForTerminal(*name)),
                  std::move(hint));
  return nullptr;
}

std::vector<const SettingText*> Merger::TextsOf(const Part& part) {
  std::vector<const SettingText*> texts;
  const auto lay = [&](const std::vector<SettingText>& over, std::size_t upto) {
    for (const SettingText& text : over) {
      const auto end = texts.begin() + static_cast<std::ptrdiff_t>(upto);
      const auto same = std::find_if(
          texts.begin(), end, [&](const SettingText* other) { return other->file == text.file; });
      if (same == end) {
        texts.push_back(&text);
      } else {
        *same = &text;
      }
    }
  };
  for (const Scalar& use : part.spec->use) {
    const Profile* profile = FindProfile(use, part.scope);
    if (profile != nullptr) lay(profile->settings, texts.size());
  }
  lay(part.spec->settings, texts.size());
  return texts;
}

void Merger::MergeSettings(const std::string& name,
                           std::span<const Part> parts,
                           MergedCgroup& cgroup) {
  std::map<std::string_view, std::vector<Candidate>> candidates;
  for (const Part& part : parts) {
    const std::vector<const SettingText*> texts = TextsOf(part);
    for (const SettingText* text : texts) {
      const Setting* setting = settings_.Find(*text, part.scope);
      if (setting == nullptr) continue;
      if (parts.size() == 1) {
        cgroup.settings.try_emplace(text->file, MergedSetting{*setting, {}});
      } else {
        candidates[text->file].push_back({&part, setting});
      }
    }
    for (const Scalar& file : part.document->require) {
      const bool sets = std::any_of(texts.begin(), texts.end(), [&](const SettingText* text) {
        return text->file == file.text;
      });
      if (sets) cgroup.require.emplace(file.text, file.mark);
    }
  }
  MergeAll(name, candidates, cgroup.settings);
}

void Merger::MergeSelf(const std::string& name, std::span<const Part> parts, Merged& merged) {
  std::map<std::string_view, std::vector<Candidate>> candidates;
  for (const Part& part : parts) {
    for (const SettingText& text : part.spec->self) {
      const Setting* setting = settings_.Find(text, part.scope);
      if (setting != nullptr) candidates[text.file].push_back({&part, setting});
    }
  }
  MergeAll(name + "/_self", candidates, merged.self);
}

void Merger::MergeLabels(const std::string& name,
                         std::span<const Part> parts,
                         const Labels& inherited,
                         Merged& merged) {
  struct Said {
    const Part* part;
    const Scalar* scalar;
    std::string text;
  };

  std::map<std::string_view, Said> own;
  for (const Part& part : parts) {
    for (const auto& [label, scalar] : part.spec->labels) {
      auto text = settings_.Text(scalar, part.scope);
      if (!text) continue;
      const auto [place, fresh] = own.try_emplace(label, Said{&part, &scalar, *text});
      Said& said = place->second;
      if (fresh) continue;
      if (part.strength == said.part->strength && *text != said.text) {
        Disagree(fmt::format("the label `{}` of `{}`", label, name),
                 said.scalar->mark,
                 said.text,
                 scalar.mark,
                 *text);
      }
      if (part.strength > said.part->strength) said = {&part, &scalar, std::move(*text)};
    }
  }
  merged.handed_down = inherited;
  for (const auto& [label, said] : own) merged.handed_down[std::string(label)] = said.text;
  merged.cgroup.labels = merged.handed_down;

  // The documents' labels, where neither the cgroup nor an ancestor says otherwise. Documents that
  // merely pass through a cgroup (several tenants below one `services`) make no claim on it when
  // they differ.
  const bool said = std::any_of(parts.begin(), parts.end(), SaysSomething);
  std::map<std::string_view, Said> documents;
  std::vector<std::string_view> disputed;
  for (const Part& part : parts) {
    if (said && !SaysSomething(part)) continue;
    for (const auto& [label, scalar] : part.document->metadata.labels) {
      const Labels& texts = LabelsOf(*part.document);
      const auto text = texts.find(label);
      if (text == texts.end() || merged.handed_down.count(label) != 0) continue;
      const auto [place, fresh] = documents.try_emplace(label, Said{&part, &scalar, text->second});
      Said& first = place->second;
      if (fresh) continue;
      if (part.strength == first.part->strength && text->second != first.text) {
        disputed.push_back(label);
        if (said) {
          Disagree(fmt::format("the label `{}` of `{}`", label, name),
                   first.scalar->mark,
                   first.text,
                   scalar.mark,
                   text->second);
        }
      }
      if (part.strength > first.part->strength) {
        std::erase(disputed, std::string_view(label));
        first = {&part, &scalar, text->second};
      }
    }
  }
  for (const auto& [label, text] : documents) {
    const bool in_dispute = std::find(disputed.begin(), disputed.end(), label) != disputed.end();
    if (!in_dispute) merged.cgroup.labels.emplace(std::string(label), text.text);
  }
}

const Labels& Merger::LabelsOf(const Document& document) {
  const auto [place, fresh] = document_labels_.try_emplace(&document);
  if (fresh) {
    for (const auto& [label, scalar] : document.metadata.labels) {
      if (auto text = settings_.Text(scalar, nullptr))
        place->second.emplace(label, std::move(*text));
    }
  }
  return place->second;
}

void Merger::MergeProperties(const std::string& name,
                             std::span<const Part> parts,
                             MergedCgroup& cgroup) {
  const auto choose = [&](auto member, std::string_view key, auto& chosen, auto word) {
    const Part* best =
        Strongest(parts, [&](const Part& part) { return (part.spec->*member).has_value(); });
    if (best == nullptr) return;
    chosen = *(best->spec->*member);
    for (const Part& part : parts) {
      if (part.strength != best->strength || !(part.spec->*member)) continue;
      if (*(part.spec->*member) == chosen) continue;
      Disagree(fmt::format("`{}` of `{}`", key, name),
               best->spec->name.mark,
               word(chosen),
               part.spec->name.mark,
               word(*(part.spec->*member)));
    }
  };
  choose(&CgroupSpec::shrink, "shrink", cgroup.shrink, [](Shrink shrink) {
    return shrink == Shrink::kWait ? "wait" : shrink == Shrink::kGentle ? "gentle" : "kill";
  });
  choose(&CgroupSpec::on_drift, "on_drift", cgroup.on_drift, [](OnDrift on_drift) {
    return on_drift == OnDrift::kRepair   ? "repair"
           : on_drift == OnDrift::kReport ? "report"
                                          : "adopt";
  });

  for (const Part& part : parts) {
    if (!cgroup.row.known() && part.scope != nullptr) cgroup.row = part.scope->row->mark;
    cgroup.expires = Earlier(cgroup.expires, part.spec->expires);
    if (SaysSomething(part)) {
      cgroup.expires = Earlier(cgroup.expires, part.document->metadata.expires);
    }
    if (!part.spec->account) cgroup.account = false;
    for (const Scalar& file : part.spec->require) cgroup.require.emplace(file.text, file.mark);
  }
  const Part* owner = Strongest(parts, [](const Part& part) {
    return SaysSomething(part) && !part.document->metadata.owner.empty();
  });
  if (owner != nullptr) cgroup.owner = owner->document->metadata.owner;
  const auto reason = [](const Part& part) {
    const bool own = !part.spec->why.empty() || !SaysSomething(part);
    return own ? part.spec->why : part.document->metadata.why;
  };
  const Part* why = Strongest(parts, [&](const Part& part) { return !reason(part).empty(); });
  if (why != nullptr) cgroup.why = reason(*why);
}

Merged Merger::Merge(const CgroupPath& path, std::span<const Part> parts, const Labels& inherited) {
  Merged merged;
  merged.cgroup.path = path;
  merged.cgroup.mark = parts.front().spec->name.mark;
  MergeSettings(path.text(), parts, merged.cgroup);
  MergeSelf(path.text(), parts, merged);
  MergeLabels(path.text(), parts, inherited, merged);
  MergeProperties(path.text(), parts, merged.cgroup);
  return merged;
}

}  // namespace reeve::policy
