# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: killed every 0 to 300 ms while policies change and others write: tenants go on, nothing is left behind
# needs: cpu pids
# long: yes
# fault: F4
# timeout: 300
# How long, in seconds.
readonly duration=${REEVE_KILL_SECONDS:-20}

# Two sets that differ in values and in a cgroup that comes and goes.
set_number() {  # NUMBER
  {
    printf 'cgroups:\n  web: {cpu.max: 0.%s cores, pids.max: %s00}\n' "$1" "$1"
    (($1 == 2)) || echo '  guest: {pids.max: 30}'
  } | policy
}
once_more() {
  reeved --root "$cg" --policy-dir "$policies" --state-dir "$state" --socket "$socket" \
    --web.listen-address "$listen" --settle 20ms >"$daemon_log" 2>&1 &
  daemon=$!
}

set_number 1
start_daemon --settle 20ms
wait_until 5 "the first set" value_is web cpu.max "10000 100000"
workload web hold
tenant=$pid
workload web busy 1
busy=$pid
stop_daemon KILL
(while sleep 0.1; do echo max >"$cg/web/cpu.max"; done) 2>/dev/null &
stranger=$!
at_end kill $stranger
kills=0 deaths=0 until_us=$(($(now_us) + duration * 1000000))
while (($(now_us) < until_us)); do
  set_number $((kills % 2 + 1))
  once_more
  sleep "0.$(printf %03d $((RANDOM % 300)))"
  alive "$daemon" || deaths=$((deaths + 1))
  stop_daemon KILL
  kills=$((kills + 1))
  alive "$tenant" || fail "a tenant died after $kills kills"
  alive "$busy" || fail "a tenant died after $kills kills"
  now=$(value web pids.max)
  [[ $now == 100 || $now == 200 ]] || fail "pids.max is $now after $kills kills"
done
expect_between "kills" "$kills" $((duration / 5)) 1000000
expect_equal "ends of its own" "$deaths" 0

kill $stranger
wait $stranger 2>/dev/null
set_number 2
started=$(now_us)
start_daemon --settle 20ms
wait_until 5 "the last set" value_is web cpu.max "20000 100000"
wait_until 5 "the guest is gone" test ! -d "$cg/guest"
run 0 reevectl diff --root "$cg" "$policies"
run 0 reevectl status -q --socket "$socket"
expect_between "seconds to converge" $((($(now_us) - started) / 1000000)) 0 5
expect_true "the tenants live" alive "$tenant"
expect_true "where they were" holds web "$tenant"
expect_equal "cgroups" "$(find "$cg" -mindepth 1 -type d | wc -l)" 1
expect_false "nothing half written is left" compgen -G "$state/.*.new"
expect_false "nor set aside as damaged" compgen -G "$state/*.unreadable"
expect_equal "other processes of reeve" "$(pgrep -c reeved)" 1
stop_daemon
