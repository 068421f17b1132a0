# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: limits of services, slices and templates go to systemd, follow units that start and stop, and are given back
# needs: systemd memory pids cpu
# fault: F63
# timeout: 300
property() { systemctl show --property="$2" --value "$1"; }         # UNIT PROPERTY
has() { [[ $(property "$1" "$2") == "$3" ]]; }                       # UNIT PROPERTY VALUE
kernel_has() {                                                       # UNIT FILE VALUE
  local cgroup
  cgroup=$(property "$1" ControlGroup)
  [[ $(cat "/sys/fs/cgroup$cgroup/$2" 2>/dev/null) == "$3" ]]
}
agree() {  # UNIT PROPERTY FILE VALUE: systemd and the kernel say the same
  has "$1" "$2" "$4" && kernel_has "$1" "$3" "$4"
}
as_described() { reevectl status --quiet --socket "$socket" | grep -q '^AS DESCRIBED'; }

units=/run/systemd/system
printf '[Service]\nExecStart=/bin/sleep infinity\nMemoryMax=1G\n' >$units/db.service
printf '[Service]\nExecStart=/bin/sleep infinity\n' >"$units/app-worker@.service"
at_end systemctl stop db.service 'app-worker@*.service' login-4711.service
run 0 systemctl daemon-reload
run 0 systemctl start db.service app-worker@1.service
tasks=$(property app-worker@1.service TasksMax)

policy 10-units <<'END'
cgroups:
  web: {pids.max: 50}
units:
  db.service: {memory.max: 512MiB, cpu.weight: 800}
  app-worker@<n>.service: {pids.max: 100}
  user-<uid>.slice: {where: {uid: 1000..}, memory.max: 256MiB}
  not-there.service: {pids.max: 10}
END
start_daemon
wait_until 20 "the service has its limit" agree db.service MemoryMax memory.max 536870912
wait_until 20 "and its weight" agree db.service CPUWeight cpu.weight 800
wait_until 20 "the instance has its limit" agree app-worker@1.service TasksMax pids.max 100
expect_value web pids.max 50
wait_until 20 "status says so" as_described

# --- what is shown -------------------------------------------------------------------------------
ctl 0 status
expect_output 'db\.service' 'app-worker@1\.service'
ctl 0 explain db.service memory.max
expect_output '10-units\.yaml:7' 'MemoryMax=536870912' 'and so it is'
ctl 0 explain db.service
expect_output 'described at 10-units\.yaml:7'
ctl 0 plan
expect_output 'AS DESCRIBED' 'not-there\.service'
expect_true "units have series under their names" scrape_has 'cgroup="db\.service"'

# --- units that come and go ----------------------------------------------------------------------
run 0 systemctl start app-worker@2.service
run 0 systemd-run --quiet --unit=login-4711.service --slice=user-4711.slice sleep infinity
wait_until 20 "an instance that starts gets it" agree app-worker@2.service TasksMax pids.max 100
wait_until 20 "a user's slice gets it" agree user-4711.slice MemoryMax memory.max 268435456
run 0 systemctl restart db.service app-worker@1.service
wait_until 20 "a restart keeps it" agree db.service MemoryMax memory.max 536870912
wait_until 20 "of an instance, too" agree app-worker@1.service TasksMax pids.max 100
run 0 systemctl stop app-worker@2.service
run 0 systemctl start app-worker@2.service
wait_until 20 "stopped and started" agree app-worker@2.service TasksMax pids.max 100
printf '[Service]\nExecStart=/bin/sleep infinity\n' >$units/not-there.service
at_end systemctl stop not-there.service
run 0 systemctl daemon-reload
wait_until 20 "a unit that is installed gets it" has not-there.service TasksMax 10
run 0 systemctl start not-there.service
wait_until 20 "and has it when it runs" agree not-there.service TasksMax pids.max 10

# --- systemd itself --------------------------------------------------------------------------------
run 0 systemctl daemon-reload
sleep 1
expect_true "daemon-reload keeps it" agree db.service MemoryMax memory.max 536870912
run 0 systemctl daemon-reexec
sleep 2
expect_true "daemon-reexec keeps it" agree db.service MemoryMax memory.max 536870912
wait_until 40 "all is as described" as_described

# --- others ------------------------------------------------------------------------------------------
run 0 systemctl set-property --runtime db.service MemoryMax=600M
wait_until 20 "what somebody sets is reported" log_has 'drift: db\.service memory\.max is 629145600.*left so'
expect_true "and stays" agree db.service MemoryMax memory.max 629145600
ctl 1 status
expect_output 'DIFFERS'
run 0 systemctl set-property --runtime db.service MemoryMax=512M
wait_until 20 "set back, all is as described" as_described
cgroup=/sys/fs/cgroup$(property db.service ControlGroup)
echo max >"$cgroup/memory.max"
wait_until 20 "a write past systemd is reported" log_has 'drift: db\.service memory\.max is max, .*left so'
run 0 systemctl daemon-reload
wait_until 20 "systemd undoes it" as_described
sed -i 's/cpu.weight: 800/cpu.weight: 800, on_drift: repair/' "$policies/10-units.yaml"
ctl 0 apply
echo max >"$cgroup/memory.max"
wait_until 20 "repaired where the policy says so" agree db.service MemoryMax memory.max 536870912
run 0 systemctl set-property --runtime db.service CPUWeight=5
wait_until 20 "also what was set over systemd" agree db.service CPUWeight cpu.weight 800

# --- restarts of reeved ----------------------------------------------------------------------------
stop_daemon KILL
expect_true "without reeved it stays" agree db.service MemoryMax memory.max 536870912
start_daemon
wait_until 20 "with another reeved all is as described" as_described
expect_true "and nothing was written anew" agree db.service MemoryMax memory.max 536870912

# --- given up --------------------------------------------------------------------------------------
policy 10-units <<'END'
cgroups:
  web: {pids.max: 50}
units:
  db.service: {pids.max: 77}
END
ctl 0 apply --accept max_remove --accept max_change
wait_until 20 "what was found comes back" agree db.service MemoryMax memory.max 1073741824
expect_true "a weight that nobody had set is not set" has db.service CPUWeight '[not set]'
wait_until 20 "of instances" has app-worker@1.service TasksMax "$tasks"
wait_until 20 "the key that came" agree db.service TasksMax pids.max 77
ctl 0 history
