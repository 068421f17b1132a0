# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: reeved killed while memory.max goes down: the next one lets the brake go, then goes on
# needs: memory disk
# fault: F74
# memory: 2048
# disk: 1000
# timeout: 180
readonly found=$((1150 * 1024 * 1024))
policy <<'EOF'
cgroups:
  batch: {memory.max: 1200MiB}
EOF
start_daemon --settle 100ms
echo $found >"$cg/batch/memory.high"
workload batch read "$disk" 900
policy <<'EOF'
cgroups:
  batch: {memory.max: 256MiB}
EOF
brake_is_on() { (($(value batch memory.high) < 1000 * 1024 * 1024)); }
wait_until 60 "the brake is on" brake_is_on
stop_daemon KILL
expect_true "the reader lives" alive "$pid"
expect_value batch memory.max $((1200 * 1024 * 1024))

# The policy is taken back while nobody looks: memory.high gets what was found, not the default.
policy <<'EOF'
cgroups:
  batch: {memory.max: 1200MiB}
EOF
start_daemon --settle 100ms
wait_until 20 "memory.high is what was found" value_is batch memory.high $found
stop_daemon

policy <<'EOF'
cgroups:
  batch: {memory.max: 256MiB}
EOF
start_daemon --settle 100ms
wait_until 120 "memory.max is 256 MiB" value_is batch memory.max $((256 * 1024 * 1024))
wait_until 20 "memory.high is what was found" value_is batch memory.high $found
expect_true "the reader lives" alive "$pid"
expect_equal "oom_kill" "$(value batch memory.events oom_kill)" 0
