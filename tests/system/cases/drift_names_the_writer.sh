# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: who wrote, who removed and through which mount is in the log
# needs: cpu memory pids mount
# fault: F58 F59
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, cgroups: {api: {pids.max: 50}}}
EOF
start_daemon

echo max >"$cg/web/cpu.max"
wait_until 5 "cpu.max is back" value_is web cpu.max "50000 100000"
wait_until 2 "the shell is named" log_has "web cpu.max back to 50000 100000 .was max 100000, by pid $$ bash .root"

echo -pids >"$cg/web/cgroup.subtree_control"
wait_until 5 "pids is handed down again, with its limit" value_is web/api pids.max 50
wait_until 2 "who took it is named" log_has "web handed pids down no more by pid $$ bash"

# A mount namespace of its own, where the tree has another name.
mkdir -p "$work/elsewhere"
unshare --mount --propagation private bash -c "mount --bind '$cg/web' '$work/elsewhere' &&
  echo 99 >'$work/elsewhere/api/pids.max'; sleep 1; true" &
elsewhere=$!
wait_until 5 "a write through another mount is put back" log_has 'web/api pids.max back to 50 .was 99, by pid [0-9]+ bash'
expect_value web/api pids.max 50
wait "$elsewhere"

rmdir "$cg/web/api"
wait_until 5 "the removed cgroup is back" value_is web/api pids.max 50
