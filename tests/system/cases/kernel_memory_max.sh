# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: the rig's kernel kills a memory eater at memory.max, written by hand
# needs: memory
make_cgroup batch memory
echo 32M >"$cg/batch/memory.max"
start_workload batch eat 100
wait_until 20 "the eater is dead" dead "$pid"
expect_true "memory.events counts it" key_at_least batch memory.events oom_kill 1
