// SPDX-License-Identifier: Apache-2.0
#include "app/cli/completion.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::cli {
namespace {

std::string Words(const std::vector<std::string>& words) {
  return Join(words, " ");
}

// In single quotes for all three shells: our own texts hold neither quotes nor backslashes but these.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

bool TakesCgroups(const std::vector<VerbWords>& verbs) {
  for (const VerbWords& verb : verbs) {
    if (verb.takes == VerbWords::Takes::kCgroup || verb.takes == VerbWords::Takes::kCommand) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> NamesOf(const std::vector<VerbWords>& verbs) {
  std::vector<std::string> names;
  names.reserve(verbs.size());
  for (const VerbWords& verb : verbs) names.push_back(verb.name);
  return names;
}

// --- bash ----------------------------------------------------------------------------------------

// What follows an option does not depend on the verb.
std::string BashValues(const std::vector<VerbWords>& verbs) {
  std::string out;
  std::vector<std::string> known;
  for (const VerbWords& verb : verbs) {
    for (const OptionWords& option : verb.options) {
      if (option.takes == OptionWords::Takes::kNothing) continue;
      bool seen = false;
      for (const std::string& name : known) seen = seen || name == option.name;
      if (seen) continue;
      known.push_back(option.name);
      const std::string pattern =
          option.short_name.empty() ? option.name : option.short_name + "|" + option.name;
      std::string answer;
      switch (option.takes) {
        case OptionWords::Takes::kChoice:
          answer = fmt::format("COMPREPLY=($(compgen -W {} -- \"$cur\"))",
                               Quoted(Words(option.choices)));
          break;
        case OptionWords::Takes::kDirectory:
          answer = "COMPREPLY=($(compgen -d -- \"$cur\")); compopt -o filenames";
          break;
        case OptionWords::Takes::kFile:
          answer = "COMPREPLY=($(compgen -f -- \"$cur\")); compopt -o filenames";
          break;
        case OptionWords::Takes::kCgroup:
          answer = "_reevectl_cgroups \"$cur\"";
          break;
        default:
          answer = "COMPREPLY=()";
          break;
      }
      out += fmt::format("    {}) {}; return ;;\n", pattern, answer);
    }
  }
  return out;
}

std::string BashVerb(const VerbWords& verb) {
  std::vector<std::string> options;
  for (const OptionWords& option : verb.options) options.push_back(option.name);
  std::string rest;
  switch (verb.takes) {
    case VerbWords::Takes::kFiles:
      rest = "COMPREPLY=($(compgen -f -- \"$cur\")); compopt -o filenames";
      break;
    case VerbWords::Takes::kCommand:
      rest =
          "if [[ \" ${COMP_WORDS[*]:0:COMP_CWORD} \" == *' -- '* ]]; then "
          "COMPREPLY=($(compgen -c -- \"$cur\")); else _reevectl_cgroups \"$cur\"; fi";
      break;
    case VerbWords::Takes::kCgroup:
      rest = "_reevectl_cgroups \"$cur\"";
      break;
    case VerbWords::Takes::kChoice:
      rest = fmt::format("COMPREPLY=($(compgen -W {} -- \"$cur\"))", Quoted(Words(verb.choices)));
      break;
    case VerbWords::Takes::kNothing:
      rest = "COMPREPLY=()";
      break;
  }
  return fmt::format("    {}) options={}\n      [[ $cur == -* ]] || {{ {}; return; }} ;;\n",
                     verb.name,
                     Quoted(Words(options)),
                     rest);
}

std::string Bash(const std::vector<VerbWords>& verbs) {
  std::string out = "# bash completion for reevectl, made by `reevectl completion bash`\n";
  if (TakesCgroups(verbs)) {
    // Not with compgen -W, which expands what looks like a command.
    out +=
        "_reevectl_cgroups() {\n"
        "  local name\n"
        "  COMPREPLY=()\n"
        "  while IFS= read -r name; do\n"
        "    if [[ $name == \"$1\"* ]]; then COMPREPLY+=(\"$name\"); fi\n"
        "  done < <(reevectl __names 2>/dev/null)\n"
        "}\n";
  }
  out +=
      "_reevectl() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb='' options='' "
      "word\n"
      "  COMPREPLY=()\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in " +
      Join(NamesOf(verbs), "|") +
      ") verb=$word; break ;; esac\n"
      "  done\n"
      "  case $prev in\n" +
      BashValues(verbs) +
      "  esac\n"
      "  case $verb in\n"
      "    '') COMPREPLY=($(compgen -W " +
      Quoted(Words(NamesOf(verbs))) + " -- \"$cur\")); return ;;\n";
  for (const VerbWords& verb : verbs) out += BashVerb(verb);
  return out +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
         "}\n"
         "complete -F _reevectl reevectl\n";
}

// --- zsh -----------------------------------------------------------------------------------------

// In a description of _arguments and _describe these characters would end it.
std::string ZshText(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string ZshOption(const OptionWords& option) {
  std::string value;
  switch (option.takes) {
    case OptionWords::Takes::kNothing:
      break;
    case OptionWords::Takes::kText:
      value = ":value:";
      break;
    case OptionWords::Takes::kFile:
      value = ":file:_files";
      break;
    case OptionWords::Takes::kDirectory:
      value = ":directory:_files -/";
      break;
    case OptionWords::Takes::kChoice:
      value = ":value:(" + Words(option.choices) + ")";
      break;
    case OptionWords::Takes::kCgroup:
      value = ":cgroup:_reevectl_cgroups";
      break;
  }
  std::string out =
      "        " + Quoted(option.name + "[" + ZshText(option.help) + "]" + value) + " \\\n";
  if (!option.short_name.empty()) {
    out +=
        "        " + Quoted(option.short_name + "[" + ZshText(option.help) + "]" + value) + " \\\n";
  }
  return out;
}

std::string Zsh(const std::vector<VerbWords>& verbs) {
  std::string out =
      "#compdef reevectl\n"
      "# zsh completion for reevectl, made by `reevectl completion zsh`\n";
  if (TakesCgroups(verbs)) {
    out +=
        "_reevectl_cgroups() {\n"
        "  local -a names\n"
        "  names=(${(f)\"$(reevectl __names 2>/dev/null)\"})\n"
        "  compadd -a names\n"
        "}\n";
  }
  out +=
      "_reevectl() {\n"
      "  local state\n"
      "  local -a verbs\n"
      "  verbs=(\n";
  for (const VerbWords& verb : verbs)
    out += "    " + Quoted(verb.name + ":" + ZshText(verb.help)) + "\n";
  out +=
      "  )\n"
      "  _arguments -C '1:verb:->verb' '*::argument:->rest'\n"
      "  if [[ $state == verb ]]; then\n"
      "    _describe verb verbs\n"
      "    return\n"
      "  fi\n"
      "  case $words[1] in\n";
  for (const VerbWords& verb : verbs) {
    out += "    " + verb.name + ")\n      _arguments \\\n";
    for (const OptionWords& option : verb.options) out += ZshOption(option);
    switch (verb.takes) {
      case VerbWords::Takes::kFiles:
        out += "        '*:file:_files' ;;\n";
        break;
      case VerbWords::Takes::kCommand:
        out += "        '1:cgroup:_reevectl_cgroups' '*:command:_command_names -e' ;;\n";
        break;
      case VerbWords::Takes::kCgroup:
        out += "        '1:cgroup:_reevectl_cgroups' ;;\n";
        break;
      case VerbWords::Takes::kChoice:
        out += "        " + Quoted("1:topic:(" + Words(verb.choices) + ")") + " ;;\n";
        break;
      case VerbWords::Takes::kNothing:
        out += "        && return ;;\n";
        break;
    }
  }
  return out +
         "  esac\n"
         "}\n"
         "if [[ $funcstack[1] == _reevectl ]]; then _reevectl \"$@\"; else compdef _reevectl "
         "reevectl; fi\n";
}

// --- fish ----------------------------------------------------------------------------------------

std::string Fish(const std::vector<VerbWords>& verbs) {
  std::string out =
      "# fish completion for reevectl, made by `reevectl completion fish`\ncomplete -c reevectl "
      "-f\n";
  for (const VerbWords& verb : verbs) {
    out += fmt::format("complete -c reevectl -n __fish_use_subcommand -a {} -d {}\n",
                       verb.name,
                       Quoted(verb.help));
  }
  for (const VerbWords& verb : verbs) {
    const std::string when = Quoted("__fish_seen_subcommand_from " + verb.name);
    for (const OptionWords& option : verb.options) {
      std::string line =
          fmt::format("complete -c reevectl -n {} -l {}", when, option.name.substr(2));
      if (!option.short_name.empty()) line += " -s " + option.short_name.substr(1);
      switch (option.takes) {
        case OptionWords::Takes::kNothing:
          break;
        case OptionWords::Takes::kText:
          line += " -x";
          break;
        case OptionWords::Takes::kFile:
          line += " -rF";
          break;
        case OptionWords::Takes::kDirectory:
          line += " -x -a '(__fish_complete_directories)'";
          break;
        case OptionWords::Takes::kChoice:
          line += " -x -a " + Quoted(Words(option.choices));
          break;
        case OptionWords::Takes::kCgroup:
          line += " -x -a '(reevectl __names 2>/dev/null)'";
          break;
      }
      out += line + " -d " + Quoted(option.help) + "\n";
    }
    if (verb.takes == VerbWords::Takes::kFiles)
      out += fmt::format("complete -c reevectl -n {} -F\n", when);
    if (verb.takes == VerbWords::Takes::kCgroup || verb.takes == VerbWords::Takes::kCommand) {
      out += fmt::format("complete -c reevectl -n {} -a '(reevectl __names 2>/dev/null)'\n", when);
    }
    if (verb.takes == VerbWords::Takes::kCommand) {
      out += fmt::format("complete -c reevectl -n {} -a '(__fish_complete_subcommand)'\n", when);
    }
    if (verb.takes == VerbWords::Takes::kChoice) {
      out += fmt::format("complete -c reevectl -n {} -a {}\n", when, Quoted(Words(verb.choices)));
    }
  }
  return out;
}

}  // namespace

std::string CompletionScript(std::string_view shell, const std::vector<VerbWords>& verbs) {
  if (shell == "bash") return Bash(verbs);
  if (shell == "zsh") return Zsh(verbs);
  if (shell == "fish") return Fish(verbs);
  return "";
}

}  // namespace reeve::cli
