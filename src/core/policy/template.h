// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/host_facts.h"
#include "core/model/policy.h"
#include "core/policy/data_rows.h"

// Texts with <variables>: finding, replacing and, for paths and names, capturing them.
namespace reeve::policy {

// One `<name>` in a text: a letter, then letters, digits, `_` and `-`. Other angle brackets are
// plain text.
struct Variable {
  std::string_view name;
  std::size_t offset = 0;  // of the `<`
  std::size_t length = 0;  // with both brackets
};

std::vector<Variable> FindVariables(std::string_view text);

bool HasVariables(std::string_view text);

// What variables stand for inside one instance of a template: its row, then the rows of the
// templates around it, which all must outlive it.
struct Scope {
  const Scope* outer = nullptr;
  const DataRow* row = nullptr;

  // The innermost value; nullptr when the variable is not bound here.
  const Scalar* Find(std::string_view name) const;

  // All names that are bound, inner ones first, each once.
  std::vector<std::string_view> Names() const;
};

// Name -> text; found without a copy of the name.
using FactValues = std::map<std::string, std::string, std::less<>>;

// The facts of a host that values may use where no variable of that name is bound. Facts that are
// not known and own facts with several values are not there.
FactValues FactsForValues(const HostFacts& facts);

// What comes of replacing the variables of a text.
struct Replaced {
  std::string text;
  std::optional<Variable> unbound;  // the first one without a value; `text` is then of no use
};

// Replaces every variable. `scope` may be null.
Replaced ReplaceVariables(std::string_view text, const Scope* scope, const FactValues& facts);

// The same for a cgroup's name: each value is percent-escaped (EscapeForName), and facts do not
// count.
Replaced ReplaceInName(std::string_view name, const Scope* scope);

// Whether a name could be an instance of a template's name: bound variables replaced, every other
// one standing for one or more characters.
bool FitsTemplate(std::string_view template_name, std::string_view name, const Scope* scope);

// What the variables of a template's name stand for in a name, taken as it is: each one or more
// characters, as few as possible from the left. nullopt: it does not fit.
std::optional<std::vector<std::pair<std::string, std::string>>> CaptureName(
    std::string_view template_name, std::string_view name);

// A path pattern with all its variables as `*`: what the edge is asked for, before any of them is
// bound.
std::string PatternAsGlob(std::string_view pattern);

// What the free variables of a pattern stand for in a path that its glob matched; bound ones must
// be there as they are. A variable captures one or more characters, never a '/', as few as possible
// from the left. nullopt: no match, or a pattern over 4096 bytes, which no path is long enough for.
std::optional<std::vector<std::pair<std::string, std::string>>> Capture(std::string_view pattern,
                                                                        std::string_view path,
                                                                        const Scope* scope);

}  // namespace reeve::policy
