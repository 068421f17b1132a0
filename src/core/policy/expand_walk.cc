// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand_walk.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/condition_time.h"

namespace reeve::policy {

namespace {

// Of `<name>`, without anything beside the variable: that another name fits it says nothing.
bool FitsEveryName(const CgroupSpec& spec) {
  return FindVariables(spec.name.text)[0].length == spec.name.text.size();
}

}  // namespace

bool Walker::Expired(const CgroupSpec& spec) {
  const auto moment = spec.expires ? ParseMoment(spec.expires->text) : std::nullopt;
  if (!moment) return false;
  if (*moment <= now_) return true;
  if (!next_expiry_ || *moment < *next_expiry_) next_expiry_ = *moment;
  return false;
}

void Walker::AddInstance(const CgroupSpec& spec,
                         const Below& below,
                         const Scope* scope,
                         std::map<std::string, const DataRow*>& made,
                         Children& children) {
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
    wrong_.insert(&spec);
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

std::vector<Walker::Template> Walker::TemplatesOf(const std::vector<Below>& below) {
  std::vector<Template> templates;
  for (const Below& part : below) {
    for (const CgroupSpec& spec : *part.children) {
      if (spec.for_each && HasVariables(spec.name.text) && !Expired(spec)) {
        templates.push_back({&spec, part.scope});
      }
    }
  }
  return templates;
}

const CgroupSpec* Walker::MissedTemplate(const CgroupSpec& spec,
                                         const std::vector<Template>& templates) {
  const CgroupSpec* any = nullptr;
  for (const Template& candidate : templates) {
    if (!FitsTemplate(candidate.spec->name.text, spec.name.text, candidate.scope)) continue;
    if (!FitsEveryName(*candidate.spec)) return candidate.spec;
    if (any == nullptr) any = candidate.spec;
  }
  return any;
}

void Walker::AddNamed(const CgroupSpec& spec, const Below& below, Children& children) {
  Child& child = children[spec.name.text];
  // A literal name knows the variables of the row whose instance it changes.
  const Scope* scope = child.instance != nullptr ? child.instance : below.scope;
  child.parts.push_back({below.document, &spec, scope, below.strength});
}

bool Walker::NeedsRow(const CgroupSpec& spec, const Scope* scope) const {
  const auto unbound = [&](const Scalar& text) {
    return ReplaceVariables(text.text, scope, settings_.facts()).unbound.has_value();
  };
  const auto setting_needs = [&](const SettingText& setting) {
    return unbound(setting.value) ||
           std::any_of(setting.rows.begin(), setting.rows.end(), [&](const RowText& row) {
             return std::any_of(row.fields.begin(), row.fields.end(), [&](const auto& field) {
               return unbound(field.second);
             });
           });
  };
  const auto label_needs = [&](const auto& label) { return unbound(label.second); };
  return std::any_of(spec.settings.begin(), spec.settings.end(), setting_needs) ||
         std::any_of(spec.self.begin(), spec.self.end(), setting_needs) ||
         std::any_of(spec.labels.begin(), spec.labels.end(), label_needs) ||
         std::any_of(spec.use.begin(), spec.use.end(), unbound) ||
         std::any_of(spec.children.begin(), spec.children.end(), [&](const CgroupSpec& child) {
           // What a template below brings for its own instances is not looked into.
           return !child.for_each && (unbound(child.name) || NeedsRow(child, scope));
         });
}

void Walker::AddLiterals(const std::vector<Below>& below, Children& children) {
  const std::vector<Template> templates = TemplatesOf(below);
  std::vector<std::string> instances;
  for (const auto& [name, child] : children) {
    if (child.instance != nullptr) instances.push_back(name);
  }
  for (const Below& part : below) {
    for (const CgroupSpec& spec : *part.children) {
      if (spec.for_each || HasVariables(spec.name.text) || Expired(spec)) continue;
      const auto known = children.find(spec.name.text);
      const bool instance = known != children.end() && known->second.instance != nullptr;
      const CgroupSpec* missed = instance ? nullptr : MissedTemplate(spec, templates);
      if (missed == nullptr) {
        if (!templates.empty()) missed_[&spec].fine = true;
        AddNamed(spec, part, children);
        continue;
      }
      Missed& miss = missed_[&spec];
      miss.fits = missed;
      const bool needs_row = NeedsRow(spec, part.scope);
      // It may well be in a row that could not be had.
      if (wrong_.count(missed) != 0) miss.fine = true;
      if (needs_row) {
        miss.left_out = true;
        continue;
      }
      AddNamed(spec, part, children);
      const std::vector<std::string_view> names(instances.begin(), instances.end());
      if (const auto nearest = NearestSpelling(spec.name.text, names)) miss.nearest = *nearest;
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
      if (Expired(spec)) continue;
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
  for (const auto& [spec, miss] : missed_) {
    if (miss.fine) continue;
    if (!miss.left_out && miss.nearest.empty() && FitsEveryName(*miss.fits)) continue;
    Diagnostic& finding = findings_.Warning(
        "R0405",
        spec->name.mark,
        fmt::format("`{}` fits the template `{}` but is in no row of it, so it {}",
                    EscapeForTerminal(spec->name.text),
                    EscapeForTerminal(miss.fits->name.text),
                    miss.left_out ? "is not made: it uses variables of the rows"
                                  : "gets nothing from the template"),
        miss.nearest.empty() ? "add a row; or remove this entry, if it was for one that is gone"
                             : fmt::format("did you mean `{}`?", EscapeForTerminal(miss.nearest)));
    finding.related = RelatedPlace{miss.fits->name.mark, "the template"};
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
