# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: what eats more than memory.max is killed, and memory.events says so
# needs: memory
policy <<'EOF'
cgroups:
  batch: {memory.max: 32MiB, memory.oom.group: true}
EOF
reeve_apply
expect_value batch memory.max $((32 * 1024 * 1024))
expect_value batch memory.oom.group 1
start_workload batch eat 100
wait_until 20 "the eater is dead" dead "$pid"
expect_true "memory.events counts it" key_at_least batch memory.events oom_kill 1
