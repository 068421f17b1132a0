# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a typo in a policy changes nothing while the daemon runs; the log names file and line
# needs: cpu
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
start_daemon
wait_until 10 "cpu.max is set" value_is web cpu.max "50000 100000"

policy <<'EOF'
cgroups:
  web:
    cpu.max: 0.7 cores
    cpu.wieght: 300
  new: {}
EOF
wait_until 10 "the log names the place" log_has '10-case\.yaml:7:5'
expect_value web cpu.max "50000 100000"
expect_false "no cgroup of the broken set was made" test -d "$cg/new"

# Repairs go on under the last good set, and a good file is taken up again.
echo max >"$cg/web/cpu.max"
wait_until 2 "cpu.max is back" value_is web cpu.max "50000 100000"
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.7 cores}
EOF
wait_until 10 "the mended policy is in force" value_is web cpu.max "70000 100000"
