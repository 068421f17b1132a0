# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: the package: installed it changes nothing; limits and workloads outlive upgrade and downgrade; purge lifts and lets go
# needs: systemd package cpu pids
# long: yes
# fault: F13
# timeout: 420
install_package
run 0 systemctl is-active reeved reeved.socket reeve-tree.scope
run 0 reevectl status
expect_output 'no policies in force'
expect_equal "cgroups in the tree" "$(find "$cg" -mindepth 1 -type d -printf '%f ')" "_holder "
run 0 systemd-analyze verify reeved.service reeved.socket reeve.slice
expect_equal "group of the control socket" "$(stat -c '%G %a' /run/reeve/control.sock)" "reeve 660"
as_member() { setpriv --reuid=nobody --regid=nogroup --groups="$1" /usr/bin/reevectl "${@:2}"; }  # GROUP WORD...
run 0 as_member reeve status
run 0 as_member reeve-admin status
run 4 as_member nogroup status

policy 10-web <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100}
EOF
run 0 systemctl reload reeved
workload web hold

before=$(main_pid)
run 0 dpkg_quietly --install "$RIG_DIR/system/package/reeve-next.deb"
expect_output 'Unpacking reeve .*next'
expect_true "the new one runs" test "$(main_pid)" != "$before"
expect_true "upgrade: the workload is where it was" holds web "$pid"
expect_value web cpu.max "50000 100000"
run 0 reevectl status --quiet
expect_output 'AS DESCRIBED'

run 0 dpkg_quietly --install "$RIG_DIR/system/package/reeve.deb"
expect_output 'downgrading'
expect_true "downgrade: the workload is where it was" holds web "$pid"
expect_value web cpu.max "50000 100000"
run 0 reevectl status --quiet
expect_output 'AS DESCRIBED'

echo 'what people were billed from' >/var/lib/reeve/ledger.db
run 0 dpkg_quietly --purge reeve
expect_output 'LIFTED 1 cgroup' 'the ledger stays'
expect_true "the workload lives" alive "$pid"
expect_value web cpu.max "max 100000"
expect_value web pids.max max
expect_false "nothing keeps the tree but the workload" test -s "$cg/_holder/cgroup.procs"
kill "$pid"
tree_is_gone() { [[ ! -e $cg ]]; }
wait_until 20 "the tree goes with the last process" tree_is_gone
expect_equal "what is left of the state" "$(ls /var/lib/reeve)" "ledger.db"
expect_equal "what is left in /etc" "$(find /etc/reeve -type f)" "$policies/10-web.yaml"
rm -rf /var/lib/reeve
