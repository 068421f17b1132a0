# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a wall clock that is set moves no confirmation, wakes nothing, and is said
# needs: pids mount
# fault: F84
web() {  # PIDS.MAX
  policy <<END
cgroups:
  web: {pids.max: $1}
END
}
ctl() { run "$1" reevectl "${@:2}" --socket "$socket"; }
jump() { date -s "@$(($(date +%s) + $1))" >/dev/null; }
web 100
# Files alone change nothing in this time.
start_daemon --settle 30s
wait_until 10 "the limit is there" value_is web pids.max 100
for step in 3600 -3600 315360000 -315360000; do
  web 200
  ctl 0 apply --confirm 3s
  expect_value web pids.max 200
  jump "$step"
  sleep 1
  expect_value web pids.max 200
  wait_until 6 "undone in its own time after a jump of $step s" value_is web pids.max 100
  web 100
  ctl 0 release
done
expect_true "it was said" log_has 'clock was set'
echo 7 >"$cg/web/pids.max"
wait_until 5 "drift is repaired all the same" value_is web pids.max 100
