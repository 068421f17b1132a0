# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a key that leaves the policy goes back to the kernel's default
# needs: cpu pids
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100}
EOF
reeve_apply
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
reeve_plan 0
expect_output '!unlimit|cpu\.max'
reeve_apply
expect_value web cpu.max "max 100000"
expect_value web pids.max 100
expect_converged
