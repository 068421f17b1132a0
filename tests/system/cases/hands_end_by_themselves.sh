# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: what is set, paused or lifted by hand is in force at once and ends in time, also after a restart
# needs: cpu memory pids
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, memory.max: 64MiB, cgroups: {api: {pids.max: 500}}}
EOF
ctl() { run "$1" reevectl "${@:2}" --socket "$socket"; }
start_daemon --settle 100ms
wait_until 10 "the limits are there" value_is web/api pids.max 500

ctl 0 set web/api pids.max=700 --for 8s --why INC-1
expect_output 'release set-web.api'
expect_value web/api pids.max 700
ctl 0 explain web/api pids.max
expect_output '^  policy    700 \(90-set-web\.api\.yaml:' '^  expires   .* \(90-set-web\.api\.yaml:' '^  why       INC-1'
ctl 1 set web/api pids.mx=700 --for 1h --why INC-1
expect_output '^command line:1:13: error\[R0101\]' 'did you mean .pids.max.'
ctl 1 set web/apo pids.max=700 --for 1h --why INC-1
expect_output 'R0501' 'did you mean .web/api.'
wait_until 10 "the value is back by itself" value_is web/api pids.max 500

ctl 0 lift --all --for 20s --why INC-2
expect_output '^LIFTED 2 cgroups, 3 values'
expect_value web memory.max max
expect_value web/api pids.max max
stop_daemon KILL
start_daemon --settle 100ms
expect_value web memory.max max
ctl 0 lift --all --end
wait_until 5 "limits are back" value_is web memory.max 67108864

ctl 0 pause web --for 1h --why strace
echo 800 >"$cg/web/api/pids.max"
sleep 1
expect_value web/api pids.max 800
ctl 0 release pause-web
wait_until 10 "drift is repaired again" value_is web/api pids.max 500

workload web/api hold
ctl 0 freeze web/api --for 1h --why look --yes
wait_until 5 "it stands still" value_is web/api cgroup.freeze 1
ctl 0 thaw web/api
wait_until 5 "it runs again" value_is web/api cgroup.freeze 0
run 4 sh -c 'echo $$ >'"$cg/web/api/cgroup.procs; exec reevectl kill web/api --yes --socket $socket"
expect_output 'whoever asks is in web/api'
ctl 0 kill web/api
wait_until 5 "it is dead" dead "$pid"
ctl 0 __names
expect_equal "the names" "$output" $'web\nweb/api'
