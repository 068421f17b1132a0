# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a limit as large as the host, promises beyond its memory and partitions of every CPU are said
# needs: memory
# fault: F105
policy <<'EOF'
cgroups:
  all: {memory.max: 100% of host, memory.min: 90% of host}
  more: {memory.min: 20% of host, memory.max: 60% of host}
  much: {memory.max: 60% of host}
EOF
run 0 reevectl check --root "$cg" "$policies"
expect_output '10-case.yaml:5:21: warning\[R0411\]: memory.max is .*, this host has' \
  '10-case.yaml:5:47: warning\[R0403\]: memory.min of the outermost cgroups adds up to' \
  '^OK .* 3 cgroups, 0 templates, 2 warnings'
run 1 reevectl check --strict --root "$cg" "$policies"
reeve_plan 0
expect_output 'note: 2 warnings'
# Said, not refused: it is in force when somebody wants it nevertheless.
start_daemon
wait_until 5 "the daemon says it too" log_has 'R0411'
expect_false "there is a limit" value_is all memory.max max
stop_daemon

# Partitions, on a host whose CPUs are known; checking it needs none here.
run 0 reevectl facts --root "$cg" -o json
sed '/"cpu_ids"/d; s/"cpus": *[0-9]*,/"cpus": 4, "cpu_ids": "0-3",/
  s/"controllers": *\[/&"cpuset", /; s/"files": *\[/&"cpuset.cpus", "cpuset.cpus.partition", /' \
  <<<"$output" >host.json
policy <<'EOF'
cgroups:
  fast: {cpuset.cpus: 0-2, cpuset.cpus.partition: root}
  slow: {cpuset.cpus: 3, cpuset.cpus.partition: isolated}
EOF
run 0 reevectl check --facts host.json "$policies"
expect_output '10-case.yaml:6:[0-9]+: warning\[R0412\]: partitions take every CPU .*: 0-3'
policy <<'EOF'
cgroups:
  fast: {cpuset.cpus: 0-2, cpuset.cpus.partition: root}
EOF
run 0 reevectl check --facts host.json "$policies"
expect_no_output 'warning'
