# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: memory.max from 1200 to 256 MiB with 1 GiB in use that can be given back: nobody dies
# needs: memory disk
# fault: F74
# memory: 2048
# disk: 1000
# timeout: 180
policy <<'EOF'
cgroups:
  batch: {memory.max: 1200MiB}
EOF
start_daemon --settle 100ms
workload batch eat 100
eater=$pid
workload batch read "$disk" 960
reader=$pid
expect_between "MiB in use" $(($(value batch memory.current) >> 20)) 1024 1200

policy <<'EOF'
cgroups:
  batch: {memory.max: 256MiB}
EOF
wait_until 30 "it is said that it goes down" log_has 'batch memory.max goes down from .* to 268435456'
wait_until 120 "memory.max is 256 MiB" value_is batch memory.max $((256 * 1024 * 1024))
expect_true "the eater lives" alive "$eater"
expect_true "the reader lives" alive "$reader"
expect_equal "oom_kill" "$(value batch memory.events oom_kill)" 0
wait_until 10 "memory.high is as it was" value_is batch memory.high max
wait_until 10 "it is said that it is down" log_has 'batch memory.max is down at 268435456'
expect_equal "lines about it" "$(grep -c 'batch memory.max' "$daemon_log")" 2
grep 'batch memory' "$daemon_log"

# Nothing of the attempt stays behind.
stop_daemon
expect_converged
