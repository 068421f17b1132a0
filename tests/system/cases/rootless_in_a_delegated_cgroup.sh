# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a user without rights applies a policy in a cgroup delegated to him
# needs: cpu pids
as_nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }

chown nobody "$cg" "$cg"/cgroup.{procs,threads,subtree_control}
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100}
EOF
run 0 as_nobody reevectl apply --root "$cg" "$policies"
expect_value web cpu.max "50000 100000"
expect_value web pids.max 100
run 0 as_nobody reevectl plan --root "$cg" "$policies"
expect_output 'AS DESCRIBED'

# What the owner did not get he can not change: the limits of the delegated cgroup itself.
expect_false "pids.max of the root is not his" as_nobody test -w "$cg/pids.max"
