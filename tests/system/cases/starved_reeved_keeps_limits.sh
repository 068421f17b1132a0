# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: with 1 % of a CPU, 40 descriptors, a small stack or too little memory, reeved keeps limits or ends with none lost
# needs: cpu memory pids
# timeout: 120
# fault: F89 F90 F91 F92 F94
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
poor=$RIG_CGROUP/poor-$$
mkdir "$poor"
at_end rmdir "$poor"
repaired() {  # SECONDS
  echo 7 >"$cg/web/pids.max"
  wait_until "$1" "drift is repaired" value_is web pids.max 100
}

# F92: one per cent of a CPU.
start_daemon --settle 100ms
wait_until 10 "the limit is there" value_is web pids.max 100
workload web hold
web=$pid
echo "1000 100000" >"$poor/cpu.max"
echo "$daemon" >"$poor/cgroup.procs"
repaired 30
echo max >"$poor/cpu.max"
stop_daemon

# F89, F94: few descriptors, a small stack.
(ulimit -n 40 -s 256 && exec reeved --root "$cg" --policy-dir "$policies" --state-dir "$state" --socket "$socket" \
  --settle 100ms --web.listen-address "$listen") >"$daemon_log" 2>&1 &
daemon=$!
wait_until 20 "reeved is ready" log_has 'msg="ready'
repaired 10
for _ in {1..60}; do exec {open}<>"/dev/tcp/${listen%:*}/${listen#*:}" && held+=("$open"); done 2>/dev/null
repaired 10
for open in "${held[@]}"; do exec {open}>&-; done
wait_until 10 "it answers once they are gone" reevectl status --socket "$socket" -q
stop_daemon
expect_equal "its exit status" "$status" 0

# F90, F91: memory that is not there ends it, and nothing else.
status=0
(ulimit -v 60000 && exec timeout 20 reeved --once --root "$cg" --policy-dir "$policies" --state-dir "$state") >out 2>&1 || status=$?
expect_false "it did not hang" test "$status" = 124
expect_value web pids.max 100
start_daemon --settle 100ms
echo 1M >"$poor/memory.max"
echo "$daemon" >"$poor/cgroup.procs"
killed() { [[ $(awk '$1 == "oom_kill" {print $2}' "$poor/memory.events") -gt 0 ]]; }
load() { for i in {1..40}; do echo "apiVersion: reeve/v1
kind: Policy
metadata: {name: many-$1-$i}
cgroups: {m$i: {pids.max: 5}}" >"$policies/50-$i.yaml"; done; }
for round in {1..20}; do
  killed && break
  load "$round"
  sleep 0.3
done
expect_true "it was killed for memory" killed
wait "$daemon" 2>/dev/null
daemon=''
expect_value web pids.max 100
expect_true "the workload lives" alive "$web"
start_daemon --settle 100ms
wait_until 10 "what was underway is finished" value_is m40 pids.max 5
repaired 10
