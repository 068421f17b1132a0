# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: reeved --once sets limits of units, too; without a bus they wait, the tree goes on, and they are kept when it is back
# needs: systemd memory pids
# fault: F96
# timeout: 240
property() { systemctl show --property="$2" --value "$1"; }  # UNIT PROPERTY
has() { [[ $(property "$1" "$2") == "$3" ]]; }                # UNIT PROPERTY VALUE
says() { reevectl status --socket "$socket" | tr '\n' ' ' | grep -Eq -- "$1"; }  # REGEX

printf '[Service]\nExecStart=/bin/sleep infinity\n' >/run/systemd/system/db.service
at_end systemctl stop db.service
run 0 systemctl daemon-reload
run 0 systemctl start db.service
policy 10-units <<'END'
cgroups:
  web: {pids.max: 50}
units:
  db.service: {memory.max: 512MiB}
END
mkdir -p "$state"
run 0 reeved --once --root "$cg" --policy-dir "$policies" --state-dir "$state" --socket "$socket"
expect_true "once is enough" has db.service MemoryMax 536870912
expect_value web pids.max 50
reeve_plan 0
expect_output 'units:. is neither looked at nor set here'

start_daemon
wait_until 20 "reeved is content" says 'AS DESCRIBED'
# --- the bus goes ---------------------------------------------------------------------------------
run 0 systemctl stop dbus.socket dbus.service
at_end systemctl start dbus.socket
wait_until 20 "status says that units wait" says 'units: systemd can not be asked'
sed -i 's/512MiB/600MiB/; s/pids.max: 50/pids.max: 60/' "$policies/10-units.yaml"
wait_until 20 "the tree goes on" value_is web pids.max 60
expect_true "the unit keeps what it has" has db.service MemoryMax 536870912
run 0 systemctl start dbus.socket dbus.service
wait_until 60 "the unit gets it when the bus is back" has db.service MemoryMax 629145600
wait_until 20 "reeved is content again" says 'AS DESCRIBED'
# --- reeved comes back without a bus ---------------------------------------------------------------
run 0 systemctl stop dbus.socket dbus.service
stop_daemon KILL
start_daemon
wait_until 20 "units wait from the beginning" says 'units: systemd can not be asked'
expect_value web pids.max 60
run 0 systemctl start dbus.socket dbus.service
wait_until 60 "and are governed then" says 'AS DESCRIBED'
expect_true "as they were" has db.service MemoryMax 629145600
