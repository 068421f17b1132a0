# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: workloads of an older reeve, whose tree was a service, stay and keep their limits until they end; isolate ends none
# needs: systemd package cpu pids
# long: yes
# fault: F13
# timeout: 420
install_package
scope=$cg
cg=${scope%scope}service
unit=/usr/lib/systemd/system/reeve-tree.service

# What the older package had, and a workload in it.
run 0 systemctl stop reeved.service reeved.socket
kill "$(cat "$scope/_holder/cgroup.procs")"
cat >"$work/hold-tree" <<'EOF'
#!/bin/bash
own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
mkdir "$own/_holder" && echo $$ >"$own/_holder/cgroup.procs"
sleep infinity >/dev/null 2>&1 &
EOF
chmod +x "$work/hold-tree"
printf '[Unit]\nRefuseManualStop=yes\n[Service]\nSlice=reeve.slice\nType=forking\nGuessMainPID=no\n%s\n' \
  "ExecStart=$work/hold-tree" "Delegate=cpu cpuset io memory pids" >"$unit"
at_end rm -f "$unit" /run/systemd/system/reeve-tree.service
run 0 systemctl daemon-reload
run 0 systemctl start reeve-tree.service
mkdir "$cg/web"
workload web hold
echo "root: $cg" >/etc/reeve/reeved.yaml
policy 10-web <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100}
EOF
run 0 systemctl start reeved
run 0 systemctl reload reeved
expect_value web pids.max 100

# The upgrade: the unit's file goes, whoever lives in it stays.
run 0 sh "$work/dpkg/info/reeve.preinst" upgrade 0.1
rm "$unit"
run 0 systemctl daemon-reload
run 0 systemctl restart reeved
expect_true "the workload is where it was" holds web "$pid"
expect_value web cpu.max "50000 100000"
expect_value web pids.max 100
echo max >"$cg/web/pids.max"
wait_until 20 "its limits are kept" value_is web pids.max 100
run 0 systemctl daemon-reload
run 0 systemctl set-property --runtime reeve.slice CPUWeight=200
expect_value web pids.max 100
expect_false "there is no other tree beside it" test -e "$scope"

# With the last of them it is over, and there is a scope.
kill "$pid"
run 0 systemctl daemon-reload
cg=$scope
wait_until 30 "the scope has the limits" value_is web pids.max 100
wait_until 20 "nobody is left in the older tree" test ! -e "${scope%scope}service"
run 0 reevectl status --quiet

# `isolate` ends what does not belong to the target, and no workload.
workload web hold
printf '[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\nAllowIsolate=yes\n' >/run/systemd/system/case.target
at_end rm -f /run/systemd/system/case.target
run 0 systemctl daemon-reload
run 0 systemctl isolate case.target
is_stopped() { [[ $(systemctl is-active reeved) != active ]]; }
wait_until 30 "reeved is stopped" is_stopped
expect_true "the workload is where it was" holds web "$pid"
expect_value web pids.max 100
run 0 systemctl start dbus.socket reeved.socket reeved
expect_true "the workload is where it was" holds web "$pid"
run 0 reevectl status --quiet
