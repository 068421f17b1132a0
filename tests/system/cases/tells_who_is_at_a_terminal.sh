# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a person at a terminal who changes a limit is told once, on that terminal, and nobody else is
# needs: pids cpu
command -v script >/dev/null || skip "script is not here"
[[ -c /dev/pts/ptmx || -c /dev/ptmx ]] || skip "there are no pseudo terminals"
policy <<'EOF'
cgroups:
  web: {pids.max: 200, cpu.weight: 50, cgroup.max.depth: 5}
  other: {pids.max: 200, cpu.weight: 50}
EOF
# A shell on a terminal of its own that does this, and stays a moment; it takes messages, as with `mesg y`.
on_a_terminal() {  # COMMAND [MODE-OF-TERMINAL]
  script --quiet --return --command "bash -c 'chmod ${2:-620} \$(tty); $1; sleep 2'" typescript </dev/null >/dev/null 2>&1
  output=$(tr -d '\r' <typescript)
}
start_daemon --settle 100ms
wait_until 5 "as described" value_is web pids.max 200

on_a_terminal "echo 700 >$cg/web/pids.max"
expect_output '^reeve: put web pids.max back to 200 \(.*10-case.yaml:5\)\.$' \
  '^ +To keep yours for a while: reevectl set web pids.max=700 --for 2h --why'
expect_value web pids.max 200

# Who writes many knows after the first.
on_a_terminal "for key in cpu.weight=70 cgroup.max.depth=7; do echo \${key#*=} >$cg/web/\${key%=*}; sleep 0.2; done"
expect_equal "lines" "$(grep -c '^reeve: put' <<<"$output")" 1
wait_until 5 "all is put back" value_is web cgroup.max.depth 5

# A program without a terminal is not looked for on one.
on_a_terminal "setsid bash -c \"echo 800 >$cg/other/pids.max\""
expect_no_output '^reeve:'
wait_until 5 "it is put back" value_is other pids.max 200
# Nor is one told who wants no messages (`mesg n`).
on_a_terminal "echo 60 >$cg/other/cpu.weight" 600
expect_no_output '^reeve:'
wait_until 5 "it is put back" value_is other cpu.weight 50
stop_daemon

printf 'root: %s\ntell_terminal: false\n' "$cg" >reeved.yaml
start_daemon --settle 100ms --config "$work/reeved.yaml"
on_a_terminal "echo 900 >$cg/web/pids.max"
expect_no_output '^reeve:'
expect_value web pids.max 200
