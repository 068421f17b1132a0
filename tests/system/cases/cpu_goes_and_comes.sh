# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a CPU that goes offline is reported, and the cpuset and the partition made of it come back with it
# needs: cpuset smp2
# fault: F78
echo 1 >"$cg/cpuset.cpus"
echo root >"$cg/cpuset.cpus.partition"
expect_value . cpuset.cpus.partition root
policy <<'EOF'
cgroups:
  pinned: {cpuset.cpus: "1", cpuset.cpus.partition: root}
EOF
start_daemon
expect_value pinned cpuset.cpus.partition root

at_end sh -c 'echo 1 >/sys/devices/system/cpu/cpu1/online'
echo 0 >/sys/devices/system/cpu/cpu1/online
wait_until 10 "the CPU that is gone is reported" log_has 'pinned cpuset.cpus: pending: .* no CPU 1'
expect_true "the daemon lives" alive "$daemon"

echo 1 >/sys/devices/system/cpu/cpu1/online
wait_until 20 "the CPU is back" value_is pinned cpuset.cpus.effective 1
wait_until 20 "the partition is back" value_is pinned cpuset.cpus.partition root
