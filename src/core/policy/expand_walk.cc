// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand_walk.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/condition_time.h"

namespace reeve::policy {

bool Walker::Expired(const CgroupSpec& spec, const Scope* scope) {
  if (!spec.expires) return false;
  const auto text = settings_.Text(*spec.expires, scope);
  if (!text) return false;
  const auto moment = ParseMoment(*text);
  if (!moment) {
    // A literal date was judged with its document; this one came out of a row.
    if (HasVariables(spec.expires->text)) {
      settings_.Blame(*spec.expires,
                      scope,
                      "R0221",
                      fmt::format("`{}` is no date", EscapeForTerminal(*text)),
                      "dates are 2026-12-15 or 2026-12-15T05:10:00+01:00");
    }
    return false;
  }
  if (*moment <= now_) return true;
  if (!next_expiry_ || *moment < *next_expiry_) next_expiry_ = *moment;
  return false;
}

void Walker::AddInstance(const CgroupSpec& spec,
                         const Below& below,
                         const Scope* scope,
                         std::map<std::string, const DataRow*>& made,
                         Children& children) {
  if (Expired(spec, scope)) return;
  Replaced name = ReplaceInName(spec.name.text, scope);
  if (name.unbound) {
    settings_.Unbound(spec.name, *name.unbound, scope, true);
    return;
  }
  if (const std::string why = WhyNotInstanceName(name.text); !why.empty()) {
    settings_.Blame(
        spec.name,
        scope,
        "R0307",
        fmt::format("`{}` cannot be the name of a cgroup: {}", EscapeForTerminal(name.text), why),
        "");
    return;
  }
  const DataRow* row = spec.for_each ? scope->row : nullptr;
  const auto [first, fresh] = made.emplace(name.text, row);
  if (!fresh) {
    Diagnostic& finding = findings_.Error(
        "R0308",
        row->mark,
        fmt::format("this row and another one both make `{}`", EscapeForTerminal(name.text)),
        fmt::format("`{}` needs another variable, or the rows a filter",
                    EscapeForTerminal(spec.name.text)));
    finding.related = RelatedPlace{first->second->mark, "the other row"};
    return;
  }
  Strength strength = below.strength;
  strength.literal -= 1;
  Child& child = children[name.text];
  child.parts.push_back({below.document, &spec, scope, strength});
  if (spec.for_each && child.instance == nullptr) child.instance = scope;
}

void Walker::AddInstances(const CgroupSpec& spec, const Below& below, Children& children) {
  const RowSource::Rows rows = rows_.For(*spec.for_each, below.scope);
  if (!rows.judged) {
    templates_[&spec] = true;  // what is wrong has been said
    return;
  }
  bool& any = templates_[&spec];
  any = any || !rows.rows.empty();
  const std::uint64_t most = spec.max_instances.value_or(kDefaultMaxInstances);
  if (rows.rows.size() > most) {
    findings_.Error("R0305",
                    spec.name.mark,
                    fmt::format("`{}` would make {} cgroups, `max_instances` is {}{}",
                                EscapeForTerminal(spec.name.text),
                                rows.rows.size(),
                                most,
                                spec.max_instances ? "" : " when it is not said"),
                    fmt::format("filter the rows, or say `max_instances: {}`", rows.rows.size()));
    return;
  }
  std::map<std::string, const DataRow*> made;
  for (const DataRow* row : rows.rows) {
    scopes_.push_back({below.scope, row});
    AddInstance(spec, below, &scopes_.back(), made, children);
  }
}

const CgroupSpec* Walker::MissedTemplate(const CgroupSpec& spec, const std::vector<Below>& below) {
  for (const Below& other : below) {
    for (const CgroupSpec& candidate : *other.children) {
      if (candidate.for_each && HasVariables(candidate.name.text) &&
          FitsTemplate(candidate.name.text, spec.name.text, other.scope)) {
        return &candidate;
      }
    }
  }
  return nullptr;
}

void Walker::AddNamed(const CgroupSpec& spec, const Below& below, Children& children) {
  Child& child = children[spec.name.text];
  // A literal name knows the variables of the row whose instance it changes.
  const Scope* scope = child.instance != nullptr ? child.instance : below.scope;
  if (Expired(spec, scope)) {
    if (child.parts.empty()) children.erase(spec.name.text);
    return;
  }
  child.parts.push_back({below.document, &spec, scope, below.strength});
}

void Walker::AddLiterals(const std::vector<Below>& below, Children& children) {
  for (const Below& part : below) {
    for (const CgroupSpec& spec : *part.children) {
      if (spec.for_each || HasVariables(spec.name.text)) continue;
      const auto known = children.find(spec.name.text);
      const bool instance = known != children.end() && known->second.instance != nullptr;
      const CgroupSpec* missed = instance ? nullptr : MissedTemplate(spec, below);
      if (missed == nullptr) {
        missed_[&spec] = nullptr;
        AddNamed(spec, part, children);
      } else {
        missed_.try_emplace(&spec, missed);
      }
    }
  }
}

void Walker::Visit(const CgroupPath& path,
                   const std::string& template_path,
                   Child& child,
                   const Labels& inherited) {
  // The parts came templates first; what is said first in the files counts as the first mention.
  std::stable_sort(child.parts.begin(), child.parts.end(), [](const Part& a, const Part& b) {
    return a.document < b.document;  // all in one vector
  });
  Merged merged = merger_.Merge(path, child.parts, inherited);

  const auto outermost =
      std::min_element(child.parts.begin(), child.parts.end(), [](const Part& a, const Part& b) {
        return a.strength.literal < b.strength.literal;
      });
  std::string template_here = template_path;
  if (!template_here.empty()) template_here += '/';
  template_here += outermost->spec->name.text;
  if (outermost->strength.literal < 0) merged.cgroup.template_name = template_here;

  if (!merged.self.empty()) walked_.self.emplace(path, std::move(merged.self));
  walked_.cgroups.emplace_hint(walked_.cgroups.end(), path, std::move(merged.cgroup));

  std::vector<Below> below;
  for (const Part& part : child.parts) {
    if (part.spec->children.empty()) continue;
    below.push_back({part.document, &part.spec->children, part.scope, part.strength});
  }
  if (!below.empty()) Descend(path, template_here, below, merged.handed_down);
}

void Walker::Descend(const CgroupPath& path,
                     const std::string& template_path,
                     const std::vector<Below>& below,
                     const Labels& inherited) {
  // Templates first: a literal name may be one of their instances.
  Children children;
  for (const Below& part : below) {
    for (const CgroupSpec& spec : *part.children) {
      if (spec.for_each) {
        AddInstances(spec, part, children);
      } else if (HasVariables(spec.name.text)) {
        std::map<std::string, const DataRow*> made;
        AddInstance(spec, part, part.scope, made, children);
      }
    }
  }
  AddLiterals(below, children);

  for (auto& [name, child] : children) {
    if (++cgroups_ > kMaxCgroups) {
      if (cgroups_ == kMaxCgroups + 1) {
        findings_.Error("R0305",
                        child.parts.front().spec->name.mark,
                        fmt::format("more than {} cgroups in all", kMaxCgroups),
                        "filter the rows of the templates");
      }
      return;
    }
    Visit(path.Child(name), template_path, child, inherited);
  }
}

void Walker::WarnOfUnused() {
  for (const auto& [spec, any] : templates_) {
    if (any) continue;
    findings_.Warning(
        "R0407",
        spec->for_each->mark,
        fmt::format("no row makes an instance of `{}`", EscapeForTerminal(spec->name.text)));
  }
  for (const auto& [spec, missed] : missed_) {
    if (missed == nullptr) continue;
    Diagnostic& finding = findings_.Warning(
        "R0405",
        spec->name.mark,
        fmt::format("`{}` fits the template `{}` but is in no row of it, so it is not made",
                    EscapeForTerminal(spec->name.text),
                    EscapeForTerminal(missed->name.text)),
        "add a row, or remove this entry");
    finding.related = RelatedPlace{missed->name.mark, "the template"};
  }
}

Walked Walker::Walk(const std::vector<const Document*>& documents) {
  std::vector<Below> roots;
  for (const Document* document : documents) {
    const Strength strength{document->metadata.priority, Merger::LayerOf(*document), 0};
    roots.push_back({document, &document->cgroups, nullptr, strength});
  }
  Descend(CgroupPath(), "", roots, {});
  WarnOfUnused();
  return std::move(walked_);
}

}  // namespace reeve::policy
