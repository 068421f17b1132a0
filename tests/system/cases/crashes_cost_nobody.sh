# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: reeved that crashes takes no limit, no process and no book with it; the next ones wait, the sixth takes up nothing new
# needs: cpu
# timeout: 120
# fault: F8
ulimit -c 0
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
start_daemon --settle 100ms
wait_until 5 "the first" value_is web cpu.max "50000 100000"
workload web hold
ctl 0 hold --for 1h --why INC-1
for signal in ABRT SEGV BUS ILL; do
  stop_daemon $signal
  expect_between "exit status after $signal" "$status" 129 159
  expect_value web cpu.max "50000 100000"
  expect_true "the workload lives" alive "$pid"
  echo max >"$cg/web/cpu.max"
  start_daemon --settle 100ms
  wait_until 5 "the next one goes on after $signal" value_is web cpu.max "50000 100000"
  ctl "0|1" status
  expect_output 'HELD' 'INC-1'
done
expect_true "the workload lives where it was" holds web "$pid"
run 0 reevectl history --socket "$socket" -o json
expect_equal "generations" "$(grep -c '"policy_hash"' <<<"$output")" 1

# Whatever it was that crashed it, after five times nothing new is tried until somebody asks.
ctl 0 release
stop_daemon ABRT
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.7 cores}
EOF
start_daemon --settle 100ms
expect_true "it says so" log_has 'crashed 5 times in a row'
expect_value web cpu.max "50000 100000"
echo max >"$cg/web/cpu.max"
wait_until 5 "drift is repaired" value_is web cpu.max "50000 100000"
ctl "0|1" status
expect_output 'CHANGED ON DISK'
ctl 0 apply
expect_value web cpu.max "70000 100000"
