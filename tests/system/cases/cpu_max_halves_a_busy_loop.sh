# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: cpu.max 0.5 cores holds a busy loop to half a CPU
# needs: cpu
policy <<'EOF'
cgroups:
  web: {}
EOF
reeve_apply
workload web busy
expect_cpu web 2 700 1050

policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
reeve_apply
expect_value web cpu.max "50000 100000"
expect_cpu web 5 480 520
