# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: under systemd workloads and limits outlive restart, SIGKILL, a hang, freeze, daemon-reexec; reload tells the verdict
# needs: systemd package cpu pids
# long: yes
# fault: F12
# timeout: 420
install_package
policy 10-web <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100}
EOF
run 0 systemctl reload reeved
expect_value web cpu.max "50000 100000"
workload web hold

# What holds everywhere below: whatever happens to reeved.service, nobody in the tree notices.
all_is_well() {  # WHAT
  expect_true "$1: the workload is where it was" holds web "$pid"
  expect_value web pids.max 100
  wait_until 20 "$1: cpu.max is kept" value_is web cpu.max "50000 100000"
  expect_true "$1: reeved runs" service_is reeved active
}

service_is() { [[ $(systemctl is-active "$1") == "$2" ]]; }  # UNIT STATE
restarted() { [[ $(main_pid) != "$before" && $(main_pid) != 0 ]] && service_is reeved active; }
fields_find() { journalctl --unit=reeved --output=cat "$@" | grep -q 'cpu.max back to 50000 100000'; }  # FIELD=VALUE...
journal_has() { journalctl --unit=reeved --output=cat | grep -Eq -- "$1"; }  # REGEX

policy 20-more <<'EOF'
cgroups:
  batch: {cpu.mx: 1 cores}
EOF
run 1 systemctl reload reeved
expect_true "the journal names the place" journal_has '20-more\.yaml:5:[0-9]+.*cpu\.mx'
run 0 systemctl is-active reeved
all_is_well "a broken policy"

run 0 systemctl restart reeved
all_is_well "restart with a broken policy"
run 1 reevectl status --quiet
expect_output 'LOAD FAILED'
rm "$policies/20-more.yaml"
run 0 systemctl reload reeved

before=$(main_pid)
run 0 systemctl kill --signal=KILL reeved
wait_until 20 "systemd starts it again" restarted
all_is_well "SIGKILL"

# A daemon that hangs is ended by the watchdog; the interval is made short for this.
mkdir -p /run/systemd/system/reeved.service.d
printf '[Service]\nWatchdogSec=3s\nWatchdogSignal=SIGKILL\n' >/run/systemd/system/reeved.service.d/case.conf
at_end rm -rf /run/systemd/system/reeved.service.d
run 0 systemctl daemon-reload
run 0 systemctl restart reeved
before=$(main_pid)
kill -STOP "$before"
wait_until 30 "the watchdog ends it, systemd starts it again" restarted
expect_true "the journal says so" journal_has 'Watchdog timeout'
all_is_well "a hang"
rm -rf /run/systemd/system/reeved.service.d
run 0 systemctl daemon-reload
run 0 systemctl restart reeved

run 0 systemctl daemon-reload
all_is_well "daemon-reload"
run 0 systemctl daemon-reexec
all_is_well "daemon-reexec"
run 0 systemctl set-property --runtime reeve.slice CPUWeight=200
run 0 systemctl set-property --runtime reeve-tree.scope CPUWeight=200
run 0 systemctl reset-failed
all_is_well "set-property"

run 0 systemctl freeze reeved
expect_true "frozen: the workload is where it was" holds web "$pid"
echo max >"$cg/web/cpu.max"
run 0 systemctl thaw reeved
wait_until 20 "thawed: cpu.max is back" value_is web cpu.max "50000 100000"
wait_until 20 "the journal finds it by its fields" fields_find REEVE_CGROUP=web REEVE_KEY=cpu.max REEVE_POLICY=10-web.yaml

# `isolate rescue` stops reeved as this does, and passes over what says that it does not take part.
run 0 systemctl stop reeved.service reeved.socket
expect_true "stopped: the workload is where it was" holds web "$pid"
expect_value web cpu.max "50000 100000"
expect_equal "IgnoreOnIsolate of the tree" "$(systemctl show --property=IgnoreOnIsolate --value reeve-tree.scope)" yes
run 4 systemctl stop reeve-tree.scope
expect_output 'refused'
run 0 systemctl start reeved
all_is_well "stop and start"

# Whoever ends the holder ends nothing else, and there is another one at once.
holder=$(value _holder cgroup.procs)
kill "$holder"
another_holder() { [[ $(value _holder cgroup.procs) && $(value _holder cgroup.procs) != "$holder" ]]; }
wait_until 20 "there is another holder" another_holder
all_is_well "without its holder"

# Whoever ends everything ends the tree, and gets another one with the same limits; reeved goes on.
before=$(main_pid)
echo 1 >"$cg/cgroup.kill"
wait_until 60 "limits are there again" value_is web cpu.max "50000 100000"
expect_true "the tree's unit is active" service_is reeve-tree.scope active
expect_equal "the daemon is the same" "$(main_pid)" "$before"
expect_true "for systemd too" service_is reeved active
run 0 reevectl status --quiet
