# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: after a reboot the last good set is in force before anything else, what was done by hand to a process is not
# needs: cpu pids mount
# fault: F87
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
ctl() { run "$1" reevectl "${@:2}" --socket "$socket"; }
start_daemon --settle 100ms
wait_until 10 "the limit is there" value_is web cpu.max "50000 100000"
workload web hold
ctl 0 clamp --pid "$pid" pids.max=5 --for 1h --why INC-1
ctl 0 set web cpu.weight=50 --for 1h --why INC-2
wait_until 5 "both are there" value_is web cpu.weight 50
expect_true "clamped" holds "clamp-$pid" "$pid"

# The machine goes down: no process, no cgroup, another boot id. The policy is broken before anybody looks.
stop_daemon KILL
kill -KILL "$pid"
wait_until 5 "the process is gone" dead "$pid"
find "$cg" -depth -type d -exec rmdir {} +
mkdir "$cg"
for controller in cpu pids; do echo "+$controller" >"$cg/cgroup.subtree_control"; done
echo 5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10 >boot_id
mount --bind boot_id /proc/sys/kernel/random/boot_id
at_end umount /proc/sys/kernel/random/boot_id
policy <<'EOF'
cgroups:
  web: {cpu.mx: 0.5 cores}
EOF
start_daemon --settle 100ms
expect_value web cpu.max "50000 100000"
expect_value web cpu.weight 50
expect_true "the log says what is in force" log_has 'in force again'
expect_true "and names the mistake" log_has '10-case.yaml:5:[0-9]+'
wait_until 10 "the clamp is over with its process" test ! -e "$cg/clamp-$pid"
