# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: cpuset.cpus pins processes, those inside and those that come
# needs: cpuset smp2
allowed() { sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$1/status"; }

policy <<'EOF'
cgroups:
  pinned: {}
EOF
reeve_apply
workload pinned hold
early=$pid

policy <<'EOF'
cgroups:
  pinned: {cpuset.cpus: "1"}
EOF
reeve_apply
expect_equal "CPUs of a process that was there" "$(allowed "$early")" 1
workload pinned hold
expect_equal "CPUs of one that comes" "$(allowed "$pid")" 1
expect_converged
