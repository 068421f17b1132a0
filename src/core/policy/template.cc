// SPDX-License-Identifier: Apache-2.0
#include "core/policy/template.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/cgroup_path.h"

namespace reeve::policy {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool MayContinue(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// The variable that begins at `at`, if one does.
std::optional<Variable> VariableAt(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  if (end >= text.size() || !(IsLetter(text[end]) || text[end] == '_')) return std::nullopt;
  while (end < text.size() && MayContinue(text[end])) ++end;
  if (end >= text.size() || text[end] != '>') return std::nullopt;
  return Variable{text.substr(at + 1, end - at - 1), at, end - at + 1};
}

// The variables of a text are replaced by what `value_of` gives; nullptr or nullopt leaves them
// unbound.
template <typename ValueOf>
Replaced Replace(std::string_view text, const ValueOf& value_of) {
  Replaced result;
  std::size_t done = 0;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    const auto variable = VariableAt(text, at);
    if (!variable) {
      ++at;
      continue;
    }
    result.text.append(text.substr(done, at - done));
    if (!value_of(variable->name, result.text)) {
      result.unbound = variable;
      return result;
    }
    at = done = at + variable->length;
  }
  result.text.append(text.substr(done));
  return result;
}

// The matcher recurses once a token; no path can be longer than this.
constexpr std::size_t kLongestPattern = 4096;

// A piece of a pattern that captures.
struct Token {
  enum class Kind { kText, kVariable, kStar, kOne };

  Kind kind = Kind::kText;
  std::string text;  // literal text, the variable's name, or `?` or `[a-z]`
};

class Matcher {
 public:
  Matcher(std::string_view pattern, const Scope* scope, bool globs);

  bool Matches(std::string_view text, std::vector<std::pair<std::string, std::string>>& captures);

  std::string AsGlob() const;

 private:
  bool From(std::size_t token, std::size_t at);

  std::vector<Token> tokens_;
  std::string_view text_;
  std::vector<std::pair<std::string, std::string>> captures_;
  // What has been tried from (token, position) without success: keeps matching quadratic.
  std::vector<bool> failed_;
};

Matcher::Matcher(std::string_view pattern, const Scope* scope, bool globs) {
  const auto literal = [&](std::string_view text) {
    if (text.empty()) return;
    if (tokens_.empty() || tokens_.back().kind != Token::Kind::kText) tokens_.emplace_back();
    tokens_.back().text.append(text);
  };
  for (std::size_t at = 0; at < pattern.size();) {
    if (const auto variable = pattern[at] == '<' ? VariableAt(pattern, at) : std::nullopt) {
      const Scalar* bound = scope == nullptr ? nullptr : scope->Find(variable->name);
      if (bound == nullptr) {
        tokens_.push_back({Token::Kind::kVariable, std::string(variable->name)});
      } else if (globs) {
        literal(bound->text);
      } else {
        literal(EscapeForName(bound->text));
      }
      at += variable->length;
      continue;
    }
    std::size_t length = 1;
    if (globs && pattern[at] == '[') {
      const std::size_t close = pattern.find(']', at + 2);
      if (close != std::string_view::npos) length = close - at + 1;
    }
    if (globs && pattern[at] == '*') {
      tokens_.push_back({Token::Kind::kStar, "*"});
    } else if (globs && (pattern[at] == '?' || length > 1)) {
      tokens_.push_back({Token::Kind::kOne, std::string(pattern.substr(at, length))});
    } else {
      literal(pattern.substr(at, 1));
    }
    at += length;
  }
}

bool Matcher::From(std::size_t token, std::size_t at) {
  if (token == tokens_.size()) return at == text_.size();
  const std::size_t state = token * (text_.size() + 1) + at;
  if (failed_[state]) return false;
  const Token& wanted = tokens_[token];
  bool matched = false;
  switch (wanted.kind) {
    case Token::Kind::kText:
      matched =
          text_.substr(at).starts_with(wanted.text) && From(token + 1, at + wanted.text.size());
      break;
    case Token::Kind::kOne:
      matched = at < text_.size() && text_[at] != '/' &&
                GlobMatches(wanted.text, text_.substr(at, 1)) && From(token + 1, at + 1);
      break;
    case Token::Kind::kStar:
    case Token::Kind::kVariable: {
      const bool variable = wanted.kind == Token::Kind::kVariable;
      const std::size_t mine = captures_.size();
      if (variable) captures_.emplace_back(wanted.text, "");
      for (std::size_t end = variable ? at + 1 : at; !matched && end <= text_.size(); ++end) {
        if (end > at && text_[end - 1] == '/') break;
        matched = From(token + 1, end);
        if (matched && variable) captures_[mine].second = text_.substr(at, end - at);
      }
      if (!matched) captures_.resize(mine);
      break;
    }
  }
  if (!matched) failed_[state] = true;
  return matched;
}

bool Matcher::Matches(std::string_view text,
                      std::vector<std::pair<std::string, std::string>>& captures) {
  if (tokens_.size() > kLongestPattern) return false;
  text_ = text;
  captures_.clear();
  failed_.assign(tokens_.size() * (text.size() + 1), false);
  if (!From(0, 0)) return false;
  captures = captures_;
  return true;
}

std::string Matcher::AsGlob() const {
  std::string glob;
  for (const Token& token : tokens_) {
    switch (token.kind) {
      case Token::Kind::kVariable:
      case Token::Kind::kStar:
        if (!glob.ends_with('*')) glob += '*';
        break;
      case Token::Kind::kText:
      case Token::Kind::kOne:
        glob += token.text;
        break;
    }
  }
  return glob;
}

void AddFact(FactValues& values, const char* name, const std::string& text) {
  if (!text.empty()) values.emplace(name, text);
}

void AddFact(FactValues& values, const char* name, std::uint64_t number) {
  if (number != 0) values.emplace(name, fmt::format("{}", number));
}

}  // namespace

