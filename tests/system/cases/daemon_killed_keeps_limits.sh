# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: SIGKILL takes no limit and no process; a restart keeps the last good set
# needs: cpu
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
start_daemon
wait_until 10 "cpu.max is set" value_is web cpu.max "50000 100000"
workload web hold
stop_daemon KILL
expect_value web cpu.max "50000 100000"
expect_true "the workload lives" alive "$pid"

# Broken while nobody looked: what was good before goes on.
policy <<'EOF'
cgroups:
  web: {cpu.mx: 0.7 cores}
EOF
echo max >"$cg/web/cpu.max"
start_daemon
wait_until 10 "the last good set is in force" value_is web cpu.max "50000 100000"
expect_true "the log names the place" log_has '10-case\.yaml:5:[0-9]+'
expect_true "the workload lives" alive "$pid"
stop_daemon
expect_equal "exit status of reeved" "$status" 0
expect_value web cpu.max "50000 100000"
expect_true "the workload lives" alive "$pid"
