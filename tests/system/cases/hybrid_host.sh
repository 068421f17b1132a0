# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: beside v1 hierarchies the v2 tree is used with what it has
# needs: mount
# boot: rig.cgroup=none
# fault: F66
mount -t tmpfs cgroups /sys/fs/cgroup
mkdir /sys/fs/cgroup/{memory,unified}
mount -t cgroup -o memory memory /sys/fs/cgroup/memory
mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
root=/sys/fs/cgroup/unified/reeve
put_back() {
  rmdir "$root/web" "$root"
  echo "-cpu -pids" >/sys/fs/cgroup/unified/cgroup.subtree_control
  umount /sys/fs/cgroup/memory /sys/fs/cgroup/unified /sys/fs/cgroup
}
at_end put_back
echo "+cpu +pids" >/sys/fs/cgroup/unified/cgroup.subtree_control

policy <<'EOF'
cgroups:
  web: {memory.max: 64MiB, pids.max: 100}
EOF
mkdir "$root"
run 0 reevectl apply --root "$root" "$policies"
expect_output 'not possible here' 'memory\.max'
expect_equal "pids.max" "$(cat "$root/web/pids.max")" 100
run '0|1' reevectl doctor --root "$root"
expect_output 'memory'
