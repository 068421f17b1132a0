# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: cgroup2 is found by what it is, not where; a directory that only looks like one is refused
# needs: mount
# boot: rig.cgroup=none
# fault: F66
mkdir mnt fake
mount -t cgroup2 cgroup2 mnt
put_back() {
  rmdir "$work/mnt/reeve/web" "$work/mnt/reeve"
  echo "-pids" >"$work/mnt/cgroup.subtree_control"
  umount "$work/mnt"
}
at_end put_back
echo "+pids" >mnt/cgroup.subtree_control
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
mkdir mnt/reeve
run 0 reevectl apply --root "$work/mnt/reeve" "$policies"
expect_equal "pids.max" "$(cat mnt/reeve/web/pids.max)" 100

# A memory file system that shadows a mount has the right names and means nothing.
mkdir -p fake/reeve/web
echo "pids" | tee fake/reeve/cgroup.controllers fake/reeve/cgroup.subtree_control >/dev/null
echo max >fake/reeve/web/pids.max
run 4 reevectl apply --root "$work/fake/reeve" "$policies"
expect_output 'cgroup ?(v2|2)'
expect_equal "the file of another file system" "$(cat fake/reeve/web/pids.max)" max
