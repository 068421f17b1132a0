# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: without the memory controller its keys are unsupported, the rest works, doctor explains
# needs: cpu pids
# boot: cgroup_disable=memory
# fault: F57
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, memory.max: 64MiB, pids.max: 100}
EOF
reeve_plan 0
expect_output '[Uu]nsupported|NOT POSSIBLE HERE' 'memory\.max'
reeve_apply 0
expect_value web cpu.max "50000 100000"
expect_value web pids.max 100
expect_converged
reeve_doctor '0|1'
expect_output 'memory'

policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, memory.max: 64MiB, require: [memory.max]}
EOF
reeve_plan '0|1|4'
reeve_diff 1
