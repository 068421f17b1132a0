# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: where the kernel allows no more cgroups, what fits is kept, the rest is said in words and made later; the dying are counted
# needs: pids memory
# fault: F80 F81
policy <<'EOF'
cgroups:
  a: {pids.max: 100}
EOF
ctl() { run "$1" reevectl "${@:2}" --socket "$socket"; }
start_daemon --settle 100ms
wait_until 10 "the first is there" value_is a pids.max 100
echo 2 >"$cg/cgroup.max.descendants"
policy <<'EOF'
cgroups:
  a: {pids.max: 200}
  b: {pids.max: 200}
  c: {pids.max: 200}
EOF
wait_until 10 "what is there follows" value_is a pids.max 200
wait_until 10 "one more fits" value_is b pids.max 200
ctl '0|1|4' status
expect_output 'DIFFERS' 'FAILED.*create c' 'cgroup\.max\.descendants'
echo 7 >"$cg/a/pids.max"
wait_until 10 "drift is repaired meanwhile" value_is a pids.max 200
echo max >"$cg/cgroup.max.descendants"
wait_until 70 "the last one comes by itself" value_is c pids.max 200
ctl 0 status
expect_output 'AS DESCRIBED'

# Cgroups that are gone but still charged pile up in the kernel; nobody should have to guess.
run 0 scrape
expect_output '^reeve_cgroup_dying_descendants\{cgroup="a"'
