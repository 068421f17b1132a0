// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/model/policy.h"
#include "core/model/setting.h"
#include "core/policy/diagnostic.h"
#include "core/policy/template.h"

namespace reeve::policy {

// Texts of a policy with their variables replaced, settings understood. Each distinct text is
// parsed once, so that 10,000 instances of a template cost one parse; each mistake is found once.
class SettingCache {
 public:
  SettingCache(const HostFacts& facts, Findings& findings)
      : host_(facts), facts_(FactsForValues(facts)), findings_(findings) {}

  // nullptr: wrong, and found. Lives as long as the cache.
  const Setting* Find(const SettingText& text, const Scope* scope);

  // A text outside of settings (labels, names of profiles). nullopt: a variable is unbound, and
  // found.
  std::optional<std::string> Text(const Scalar& text, const Scope* scope);

  // Finds a variable that has no value. `names`: facts do not count here.
  void Unbound(const Scalar& text,
               const Variable& variable,
               const Scope* scope,
               bool names = false);

  // Finds something wrong with a text whose variables were replaced: at the row's value that went
  // into it, with the text beside it; at the text itself when no row did.
  void Blame(const Scalar& text,
             const Scope* scope,
             std::string code,
             std::string message,
             std::string hint);

  const FactValues& facts() const { return facts_; }

 private:
  // A text with variables and what has come of it so far.
  struct Known {
    struct Slot {
      const Scalar* written;
      std::vector<Variable> variables;
      bool amount = false;
    };

    std::vector<Slot> slots;
    std::unordered_map<std::string, const Setting*> by_text;  // all replaced texts, joined
  };

  // `written`: the text with its variables, nullptr when it has none.
  const Setting* Parse(const SettingText& text, const SettingText* written, const Scope* scope);
  const Setting* FindReplaced(const SettingText& text, const Scope* scope);

  // Appends a text with its variables replaced; false when one is unbound, which is found.
  bool Append(const Known::Slot& slot, const Scope* scope, std::string& out);

  const HostFacts& host_;
  FactValues facts_;
  Findings& findings_;
  std::deque<Setting> settings_;
  std::unordered_map<const SettingText*, std::optional<const Setting*>> plain_;
  std::unordered_map<const SettingText*, Known> replaced_;  // texts with variables
  std::set<std::pair<const Scalar*, std::string_view>> reported_;
  std::size_t blamed_ = 0;  // findings about rows
};

}  // namespace reeve::policy
