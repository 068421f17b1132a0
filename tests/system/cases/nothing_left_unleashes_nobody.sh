# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: policies cut to nothing, deleted or meant for other hosts, also while reeved was down, take no limit until accepted
# needs: cpu
# fault: F101 F103
two() {  # CPU.MAX
  policy <<END
cgroups:
  web: {cpu.max: $1 cores}
  api: {cpu.max: $1 cores}
END
}
two 0.1
start_daemon --settle 200ms
wait_until 5 "the first policy" value_is web cpu.max "10000 100000"
workload web hold

for empty in '' '# nothing' $'apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: case}\n' \
  $'apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: case}\nwhen: {host: db*}\ncgroups: {web: {cpu.max: 0.1 cores}}\n'; do
  echo -n "$empty" >"$policies/10-case.yaml"
  wait_until 5 "held back or refused" log_has '(guard empty_set|can not be used)'
  expect_value web cpu.max "10000 100000"
  expect_value api cpu.max "10000 100000"
  ctl 1 status -q
  expect_output 'CHANGED ON DISK|LOAD FAILED'
  two 0.1
  wait_until 5 "put right" log_has 'what is in force again'
  forget_log
done

# What is done by hand does not hide it.
ctl 0 set web cpu.max='0.2 cores' --for 1h --why test
wait_until 2 "by hand" value_is web cpu.max "20000 100000"
rm "$policies/10-case.yaml"
wait_until 5 "held back" log_has 'guard empty_set'
expect_value web cpu.max "20000 100000"
expect_value api cpu.max "10000 100000"
ctl 0 release set-web
wait_until 2 "by hand is over" value_is web cpu.max "10000 100000"
expect_value api cpu.max "10000 100000"
stop_daemon KILL
start_daemon --settle 200ms
expect_value web cpu.max "10000 100000"
ctl 0 plan
expect_output 'apply --accept empty_set' 'HELD BACK by guard empty_set'
ctl 4 apply
expect_output 'empty_set'
ctl 0 apply --accept empty_set --why 'moving away'
wait_until 5 "accepted, they go" test ! -d "$cg/api"
expect_true "nobody was killed" alive "$pid"

# The newest set wins, whatever is being done for the one before.
for i in 1 2 3 4 5 6 7 8; do
  {
    echo 'cgroups:'
    for c in {1..60}; do echo "  c$c: {cpu.weight: $((i * 100 + c))}"; done
  } | policy
  run "0|1" reevectl apply --accept max_change --socket "$socket" &
  sleep 0.1
done
wait $!
expect_value c60 cpu.weight 860
expect_value c1 cpu.weight 801
run 0 reevectl plan --root "$cg" "$policies"
expect_output 'AS DESCRIBED'
