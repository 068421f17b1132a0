# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: systemd's and Kubernetes' cgroups are never written to, nor does reeve lock itself or whoever asks out
# needs: cpu memory pids
# fault: F104
mkdir "$cg/init.scope" "$cg/kubepods" "$cg/kubepods/pod1" "$cg/ops"
policy <<'EOF'
cgroups:
  init.scope: {pids.max: 1000}
  kubepods: {pids.max: 1000, cgroups: {pod1: {pids.max: 500}, pod2: {pids.max: 500}}}
  ops: {pids.max: 1000}
  web: {pids.max: 1000}
EOF
reeve_plan 0
expect_output "NOT REEVE'S TO GOVERN" "it is systemd's" "it is Kubernetes's"
# In a cgroup of its own managed tree, as somebody may have put it.
reeved() {
  echo "$BASHPID" >"$cg/ops/cgroup.procs"
  exec reeved "$@"
}
start_daemon --settle 100ms
wait_until 5 "the rest goes on" value_is web pids.max 1000
untouched() {
  expect_value init.scope pids.max max
  expect_value kubepods pids.max max
  expect_value kubepods/pod1 pids.max ''
  expect_false "nothing is made there" test -d "$cg/kubepods/pod2"
}
untouched
ctl 1 status
expect_output "init.scope it is"

# The root itself can not be named.
policy 20-root <<'EOF'
cgroups:
  "/": {pids.max: 1000}
EOF
wait_until 5 "the tree's root is no cgroup of a policy" log_has '20-root.yaml:5:3: .*R0117'
rm "$policies/20-root.yaml"
wait_until 5 "put right" log_has 'what is in force again'

# What would stop reeved is held back, whoever wants it.
policy 30-ops <<'EOF'
cgroups:
  ops: {memory.max: 1MiB, cgroup.freeze: 1}
EOF
wait_until 5 "held back" log_has 'HELD BACK by guard self_lockout: .*sits in ops'
expect_value ops memory.max max
expect_value ops cgroup.freeze 0
ctl 4 apply
ctl 4 freeze ops --for 1m --why test
expect_value ops cgroup.freeze 0
rm "$policies/30-ops.yaml"
ctl "0|1" apply

# Nor does the end of something done by hand: what was under it all the time is held back.
ctl 0 set ops memory.max=256MiB --for 1h --why "more room"
policy 30-ops <<'EOF'
cgroups:
  ops: {memory.max: 1MiB}
EOF
ctl "0|1" apply
ctl 4 release set-ops
expect_output 'set-ops stays in force' 'HELD BACK by guard self_lockout' 'reevectl apply --accept self_lockout'
expect_value ops memory.max 268435456
rm "$policies/30-ops.yaml"
ctl "0|1" apply
expect_value ops memory.max max
echo 900 >"$cg/web/pids.max"
wait_until 5 "it goes on" value_is web pids.max 1000
untouched
