# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: below a delegated systemd unit, systemctl daemon-reload changes no value and no process
# needs: systemd cpu pids
# fault: F63
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100}
EOF
start_daemon
wait_until 20 "cpu.max is set" value_is web cpu.max "50000 100000"
workload web hold
run 0 systemctl daemon-reload
run 0 systemctl set-property --runtime rig.service CPUWeight=200
sleep 1
expect_value web cpu.max "50000 100000"
expect_value web pids.max 100
expect_true "the workload is where it was" holds web "$pid"
expect_converged
