# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: processes that come and go in 10,000 cgroups keep reeved neither busy nor deaf, by fanotify or by inotify
# needs: pids
# timeout: 240
# long: yes
# fault: F41
readonly cgroups=10000
{
  printf 'cgroups:\n  all:\n    account: none\n    cgroups:\n'
  for ((i = 0; i < cgroups; i++)); do printf '      c%d: {pids.max: 500}\n' "$i"; done
} | policy

# Each cgroup gets a process and loses it again: two changes of its cgroup.events.
flood() {
  local dir
  for dir in "$cg"/all/c[0-9]*; do echo "$BASHPID" >"$dir/cgroup.procs"; done
  echo "$BASHPID" >"$RIG_CGROUP/cgroup.procs"
}
cpu_ticks() { awk '{print $14 + $15}' "/proc/$daemon/stat"; }
looks() { scrape | sed -n 's/^reeve_reconcile_duration_seconds_count //p'; }

expect_calm() {  # MEANS TICKS LOOKS
  local from_looks from_ticks from_us passes=0 busy
  from_looks=$(looks) from_ticks=$(cpu_ticks) from_us=$(now_us)
  (while :; do flood; done) &
  busy=$!
  workloads+=("$busy")
  while (($(now_us) < from_us + 10000000)); do
    run 0 timeout 5 reevectl status -q --socket "$socket"
    passes=$((passes + 1))
    sleep 1
  done
  expect_between "$1: answers within 10 s of flood" "$passes" 4 10
  expect_between "$1: ticks of CPU meanwhile" $(($(cpu_ticks) - from_ticks)) 0 "$2"
  echo 7 >"$cg/all/c4711/pids.max"
  wait_until 5 "$1: drift in the middle of it is put back" value_is all/c4711 pids.max 500
  expect_between "$1: looks at the tree" $(($(looks) - from_looks)) 0 "$3"
  kill "$busy"
  wait "$busy" 2>/dev/null || true
}

start_daemon --settle 100ms
wait_until 120 "all are there" value_is "all/c$((cgroups - 1))" pids.max 500
ctl "0|2" status -q
expect_calm fanotify 800 20
stop_daemon

watches=/proc/sys/fs/inotify/max_user_watches
at_end eval "echo $(<$watches) >$watches"
echo 30000 >$watches

reeved() { exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin reeved "$@"; }
start_daemon --settle 100ms
expect_true "it has inotify only" log_has 'each cgroup needs a watch'
wait_until 60 "it has looked" log_has 'AS DESCRIBED'
expect_false "there are watches enough" log_has max_user_watches
expect_calm inotify 800 20
