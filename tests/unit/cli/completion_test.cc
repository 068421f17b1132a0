// SPDX-License-Identifier: Apache-2.0
#include "app/cli/completion.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

std::vector<VerbWords> Verbs() {
  using Option = OptionWords::Takes;
  VerbWords plan{"plan", "what apply would do", {}, VerbWords::Takes::kFiles, {}};
  plan.options.push_back({"--output", "-o", "format", Option::kChoice, {"json", "table"}});
  plan.options.push_back({"--root", "", "a directory [of cgroups]", Option::kDirectory, {}});
  plan.options.push_back({"--full", "", "it's all", Option::kNothing, {}});
  VerbWords help{"help", "explain", {}, VerbWords::Takes::kChoice, {"cpu.max", "R0204"}};
  return {plan, help};
}

TEST(Completion, KnowsThreeShells) {
  EXPECT_NE(CompletionScript("bash", Verbs()), "");
  EXPECT_NE(CompletionScript("zsh", Verbs()), "");
  EXPECT_NE(CompletionScript("fish", Verbs()), "");
  EXPECT_EQ(CompletionScript("tcsh", Verbs()), "");
}

TEST(Completion, OffersVerbsOptionsAndValuesInBash) {
  EXPECT_EQ(CompletionScript("bash", Verbs()),
            "# bash completion for reevectl, made by `reevectl completion bash`\n"
            "_reevectl() {\n"
            "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb='' "
            "options='' word\n"
            "  COMPREPLY=()\n"
            "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
            "    case $word in plan|help) verb=$word; break ;; esac\n"
            "  done\n"
            "  case $prev in\n"
            "    -o|--output) COMPREPLY=($(compgen -W 'json table' -- \"$cur\")); return ;;\n"
            "    --root) COMPREPLY=($(compgen -d -- \"$cur\")); compopt -o filenames; return ;;\n"
            "  esac\n"
            "  case $verb in\n"
            "    '') COMPREPLY=($(compgen -W 'plan help' -- \"$cur\")); return ;;\n"
            "    plan) options='--output --root --full'\n"
            "      [[ $cur == -* ]] || { COMPREPLY=($(compgen -f -- \"$cur\")); compopt -o "
            "filenames; return; } ;;\n"
            "    help) options=''\n"
            "      [[ $cur == -* ]] || { COMPREPLY=($(compgen -W 'cpu.max R0204' -- \"$cur\")); "
            "return; } ;;\n"
            "  esac\n"
            "  COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
            "}\n"
            "complete -F _reevectl reevectl\n");
}

TEST(Completion, QuotesDescriptionsForEachShell) {
  EXPECT_NE(CompletionScript("zsh", Verbs())
                .find("'--root[a directory \\[of cgroups\\]]:directory:_files -/' \\\n"),
            std::string::npos);
  EXPECT_NE(CompletionScript("fish", Verbs())
                .find("complete -c reevectl -n '__fish_seen_subcommand_from plan' -l full -d "
                      "'it'\\''s all'\n"),
            std::string::npos);
}

TEST(Completion, AsksForTheNamesOfCgroups) {
  const std::vector<VerbWords> verbs = {{"set", "other values", {}, VerbWords::Takes::kCgroup, {}},
                                        {"run", "a command", {}, VerbWords::Takes::kCommand, {}}};
  EXPECT_NE(CompletionScript("bash", verbs)
                .find("[[ $cur == -* ]] || { _reevectl_cgroups \"$cur\"; return; } ;;"),
            std::string::npos);
  EXPECT_NE(CompletionScript("zsh", verbs).find("'1:cgroup:_reevectl_cgroups' ;;"),
            std::string::npos);
  EXPECT_NE(CompletionScript("fish", verbs)
                .find("-n '__fish_seen_subcommand_from set' -a '(reevectl __names 2>/dev/null)'"),
            std::string::npos);
}

}  // namespace
}  // namespace reeve::cli
