# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a cgroup2 mount whose options change keeps every limit; doctor shows the options there are
# needs: cpu memory mount
# fault: F67
policy <<'EOF'
cgroups:
  web: {memory.min: 8MiB, cpu.max: 0.5 cores}
EOF
start_daemon --settle 100ms
wait_until 10 "limits are kept" value_is web cpu.max "50000 100000"
at_end mount -o remount,rw,nonsdelegate /sys/fs/cgroup
for options in nsdelegate,memory_recursiveprot memory_recursiveprot; do
  mount -o "remount,rw,$options" /sys/fs/cgroup || skip "this kernel does not remount cgroup2"
  run '0|1' reevectl doctor --root "$cg"
  expect_output "memory_recursiveprot"
  echo max >"$cg/web/cpu.max"
  wait_until 5 "drift is repaired" value_is web cpu.max "50000 100000"
done
run 0 reevectl status --socket "$socket"
expect_output 'AS DESCRIBED'
