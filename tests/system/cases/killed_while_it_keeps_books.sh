# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: killed while a trial or an undo is written down, the next reeve has it with its way back and its hold, or has it not
# needs: cpu
# long: yes
# fault: F1
# timeout: 300
command -v strace >/dev/null || skip "strace is not here"

web() {  # CPU.MAX
  policy <<EOF
cgroups:
  web: {cpu.max: $1 cores}
EOF
}

# Killed before its N-th rename from its start on, where the case wants that; otherwise the program itself.
kill_at=''
reeved() {
  [[ ! $kill_at ]] || exec strace -D -f -qq -o /dev/null -e trace=renameat \
    -e "inject=renameat:signal=SIGKILL:when=$kill_at" reeved "$@"
  exec reeved "$@"
}
start() { start_daemon --settle 100ms --take-up reload; }

for ((nth = 1; ; nth++)); do
  rm -rf "$state"
  web 0.1
  start
  wait_until 5 "the first" value_is web cpu.max "10000 100000"
  stop_daemon
  web 0.2
  kill_at=$nth
  start
  kill_at=''
  reevectl apply --confirm 1h --why try --socket "$socket" >/dev/null 2>&1
  applied=$?
  ((applied == 0)) || wait_until 5 "killed at rename $nth" dead "$daemon"
  stop_daemon KILL
  start
  run "0|1" reevectl status --socket "$socket"
  if value_is web cpu.max "20000 100000"; then
    expect_output 'CONFIRM before'
  else
    expect_value web cpu.max "10000 100000"
    expect_output 'CHANGED ON DISK'
    expect_no_output 'CONFIRM'
  fi
  ((applied != 0)) || break
  stop_daemon KILL
done
expect_between "renames of a trial" $((nth - 1)) 3 20
ctl 0 confirm
stop_daemon

for ((nth = 1; ; nth++)); do
  start
  web 0.3
  ctl 0 apply
  stop_daemon
  kill_at=$nth
  start
  kill_at=''
  reevectl undo --why slow --socket "$socket" >/dev/null 2>&1
  undone=$?
  ((undone == 0)) || wait_until 5 "killed at rename $nth" dead "$daemon"
  stop_daemon KILL
  start
  run "0|1" reevectl status --socket "$socket"
  if value_is web cpu.max "30000 100000"; then
    expect_no_output 'HELD'
  else
    expect_value web cpu.max "20000 100000"
    expect_output 'HELD.*slow'
    ctl 0 release
  fi
  ((undone != 0)) || break
  stop_daemon KILL
done
expect_between "renames of an undo" $((nth - 1)) 3 20
