# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: who undoes a key again and again is put back once a minute, said once; other keys at once
# needs: cpu memory
# fault: F62
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, memory.max: 64MiB}
EOF
start_daemon

for round in 1 2 3; do
  echo max >"$cg/web/cpu.max"
  wait_until 5 "put back in round $round" value_is web cpu.max "50000 100000"
done
wait_until 2 "the fight is said with both sides" \
  log_has "FLAPPING web cpu.max: reeve wants 50000 100000 .10-case.yaml:5., pid $$ bash .root.* writes max 100000"

echo max >"$cg/web/cpu.max"
echo max >"$cg/web/memory.max"
wait_until 5 "another key is put back at once" value_is web memory.max $((64 * 1024 * 1024))
for _ in {1..20}; do echo max >"$cg/web/cpu.max"; sleep 0.1; done
expect_value web cpu.max "max 100000"
expect_equal "lines about the fight" "$(grep -c FLAPPING "$daemon_log")" 1
expect_between "lines about that key" "$(grep -c 'web cpu.max' "$daemon_log")" 3 6
