# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: memory.max below what is in use: plan says !kill, apply holds, the process lives
# needs: memory
# fault: F74
policy <<'EOF'
cgroups:
  batch: {memory.max: 128MiB}
EOF
reeve_apply
workload batch eat 60

policy <<'EOF'
cgroups:
  batch: {memory.max: 16MiB}
EOF
reeve_plan 0
expect_output '!kill' 'batch' 'memory\.max'
reeve_apply 4
expect_true "the process lives" alive "$pid"
expect_equal "oom_kill" "$(value batch memory.events oom_kill)" 0
expect_value batch memory.max $((128 * 1024 * 1024))

policy <<'EOF'
cgroups:
  batch: {memory.max: 16MiB, shrink: kill}
EOF
reeve_apply
expect_value batch memory.max $((16 * 1024 * 1024))
wait_until 10 "an explicit shrink: kill kills" dead "$pid"
