# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: pids.max stops a fork loop with EAGAIN at the limit
# needs: pids
policy <<'EOF'
cgroups:
  builds: {pids.max: 20}
EOF
reeve_apply
workload builds forks 100
expect_equal "the fork loop's last words" "$(workload_says "$pid")" "forked 19 then EAGAIN"
expect_true "pids.events counts it" key_at_least builds pids.events max 1
