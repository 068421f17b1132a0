// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand_settings.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/policy/expression_parser.h"
#include "core/policy/setting_parser.h"

namespace reeve::policy {
namespace {

// When a template is wrong, each of its rows is; nobody reads more than this.
constexpr std::size_t kMaxBlamed = 1000;

// Whether a file's value, or the columns of its rows, are amounts that can be calculated with.
bool HoldsAmounts(const SettingText& text) {
  const Knob* knob = text.raw ? nullptr : FindKnob(text.file);
  if (knob == nullptr) return false;
  switch (knob->kind) {
    case ValueKind::kBytes:
    case ValueKind::kCount:
    case ValueKind::kWeight:
    case ValueKind::kNice:
    case ValueKind::kCpuMax:
    case ValueKind::kCpuTime:
    case ValueKind::kPercent:
    case ValueKind::kDeviceLimits:
    case ValueKind::kDeviceWeights:
    case ValueKind::kDeviceLatency:
    case ValueKind::kNamedCounts:
    case ValueKind::kNamedBytes:
    case ValueKind::kHostTable:
      return true;
    case ValueKind::kBool:
    case ValueKind::kIdList:
    case ValueKind::kWord:
    case ValueKind::kControllers:
      return false;
  }
  return false;
}

bool NamesTheRow(std::string_view column) {
  return column == "device" || column == "mount" || column == "name";
}

// All texts of a setting that may hold variables, and whether each is an amount.
template <typename Text, typename Visit>
void ForEachText(Text& setting, const Visit& visit) {
  const bool amounts = HoldsAmounts(setting);
  if (!setting.is_rows) {
    visit(setting.value, amounts);
    return;
  }
  for (auto& row : setting.rows) {
    for (auto& [column, value] : row.fields) visit(value, amounts && !NamesTheRow(column.text));
  }
}

// Moves a finding about a text to the row's value that went into it.
void PointAtRow(const Scalar& text, const Scope* scope, Diagnostic& finding) {
  finding.mark = text.mark;
  for (const Variable& variable : FindVariables(text.text)) {
    const Scalar* bound = scope == nullptr ? nullptr : scope->Find(variable.name);
    if (bound == nullptr || !bound->mark.known()) continue;
    finding.mark = bound->mark;
    finding.related =
        RelatedPlace{text.mark, fmt::format("`<{}>` stands for it here", variable.name)};
    return;
  }
}

bool Contains(const SourceMark& outer, const SourceMark& inner) {
  return outer.file == inner.file && outer.line == inner.line && outer.column <= inner.column &&
         inner.column < outer.column + std::max<std::uint32_t>(outer.length, 1);
}

}  // namespace

bool SettingCache::Append(const Known::Slot& slot, const Scope* scope, std::string& out) {
  const std::string_view text = slot.written->text;
  std::size_t done = 0;
  for (const Variable& variable : slot.variables) {
    out.append(text.substr(done, variable.offset - done));
    done = variable.offset + variable.length;
    const Scalar* bound = scope == nullptr ? nullptr : scope->Find(variable.name);
    const std::string* value = bound == nullptr ? nullptr : &bound->text;
    if (value == nullptr) {
      const auto fact = facts_.find(variable.name);
      if (fact == facts_.end()) {
        Unbound(*slot.written, variable, scope);
        return false;
      }
      value = &fact->second;
    }
    // `2 * <memory>` means twice the whole amount, whatever stands in the row.
    const bool alone = variable.length == text.size();
    const bool sum = slot.amount && !alone && value->find_first_of("+-*") != std::string::npos;
    if (sum) out += '(';
    out += *value;
    if (sum) out += ')';
  }
  out.append(text.substr(done));
  return true;
}

const Setting* SettingCache::Parse(const SettingText& text,
                                   const SettingText* written,
                                   const Scope* scope) {
  Findings found;
  std::optional<Setting> setting = ParseSetting(text, found);
  for (Diagnostic finding : found.all()) {
    if (written != nullptr) {
      if (++blamed_ > kMaxBlamed && findings_.has_errors()) break;
      // The text in the file is another one than was judged: show the value whole, and where it
      // came from.
      ForEachText(*written, [&](const Scalar& value, bool) {
        if (Contains(value.mark, finding.mark)) PointAtRow(value, scope, finding);
      });
    }
    findings_.Add(std::move(finding));
  }
  if (!setting) return nullptr;
  settings_.push_back(std::move(*setting));
  return &settings_.back();
}

const Setting* SettingCache::Find(const SettingText& text, const Scope* scope) {
  const auto [plain, first] = plain_.try_emplace(&text);
  if (first) {
    bool variables = false;
    ForEachText(text, [&](const Scalar& value, bool) {
      variables = variables || HasVariables(value.text);
    });
    if (!variables) plain->second = Parse(text, nullptr, nullptr);
  }
  // nullopt: there are variables in it.
  if (plain->second) return *plain->second;
  return FindReplaced(text, scope);
}

const Setting* SettingCache::FindReplaced(const SettingText& text, const Scope* scope) {
  const auto [place, fresh] = replaced_.try_emplace(&text);
  Known& known = place->second;
  if (fresh) {
    ForEachText(text, [&](const Scalar& value, bool amount) {
      known.slots.push_back({&value, FindVariables(value.text), amount});
    });
  }
  std::string key;  // all texts, each with its length behind it, because a text may hold any byte
  for (const Known::Slot& slot : known.slots) {
    const std::size_t begin = key.size();
    if (!Append(slot, scope, key)) return nullptr;
    key += fmt::format("\n{}\n", key.size() - begin);
  }
  const auto by_text = known.by_text.find(key);
  if (by_text != known.by_text.end()) return by_text->second;

  SettingText replaced = text;
  auto slot = known.slots.cbegin();
  ForEachText(replaced, [&](Scalar& value, bool) {
    value.text.clear();
    Append(*slot++, scope, value.text);
  });
  const Setting* setting = Parse(replaced, &text, scope);
  known.by_text.emplace(std::move(key), setting);
  return setting;
}

void SettingCache::Blame(const Scalar& text,
                         const Scope* scope,
                         std::string code,
                         std::string message,
                         std::string hint) {
  if (++blamed_ > kMaxBlamed && findings_.has_errors()) return;
  PointAtRow(text,
             scope,
             findings_.Error(std::move(code), text.mark, std::move(message), std::move(hint)));
}

std::optional<std::string> SettingCache::Text(const Scalar& text, const Scope* scope) {
  Replaced result = ReplaceVariables(text.text, scope, facts_);
  if (!result.unbound) return std::move(result.text);
  Unbound(text, *result.unbound, scope);
  return std::nullopt;
}

void SettingCache::Unbound(const Scalar& text,
                           const Variable& variable,
                           const Scope* scope,
                           bool names) {
  if (!reported_.emplace(&text, variable.name).second) return;
  const std::vector<std::string_view> bound =
      scope == nullptr ? std::vector<std::string_view>() : scope->Names();
  const auto nearest = NearestSpelling(variable.name, bound);
  std::string hint;
  if (const auto fact = host_.own.find(std::string(variable.name)); fact != host_.own.end()) {
    hint = names ? "facts can stand in values, not in names"
                 : fmt::format("the fact `{}` has several values here: {}",
                               variable.name,
                               EscapeForTerminal(fmt::format("{}", fmt::join(fact->second, ", "))));
  } else if (nearest) {
    hint = fmt::format("did you mean `<{}>`? ", EscapeForTerminal(*nearest));
  }
  if (bound.empty()) {
    if (hint.empty())
      hint = "no variable has: a `for_each` here or on a cgroup around it gives them values";
  } else if (host_.own.count(std::string(variable.name)) == 0) {
    hint +=
        fmt::format("bound here: {}", EscapeForTerminal(fmt::format("{}", fmt::join(bound, ", "))));
  }
  Diagnostic& finding = findings_.Error("R0302",
                                        MarkIn(text, variable.offset, variable.length),
                                        fmt::format("`<{}>` has no value here", variable.name),
                                        std::move(hint));
  if (scope != nullptr && scope->row->mark.known()) {
    finding.related = RelatedPlace{scope->row->mark, "in the instance that this row makes"};
  }
}

}  // namespace reeve::policy
