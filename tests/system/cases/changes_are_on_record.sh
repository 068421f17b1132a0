# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: each change over the control socket is on record with who, what and what became of it; floods of them are turned away
# needs: cpu pids mount
# long: yes
# timeout: 120
# fault: F110 F111
printf 'reeve:x:64711:\nreeve-admin:x:64712:\n' >>/etc/group || skip "groups can not be made here"
echo 'anna:x:4321:4321::/:/bin/sh' >>/etc/passwd
policy <<'EOF'
cgroups: {web: {pids.max: 100}}
EOF
start_daemon --settle 100ms
wait_until 10 "as described" value_is web pids.max 100

as() {  # GROUP STATUS VERB ARGUMENT...
  run "$2" setpriv --reuid=4321 --regid=4321 --groups="$1" reevectl "${@:3}" --socket "$socket"
}
on_record() {  # REGEX
  ctl 0 events
  expect_output "$1"
}

as 64712 0 set web pids.max=200 --for 1h --why INC-7
on_record ' audit .*by pid [0-9]+ reevectl \(anna\).* set \{.*"INC-7".*\}: done, generation 1 -> 2'
as 64712 0 release set-web
on_record ' audit .*\(anna\).* release .*set-web.*: done, generation 2 -> 3'
as 64711 4 hold --for 1h --why x
on_record ' audit .*\(anna\).* hold .*: refused \(403\)'
as 64712 3 undo --to 77
on_record ' audit .*\(anna\).* undo \{"to":77.*\}: there is no such thing \(404\)'
ctl 64 hold --for 0s --why x
ctl 0 hold --for 1h --why freeze-week
policy <<'EOF'
cgroups: {web: {pids.max: 300}}
EOF
ctl 4 apply
on_record ' audit .*\(root\).* apply .*: refused$'
ctl 0 release
wait_until 10 "the edit is in force" value_is web pids.max 300
expect_equal "records in the log" "$(grep -c 'msg="audit: ' "$daemon_log")" 7
ctl 0 events -o json
expect_output '"verb": ?"set"' '"user": ?"anna"' '"pid_start": ?[0-9]+' '"exit_code": ?4' '"policy_hash": ?"sha256:'

# Also where nothing else is logged.
stop_daemon
: >"$daemon_log"
reeved --root "$cg" --policy-dir "$policies" --state-dir "$state" --socket "$socket" \
  --web.listen-address "$listen" --settle 100ms --log-level error >>"$daemon_log" 2>&1 &
# shellcheck disable=SC2034  # ended by lib.sh
daemon=$!
wait_until 20 "reeved answers" reevectl status -q --socket "$socket"
ctl 0 hold --for 1h --why x
expect_true "it is on record" log_has 'level=error msg="audit: hold .*: done; by pid [0-9]+ reevectl .root.'
expect_false "nothing else is said" log_has 'level=info'
ctl 0 release
stop_daemon

# One that runs wild is turned away, says when to try again, and fills neither the log nor the events.
start_daemon --settle 100ms
run 0 setpriv --reuid=4321 --regid=4321 --groups=64712 reeve_workload post "$socket" /v1/confirm 1000
turned=$(grep -c '^429 after 1$' <<<"$output")
expect_between "changes turned away of 1000" "$turned" 100 950
expect_equal "lines on that" "$(grep -c 'too many' "$daemon_log")" 1
setpriv --reuid=4321 --regid=4321 --groups=64712 reeve_workload post "$socket" /v1/confirm 100000 >/dev/null 2>&1 &
wild=$!
workloads+=("$wild")
turned_away() {
  output=$(setpriv --reuid=4321 --regid=4321 --groups=64712 reevectl confirm --socket "$socket" 2>&1)
  [[ $? == 75 ]]
}
wait_until 20 "a person of that name is asked to come again" turned_away
expect_output 'too many changes by uid 4321: 50 at once and 10 a second are taken' 'asked again in [0-9]+ s'
as 64711 0 status
ctl 0 hold --for 1h --why "others are not held up"
kill "$wild"
sleep 1
as 64712 0 release

# Root's ways out are always open.
reeve_workload post "$socket" /v1/hold 100000 >flood 2>&1 &
workloads+=("$!")
wait_until 10 "root's flood is turned away" grep -q '^429 after 1$' flood
for _ in {1..3}; do
  ctl 0 lift --all --for 1h --why "way out"
  ctl 0 release lift-all
  ctl 3 confirm
done
ctl 0 undo
