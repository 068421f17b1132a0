# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: with 1 GiB that can not be given back memory.max waits and says so; the bare write kills
# needs: memory
# long: yes
# fault: F74
# memory: 2048
# timeout: 180
policy <<'EOF'
cgroups:
  batch: {memory.max: 1200MiB}
  bare: {memory.max: 1200MiB}
EOF
start_daemon --settle 100ms
workload batch eat 1024
policy <<'EOF'
cgroups:
  batch: {memory.max: 256MiB}
  bare: {memory.max: 1200MiB}
EOF
wait_until 60 "it is said that it waits" \
  log_has 'batch memory.max waits at 1258291200, wanted 268435456'
expect_value batch memory.max $((1200 * 1024 * 1024))
wait_until 10 "memory.high is as it was" value_is batch memory.high max
expect_true "the eater lives" alive "$pid"
expect_equal "oom_kill" "$(value batch memory.events oom_kill)" 0
sleep 3
expect_equal "lines about it" "$(grep -c 'batch memory.max' "$daemon_log")" 2
grep 'batch memory' "$daemon_log"
expect_true "the eater lives" alive "$pid"

# When it goes, the limit comes.
kill -KILL "$pid"
wait_until 60 "memory.max is 256 MiB" value_is batch memory.max $((256 * 1024 * 1024))
stop_daemon

# The same by hand.
workload bare eat 1024
echo $((256 * 1024 * 1024)) >"$cg/bare/memory.max"
wait_until 20 "the bare write killed it" dead "$pid"
expect_true "memory.events counts it" key_at_least bare memory.events oom_kill 1
