# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: reeved --lift takes every limit with broken policies, a full disk and a dead daemon
# needs: cpu memory pids
policy <<'EOF'
cgroups:
  web:
    cpu.max: 0.5 cores
    memory.max: 64MiB
    cgroups: {api: {pids.max: 50, cpu.weight: 20}}
EOF
mkdir "$cg/theirs"
start_daemon --settle 100ms
wait_until 10 "the limits are there" value_is web/api pids.max 50
echo 70 >"$cg/theirs/cgroup.max.depth"
workload web/api hold

# A daemon that lives would put the limits back.
run 4 reeved --lift --root "$cg"
expect_output "pid $daemon" 'reevectl lift --all'
expect_value web memory.max 67108864

stop_daemon KILL
echo 'cgroups: [broken' >"$policies/10-case.yaml"
echo 'also: [broken' >"$work/reeved.yaml"
# Its last word goes to a full disk; what it does is done all the same.
# shellcheck disable=SC2016  # the inner shell expands
run 1 bash -c 'reeved --lift --root "$1" --config "$2" >/dev/full' lift "$cg" "$work/reeved.yaml"
expect_value web cpu.max "max 100000"
expect_value web memory.max max
expect_value web/api pids.max max
expect_value web/api cpu.weight 20
expect_value theirs cgroup.max.depth 70
expect_true "nobody was moved" holds web/api "$pid"
expect_true "nobody was killed" alive "$pid"
run 0 reeved --lift --root "$cg"
expect_output '^LIFTED 0 cgroups, 0 values' 'They come back when reeved starts'
rmdir "$cg/theirs"
run 64 reeved --lift --config "$work/none.yaml"
run "1|4" reeved --lift --root "$work"
