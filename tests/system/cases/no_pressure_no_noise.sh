# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: on a kernel without pressure information its metrics are absent, doctor says why, and nothing complains
# needs: cpu memory psi
# boot: psi=0
# fault: F83
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, memory.max: 64MiB}
EOF
start_daemon --settle 100ms
wait_until 10 "limits are kept" value_is web cpu.max "50000 100000"
run 0 scrape
expect_output '^reeve_cgroup_memory_current_bytes|^reeve_cgroup_memory' '^reeve_as_described'
expect_no_output 'pressure.*\{cgroup="web"'
run 0 reevectl status --socket "$socket"
expect_output 'AS DESCRIBED'
run '0|1' reevectl doctor --root "$cg"
expect_output '[Pp]ressure|psi'
expect_false "no complaint in the log" log_has 'level=(warning|error).*pressure'
