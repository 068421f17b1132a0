# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a cgroup that leaves the policy is removed; its processes live on elsewhere
# needs: cpu pids
policy <<'EOF'
cgroups:
  keep: {cpu.max: 0.5 cores}
  gone:
    pids.max: 50
    cgroups:
      inner: {pids.max: 20}
EOF
reeve_apply
workload gone/inner hold
first=$pid
workload gone/inner hold

policy <<'EOF'
cgroups:
  keep: {cpu.max: 0.5 cores}
EOF
reeve_plan 0
expect_output '^- +gone'
reeve_apply 0
expect_false "the cgroup is gone" test -d "$cg/gone"
expect_true "the first process lives" alive "$first"
expect_true "the second process lives" alive "$pid"
expect_value keep cpu.max "50000 100000"
expect_converged
