# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: on_drift report leaves a value and says so, adopt takes it over, both also after a restart
# needs: cpu memory pids
policy <<'EOF'
cgroups:
  seen: {pids.max: 50, on_drift: report}
  taken: {pids.max: 60, on_drift: adopt}
EOF
start_daemon

echo 77 >"$cg/seen/pids.max"
wait_until 5 "it is reported" log_has "seen pids.max is 77, wanted 50: left so .on_drift: report., by pid $$ bash"
echo 88 >"$cg/taken/pids.max"
wait_until 5 "it is adopted" log_has "taken pids.max is 88, wanted 60: adopted .on_drift: adopt., by pid $$ bash"
sleep 0.5
expect_value seen pids.max 77
expect_value taken pids.max 88

stop_daemon
expect_equal "exit status" "$status" 0
start_daemon
expect_value seen pids.max 77
expect_value taken pids.max 88

policy <<'EOF'
cgroups:
  seen: {pids.max: 51, on_drift: report}
  taken: {pids.max: 61, on_drift: adopt}
EOF
wait_until 10 "a new value in the policy ends both" value_is seen pids.max 51
wait_until 5 "the adopted one too" value_is taken pids.max 61
