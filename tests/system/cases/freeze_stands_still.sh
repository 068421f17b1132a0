# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: cgroup.freeze stops every process of a cgroup, and lets it go on
# needs: freezer
policy <<'EOF'
cgroups:
  batch: {}
EOF
reeve_apply
workload batch busy

policy <<'EOF'
cgroups:
  batch: {cgroup.freeze: true}
EOF
reeve_apply
wait_until 5 "cgroup.events says frozen" key_at_least batch cgroup.events frozen 1
expect_cpu batch 2 0 0
expect_converged

policy <<'EOF'
cgroups:
  batch: {cgroup.freeze: false}
EOF
reeve_apply
# That it runs again is the point; how much it gets depends on who else is busy on this machine.
expect_cpu batch 1 50 1050