std::vector<Variable> FindVariables(std::string_view text) {
  std::vector<Variable> found;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    const auto variable = VariableAt(text, at);
    if (variable) found.push_back(*variable);
    at += variable ? variable->length : 1;
  }
  return found;
}

bool HasVariables(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (VariableAt(text, at)) return true;
  }
  return false;
}

const Scalar* Scope::Find(std::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer) {
    for (const auto& [field, value] : scope->row->fields) {
      if (field == name) return &value;
    }
  }
  return nullptr;
}

std::vector<std::string_view> Scope::Names() const {
  std::vector<std::string_view> names;
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer) {
    for (const auto& [field, value] : scope->row->fields) {
      if (std::find(names.begin(), names.end(), field) == names.end()) names.push_back(field);
    }
  }
  return names;
}

FactValues FactsForValues(const HostFacts& facts) {
  FactValues values;
  for (const auto& [name, alternatives] : facts.own) {
    if (alternatives.size() == 1) values.emplace(name, alternatives.front());
  }
  AddFact(values, "host", facts.host);
  AddFact(values, "arch", facts.arch);
  AddFact(values, "kernel", facts.kernel);
  AddFact(values, "os", facts.os);
  AddFact(values, "virt", facts.virt);
  AddFact(values, "systemd", facts.systemd);
  AddFact(values, "reeve", facts.reeve);
  AddFact(values, "cpus", facts.cpus);
  AddFact(values, "memory", facts.memory);
  return values;
}

Replaced ReplaceVariables(std::string_view text, const Scope* scope, const FactValues& facts) {
  return Replace(text, [&](std::string_view name, std::string& out) {
    if (const Scalar* bound = scope == nullptr ? nullptr : scope->Find(name)) {
      out += bound->text;
      return true;
    }
    const auto fact = facts.find(name);
    if (fact == facts.end()) return false;
    out += fact->second;
    return true;
  });
}

Replaced ReplaceInName(std::string_view name, const Scope* scope) {
  return Replace(name, [&](std::string_view variable, std::string& out) {
    const Scalar* bound = scope == nullptr ? nullptr : scope->Find(variable);
    if (bound == nullptr) return false;
    out += EscapeForName(bound->text);
    return true;
  });
}

bool FitsTemplate(std::string_view template_name, std::string_view name, const Scope* scope) {
  std::vector<std::pair<std::string, std::string>> captures;
  return Matcher(template_name, scope, false).Matches(name, captures);
}

std::optional<std::vector<std::pair<std::string, std::string>>> CaptureName(
    std::string_view template_name, std::string_view name) {
  std::vector<std::pair<std::string, std::string>> captures;
  if (!Matcher(template_name, nullptr, false).Matches(name, captures)) return std::nullopt;
  return captures;
}

std::string PatternAsGlob(std::string_view pattern) {
  return Matcher(pattern, nullptr, true).AsGlob();
}

std::optional<std::vector<std::pair<std::string, std::string>>> Capture(std::string_view pattern,
                                                                        std::string_view path,
                                                                        const Scope* scope) {
  std::vector<std::pair<std::string, std::string>> captures;
  if (!Matcher(pattern, scope, true).Matches(path, captures)) return std::nullopt;
  return captures;
}

}  // namespace reeve::policy
