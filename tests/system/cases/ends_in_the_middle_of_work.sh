# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: SIGTERM in the middle of a large change or a shrink ends reeved in order, nobody stays slowed down, the next one goes on
# needs: cpu pids memory disk
# fault: F5
# memory: 2048
# disk: 700
# timeout: 180
start() {
  reeved --root "$cg" --policy-dir "$policies" --state-dir "$state" --socket "$socket" \
    --web.listen-address "$listen" --settle 50ms >"$daemon_log" 2>&1 &
  daemon=$!
}
ends_at_once() {  # WHAT
  local began
  began=$(now_us)
  stop_daemon
  expect_equal "exit status, $1" "$status" 0
  expect_between "milliseconds to the end, $1" $((($(now_us) - began) / 1000)) 0 5000
  expect_true "it ended in order, $1" log_has 'limits and processes stay'
}
cgroups() { find "$cg" -mindepth 1 -maxdepth 1 -type d | wc -l; }

mkdir -p "$state"
{
  echo cgroups:
  for i in {1..1000}; do echo "  c$i: {pids.max: 200, cpu.weight: 50}"; done
} | policy
start
until compgen -G "$cg/c[0-9]*" >/dev/null || dead "$daemon"; do :; done
ends_at_once "while cgroups are made"
expect_between "cgroups made so far" "$(cgroups)" 1 999
start
wait_until 60 "the next one goes on" value_is c1000 pids.max 200
wait_until 60 "to the end" log_has 'msg="ready'
expect_equal "cgroups" "$(cgroups)" 1000
stop_daemon

policy <<'EOF'
cgroups:
  batch: {memory.max: 690MiB}
EOF
start
wait_until 20 "the many are held back" log_has 'HELD BACK'
ctl 0 apply --accept max_remove
only_batch() { [[ -d $cg/batch && $(cgroups) == 1 ]]; }
wait_until 60 "they are gone" only_batch
workload batch read "$disk" 600
policy <<'EOF'
cgroups:
  batch: {memory.max: 100MiB}
EOF
brake_is_on() { [[ $(value batch memory.high) != max ]]; }
wait_until 60 "the brake is on" brake_is_on
ends_at_once "while a limit goes down"
expect_true "the reader lives" alive "$pid"
expect_value batch memory.high max
start
wait_until 100 "the next one ends it" value_is batch memory.max $((100 * 1024 * 1024))
wait_until 20 "without a brake" value_is batch memory.high max
expect_true "the reader lives" alive "$pid"
