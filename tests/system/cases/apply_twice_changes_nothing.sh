# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: the second apply changes nothing, and the plan is empty
# needs: cpu memory pids
policy <<'EOF'
cgroups:
  web:
    cpu.max: 0.5 cores
    memory.max: 64MiB
    memory.high: 90% of memory.max
    pids.max: 100
    cgroups:
      front: {cpu.weight: 300}
      back: {memory.max: 10000}
EOF
run 1 reevectl diff --root "$cg" "$policies"
reeve_apply 0 -o json
expect_output '"changed": *true'
# 10000 is no multiple of a page: what the kernel makes of it must not count as a difference.
expect_value web/back memory.max 8192
expect_value web memory.high $((64 * 1024 * 1024 * 9 / 10 / 4096 * 4096))
expect_converged
reeve_apply 0 -o json
expect_output '"changed": *false'
expect_converged
reeve_status 0
expect_output 'AS DESCRIBED'
