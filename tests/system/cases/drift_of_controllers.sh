# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a controller switched off by another hand comes back with the limits below it
# needs: pids
# fault: F58
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
start_daemon
wait_until 10 "pids.max is set" value_is web pids.max 100
echo -pids >"$cg/cgroup.subtree_control"
wait_until 5 "pids.max is set again" value_is web pids.max 100
