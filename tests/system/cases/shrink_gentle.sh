# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: shrink: gentle goes down faster than wait, kills nobody, and is shown by status, explain and metrics meanwhile
# needs: memory disk
# fault: F74
# memory: 3072
# disk: 2000
# timeout: 240
mib=$((1024 * 1024))
policy <<'YAML'
cgroups:
  patient: {memory.max: 1200MiB}
  gentle: {memory.max: 1200MiB, shrink: gentle}
YAML
start_daemon --settle 100ms
workload patient eat 100
eaters=("$pid")
workload patient read "$disk" 800
workload gentle eat 100
eaters+=("$pid")
workload gentle read "$disk" 800 from 900
expect_between "MiB in use" $(($(value gentle memory.current) >> 20)) 800 1200

policy <<'YAML'
cgroups:
  patient: {memory.max: 256MiB}
  gentle: {memory.max: 256MiB, shrink: gentle}
YAML
wait_until 30 "it begins" log_has 'gentle memory.max goes down'
braked() { ! value_is gentle memory.high max; }
wait_until 30 "a brake is put" braked

run 0 scrape
expect_output '^reeve_shrinks 2$' '^reeve_shrinks_waiting 0$' '^reeve_shrink_remaining_bytes\{cgroup="gentle"\} [1-9]' \
  '^reeve_as_described 0$'
ctl '0|1' status
expect_output '^Settling: gentle memory\.max goes down to 256MiB in stages: ' \
  '^Settling: patient memory\.max goes down'
ctl '0|1' status -o json
expect_output '"state": "reclaiming"' '"target": 268435456'
ctl 0 explain patient memory.max
expect_output '^  settling  goes down to 256MiB in stages'
ctl 0 explain patient memory.high
expect_output '^  settling  kept at .* while memory\.max goes down' 'while memory\.max goes down, and so it is'

wait_until 120 "memory.max of gentle is 256 MiB" value_is gentle memory.max $((256 * mib))
expect_equal "memory.max of patient, meanwhile" "$(value patient memory.max)" $((1200 * mib))
wait_until 120 "memory.max of patient is 256 MiB" value_is patient memory.max $((256 * mib))
for eater in "${eaters[@]}"; do expect_true "the eater lives" alive "$eater"; done
expect_equal "oom_kill" "$(value gentle memory.events oom_kill)" 0
wait_until 10 "memory.high is as it was" value_is gentle memory.high max
wait_until 10 "all is as described" scrape_has '^reeve_as_described 1$'
wait_until 1 "nothing shrinks" scrape_has '^reeve_shrinks 0$'
expect_false "there is nothing more to go" scrape_has '^reeve_shrink_remaining_bytes'
ctl 0 status -o json
expect_output '"settling": \[\]'
