# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: with 100 cgroups reeved wakes at most twice a minute and has at most 4 MB of its own
# needs: cpu memory
# long: yes
# timeout: 180
{
  echo cgroups:
  for ((i = 0; i < 100; i++)); do
    echo "  c$i: {cpu.max: 0.5 cores, memory.max: 64MiB, memory.high: 60MiB, cpu.weight: 200}"
  done
} | policy
start_daemon
wait_until 30 "all is as described" log_has 'AS DESCRIBED: generation 1, 100 cgroups'
sleep 5 # what begins late is no wake-up of an idle daemon

# Every thread counts: a wake-up is one whoever takes it.
wakeups() { awk '/^voluntary_ctxt_switches/ {sum += $2} END {print sum}' /proc/"$daemon"/task/*/status; }

before=$(wakeups)
sleep 60
expect_between "wake-ups in a minute" $(($(wakeups) - before)) 0 2
expect_between "private memory (RssAnon), kB" "$(awk '/^RssAnon/ {print $2}' /proc/"$daemon"/status)" 1 4096
