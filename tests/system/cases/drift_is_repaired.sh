# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a value written by another hand is back within a second, and so is a cgroup that was removed
# needs: cpu memory
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, memory.max: 64MiB}
EOF
start_daemon
wait_until 10 "cpu.max is set" value_is web cpu.max "50000 100000"

from=$(now_us)
echo max >"$cg/web/cpu.max"
wait_until 5 "cpu.max is back" value_is web cpu.max "50000 100000"
expect_between "ms until cpu.max was back" $((($(now_us) - from) / 1000)) 0 1000

echo 128M >"$cg/web/memory.max"
wait_until 2 "memory.max is back" value_is web memory.max $((64 * 1024 * 1024))

rmdir "$cg/web"
wait_until 2 "the removed cgroup is back with its limit" value_is web cpu.max "50000 100000"
expect_true "the log tells of the drift" log_has 'web.*cpu\.max|cpu\.max.*web'
