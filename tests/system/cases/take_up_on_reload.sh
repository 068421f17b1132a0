# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: with take_up reload files wait for SIGHUP or an apply, hands do not; a hold outlasts both, and a restart
# needs: cpu
web() {  # CPU.MAX [KEY: VALUE]
  policy <<END
cgroups:
  web: {cpu.max: $1 cores, cpu.weight: 50${2:+, $2}}
END
}
web 0.1
start_daemon --settle 200ms --take-up reload
wait_until 5 "the first policy is taken up" value_is web cpu.max "10000 100000"
web 0.2
wait_until 5 "the second waits" log_has 'they wait for'
expect_value web cpu.max "10000 100000"
ctl 1 status
expect_output 'CHANGED ON DISK'
ctl 0 plan
expect_output 'cpu.max' '0.2'
ctl 0 set web cpu.weight=77 --for 1h --why test
wait_until 2 "a hand does not wait" value_is web cpu.weight 77
expect_value web cpu.max "10000 100000"
ctl 1 status -q
expect_output 'CHANGED ON DISK'
kill -HUP "$daemon"
wait_until 5 "SIGHUP" value_is web cpu.max "20000 100000"
expect_value web cpu.weight 77
ctl 0 release set-web
web 0.3
ctl 0 apply
expect_output 'Generation [0-9]+ -> [0-9]+'
expect_value web cpu.max "30000 100000"

# A broken set: what is in force stays, for an apply and for SIGHUP, and hands go on.
echo 'cgroups: [' >"$policies/20-broken.yaml"
ctl 1 apply
expect_output '20-broken.yaml:1' 'Nothing was changed'
kill -HUP "$daemon"
ctl 0 set web cpu.weight=88 --for 1h --why 'while broken'
wait_until 2 "a hand is taken while others are broken" value_is web cpu.weight 88
expect_value web cpu.max "30000 100000"
ctl 0 release set-web
wait_until 2 "and released" value_is web cpu.weight 50
rm "$policies/20-broken.yaml"

# What leaves is in the plan, also when it came with the generation before.
web 0.3 'cgroup.max.depth: 7'
ctl 0 apply
expect_value web cgroup.max.depth 7
web 0.3
ctl 0 plan
expect_output 'cgroup.max.depth'
ctl 0 apply
expect_value web cgroup.max.depth max
ctl 0 plan
expect_output 'nothing to do'

# Held: neither files nor reloads nor applies, also after a crash.
ctl 64 hold --for 1h
ctl 0 hold --for 1h --why INC-1
web 0.4
ctl 4 apply
expect_output 'HELD at generation [0-9]+ by .*INC-1'
kill -HUP "$daemon"
stop_daemon KILL
start_daemon --settle 200ms --take-up auto
ctl "0|1" status
expect_output 'HELD' 'INC-1'
sleep 0.5
expect_value web cpu.max "30000 100000"
ctl 0 release
wait_until 5 "released" value_is web cpu.max "40000 100000"
ctl 3 release
ctl 0 hold --for 1s --why short
web 0.5
wait_until 5 "a hold ends by itself" value_is web cpu.max "50000 100000"
