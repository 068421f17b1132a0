# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a wall clock that is set moves no confirmation and nothing done by hand, wakes nothing, and is said
# needs: pids mount
# long: yes
# timeout: 180
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
  ctl 0 apply --confirm 6s
  expect_value web pids.max 200
  jump "$step"
  sleep 1
  expect_value web pids.max 200
  wait_until 12 "undone in its own time after a jump of $step s" value_is web pids.max 100
  web 100
  ctl 0 release
done
# By hand, too: neither at once nor in ten years.
for step in 3600 -3600 315360000 -315360000; do
  ctl 0 set web pids.max=300 --for 6s --why INC
  expect_value web pids.max 300
  jump "$step"
  sleep 1
  expect_value web pids.max 300
  ctl 0 status
  expect_output 'set-web'
  wait_until 12 "over in its own time after a jump of $step s" value_is web pids.max 100
done
expect_true "it was said" log_has 'clock was set'
echo 7 >"$cg/web/pids.max"
wait_until 5 "drift is repaired all the same" value_is web pids.max 100
