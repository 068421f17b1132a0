# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: event queues that can not be read, are closed or lack descriptors are made anew, and nothing is missed
# needs: pids
# timeout: 150
# long: yes
# fault: F39
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
limit() {  # PIDS.MAX
  policy <<EOF
cgroups:
  web: {pids.max: $1}
EOF
}
reeved() {
  export LD_PRELOAD=$RIG_DIR/system/bin/reeve_failing_reads.so REEVE_FAILING_READS=$work/failing
  exec reeved "$@"
}
failing() {  # WORDS
  echo "$*" >failing.new
  mv failing.new failing
}
# The loop must not be kept awake by what it can not read.
expect_idle() {  # WHEN
  local from to
  from=$(cpu_ticks)
  sleep 2
  to=$(cpu_ticks)
  expect_between "ticks of CPU in 2 s $1" $((to - from)) 0 60
}
cpu_ticks() { awk '{print $14 + $15}' "/proc/$daemon/stat"; }

start_daemon --settle 100ms
wait_until 5 "as described" value_is web pids.max 100
hears_writers=1
log_has 'who writes to the tree is not known' && hears_writers=0

# Reading the tree's events fails again and again: it is looked at meanwhile.
failing "fanotify"' inotify'
echo 7 >"$cg/web/pids.max"
wait_until 30 "it is put back" value_is web pids.max 100
expect_true "it says so" log_has 'reading events.*the tree is watched anew'
expect_idle "while reading fails"
echo 8 >"$cg/web/pids.max"
wait_until 30 "it is put back again" value_is web pids.max 100
limit 101
wait_until 30 "a policy is taken up" value_is web pids.max 101
expect_true "it says so" log_has 'the policy directories are watched anew'
rm failing
sleep 11  # it tries again after ten seconds
forget_log
echo 9 >"$cg/web/pids.max"
wait_until 5 "it hears at once" value_is web pids.max 101
((hears_writers)) && expect_true "it hears who it was" log_has 'pid'
limit 102
wait_until 5 "and of policies" value_is web pids.max 102
expect_idle "with all in order"

# Closed behind its back, one and then the other.
failing "close fanotify"
echo 10 >"$cg/web/pids.max"
wait_until 30 "it is put back" value_is web pids.max 102
rm failing
sleep 11
ctl 0 status
forget_log
echo 11 >"$cg/web/pids.max"
wait_until 12 "it hears again" value_is web pids.max 102
failing "close"' inotify'
limit 103
wait_until 30 "a policy is taken up" value_is web pids.max 103
rm failing
sleep 11
limit 104
wait_until 12 "it hears of policies again" value_is web pids.max 104

# Without a descriptor left fanotify can not say what was written to.
open=$(find "/proc/$daemon/fd" -mindepth 1 | wc -l)
prlimit --pid "$daemon" --nofile="$open:1024"
echo 12 >"$cg/web/pids.max"
sleep 1
expect_idle "without descriptors"
prlimit --pid "$daemon" --nofile=1024:1024
wait_until 15 "it is put back" value_is web pids.max 104
echo 13 >"$cg/web/pids.max"
wait_until 5 "it hears at once" value_is web pids.max 104
scrape_has '^reeve_event_overflows_total\{source="(fanotify|inotify)"\} [1-9]' || fail "what was lost is not counted"
ok "what was lost is counted"
