# shellcheck shell=bash disable=SC2154,SC2034  # the words of lib.sh
# what: a bus that restarts or hangs holds up no limit; a tree that went is made again once it answers; journald may hang too
# needs: systemd package cpu pids
# long: yes
# fault: F96
# timeout: 420
install_package
# A watchdog that is not answered meanwhile would be heard of.
mkdir -p /run/systemd/system/reeved.service.d
printf '[Service]\nWatchdogSec=16s\n' >/run/systemd/system/reeved.service.d/case.conf
at_end rm -rf /run/systemd/system/reeved.service.d
run 0 systemctl daemon-reload
run 0 systemctl restart reeved
policy 10-web <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100}
EOF
run 0 systemctl reload reeved
workload web hold
before=$(main_pid)

same_daemon() { [[ $(main_pid) == "$before" && $(systemctl is-active reeved) == active ]]; }
status_text() { systemctl show --property=StatusText --value reeved; }
status_says() { [[ $(status_text) =~ $1 ]]; }  # REGEX
is_repaired() { # WHAT
  echo max >"$cg/web/cpu.max"
  wait_until 20 "$1: cpu.max is put back" value_is web cpu.max "50000 100000"
  expect_true "$1: the daemon is the same" same_daemon
}
of_program() { pgrep -x "$1" | head -n 1; }
end_all() { echo 1 >"$cg/cgroup.kill"; }
lines_logged() { journalctl --unit=reeved --output=cat --since="@$1" | wc -l; }  # SINCE

run 0 systemctl restart dbus
is_repaired "the bus was restarted"
run 0 reevectl status --quiet

bus=$(of_program dbus-daemon)
kill -STOP "$bus"
at_end kill -CONT "$bus"
is_repaired "the bus hangs"
run 0 systemctl restart reeved
before=$(main_pid)
expect_true "the workload is where it was" holds web "$pid"
is_repaired "taken over without a bus"

# The tree goes while nobody can be asked for another one.
since=$(date +%s)
end_all
wait_until 30 "it is said that there is no tree" status_says '^PENDING: no tree yet: '
run 75 reevectl status
expect_output 'PENDING: no tree yet'
listen=127.0.0.1:9797  # of the package: what scrape asks
expect_equal "over the metrics port it says that it lives" "$(scrape /-/healthy)" "reeved is alive"
expect_false "and that it is not ready" scrape /-/ready
expect_true "the daemon is the same" same_daemon
sleep 18
expect_between "lines in the journal meanwhile" "$(lines_logged "$since")" 1 12
kill -CONT "$bus"
wait_until 60 "the tree is there again, with its limits" value_is web cpu.max "50000 100000"
wait_until 20 "it is said" status_says '^AS DESCRIBED'
expect_true "the daemon is the same" same_daemon

# Again and again: each time another tree, and no storm of complaints (F64).
since=$(date +%s)
for round in 1 2 3; do
  end_all
  wait_until 60 "tree $round has its limits" value_is web pids.max 100
  sleep 1
done
expect_true "the daemon is the same" same_daemon
expect_between "lines in the journal" "$(lines_logged "$since")" 3 60
run 0 reevectl status --quiet

# Nothing is written that somebody would have to read at once (F97).
journal=$(of_program systemd-journal)
kill -STOP "$journal"
at_end kill -CONT "$journal"
for _ in {1..30}; do echo max >"$cg/web/cpu.max"; done
is_repaired "journald hangs"
kill -CONT "$journal"
