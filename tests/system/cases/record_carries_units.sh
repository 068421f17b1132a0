# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: facts and records carry systemd's units, so that policies for them are judged on any other host
# needs: systemd memory pids cpu
# timeout: 120
printf '[Service]\nExecStart=/bin/sleep infinity\nSlice=db.slice\n' >/run/systemd/system/db.service
at_end systemctl stop db.service
run 0 systemctl daemon-reload
run 0 systemctl start db.service

# --- nobody to ask -------------------------------------------------------------------------------
run 0 reevectl facts --root "$cg" --socket "$socket"
expect_output 'which units of systemd are loaded is not known'

# --- as the daemon knows them --------------------------------------------------------------------
policy <<'END'
cgroups: {web: {pids.max: 500}}
END
start_daemon
run 0 reevectl facts --root "$cg" --socket "$socket"
expect_output 'asks as soon as a policy has'
policy <<'END'
units: {db.service: {pids.max: 500}}
END
knows() { reevectl facts --root "$cg" --socket "$socket" -o json | grep -q '"db.service"'; }
wait_until 20 "the facts have the service" knows
reevectl record --root "$cg" --socket "$socket" -o json >"$work/host.json" 2>"$work/notes"
run 0 cat "$work/host.json"
expect_output '"slice": "db\.slice"' '"user-0\.slice"|"system\.slice"'
stop_daemon

policy 20-units <<'END'
units:
  db.service: {memory.max: 50% of parent}
  db.slice: {memory.max: 1GiB}
  <n>.service: {where: {slice: system.slice, user: root}, cpu.weight: 50}
END
cat >"$work/units.test.yaml" <<END
apiVersion: reeve/v1
kind: PolicyTest
metadata: {name: the recorded host has the service}
policies: [$policies/20-units.yaml]
host: host.json
expect:
  units:
    db.service: {memory.max: 512MiB}
    db.slice: {memory.max: 1GiB}
    reeved.service: absent
END
run 0 reevectl test "$work/units.test.yaml"
expect_output 'OK: 1 test'
