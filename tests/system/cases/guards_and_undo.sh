# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: guards hold back until accepted by name, in the journal too; undo brings back what was, held; diff and history tell
# needs: cpu
many() {  # COUNT CPU.WEIGHT
  {
    echo 'cgroups:'
    for i in $(seq "$1"); do echo "  c$i: {cpu.weight: $2}"; done
  } | policy
}
many 30 100
start_daemon --settle 200ms
wait_until 5 "the first generation is exempt" value_is c30 cpu.weight 100
many 20 200
wait_until 5 "held back" log_has 'HELD BACK by guard max_remove: .*guard max_change: .*--accept max_remove --accept max_change'
ctl 1 status -q
expect_output 'CHANGED ON DISK.*max_remove'
ctl 4 apply --accept max_change
expect_output 'max_remove' '--accept max_remove'
ctl 64 apply --accept everything
expect_value c30 cpu.weight 100
expect_value c1 cpu.weight 100

# What is done by hand is not held back with it.
ctl 0 set c1 cpu.weight=300 --for 1h --why test
wait_until 2 "by hand" value_is c1 cpu.weight 300
expect_value c2 cpu.weight 100
ctl 0 release set-c1
wait_until 2 "by hand is over" value_is c1 cpu.weight 100

ctl 0 plan -o json
echo "$output" >"$work/plan.json"
many 20 201
wait_until 5 "the next set" log_has 'HELD BACK.*'
ctl 4 apply --plan "$work/plan.json" --accept max_remove --accept max_change
expect_value c1 cpu.weight 100
many 20 200
ctl 0 apply --plan "$work/plan.json" --accept max_remove --accept max_change --why 'fewer'
expect_value c1 cpu.weight 200
expect_false "removed" test -d "$cg/c30"

# Hands between do not hide what an undo is for.
ctl 0 set c1 cpu.weight=300 --for 1h --why test
ctl 0 undo --why 'too few'
expect_value c30 cpu.weight 100
expect_value c1 cpu.weight 300
ctl 0 release set-c1
expect_value c1 cpu.weight 100
ctl "0|1" status
expect_output 'HELD' 'too few'
ctl 0 history
expect_output 'undo to' 'undone' 'fewer'
many 20 205
sleep 0.6
expect_value c30 cpu.weight 100
ctl 3 undo --to 4711
