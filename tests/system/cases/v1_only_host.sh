# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: on a host with v1 hierarchies only, reeve refuses, says why and writes nowhere
# needs: mount
# boot: rig.cgroup=none
# fault: F66
mount -t tmpfs cgroups /sys/fs/cgroup
for controller in cpu memory pids; do
  mkdir "/sys/fs/cgroup/$controller"
  mount -t cgroup -o "$controller" "$controller" "/sys/fs/cgroup/$controller"
done
at_end umount /sys/fs/cgroup/cpu /sys/fs/cgroup/memory /sys/fs/cgroup/pids /sys/fs/cgroup

policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100}
EOF
root=/sys/fs/cgroup/pids/reeve
mkdir "$root"
before=$(find /sys/fs/cgroup | sort)
run 4 reevectl apply --root "$root" "$policies"
expect_output 'cgroup ?(v2|2)|v1'
mkdir state
run 4 timeout 20 reeved --root "$root" --policy-dir "$policies" --state-dir state \
  --socket control.sock --web.listen-address "$listen"
expect_output 'cgroup ?(v2|2)|v1'
run '1|4' reevectl doctor --root "$root"
expect_output 'v1'
expect_equal "the trees" "$(find /sys/fs/cgroup | sort)" "$before"
rmdir "$root"
