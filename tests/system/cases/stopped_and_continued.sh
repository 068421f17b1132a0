# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a reeved that hung for a while finds everything that happened meanwhile, although most events were lost
# needs: cpu pids mount
# fault: F6
limit=/proc/sys/fs/inotify/max_queued_events
at_end eval "echo $(<$limit) >$limit"
echo 16 >$limit
{
  echo cgroups:
  for i in {1..40}; do echo "  c$i: {pids.max: 200, cpu.weight: 50}"; done
} | policy
policy 20-more <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, pids.max: 100, cgroups: {api: {pids.max: 50}}}
EOF
start_daemon --settle 100ms
wait_until 10 "all is set" value_is web/api pids.max 50
workload c1 hold
ctl 0 set c2 cpu.weight=77 --for 3s --why test
wait_until 2 "by hand" value_is c2 cpu.weight 77

kill -STOP "$daemon"
for round in 1 2 3; do
  for i in {1..40}; do echo "$((round * 100 + i))" >"$cg/c$i/pids.max"; done
done
rmdir "$cg/web/api"
mkdir "$cg/web/api"
rmdir "$cg/c40"
echo -cpu >"$cg/web/cgroup.subtree_control"
echo -cpu >"$cg/cgroup.subtree_control"
policy 20-more <<'EOF'
cgroups:
  web: {cpu.max: 0.3 cores, pids.max: 100, cgroups: {api: {pids.max: 60}, new: {pids.max: 70}}}
EOF
sleep 4
reevectl status -q --socket "$socket" >/dev/null 2>&1 &
asker=$!
sleep 0.3
expect_true "the tenant lives" alive "$pid"
expect_true "who asks waits" alive "$asker"
kill -CONT "$daemon"

began=$(now_us)
wait_until 5 "the policy" value_is web/new pids.max 70
wait_until 5 "the controller, and the new value" value_is web cpu.max "30000 100000"
wait_until 5 "the cgroup that is another one" value_is web/api pids.max 60
wait_until 5 "the cgroup that was removed" value_is c40 pids.max 200
all_back() {
  [[ $(cat "$cg"/c[0-9]*/pids.max | sort -u) == 200 && $(cat "$cg"/c[0-9]*/cpu.weight | sort -u) == 50 ]]
}
wait_until 5 "every value, and what was over" all_back
wait_until 5 "all is as described" reevectl status -q --socket "$socket"
wait_until 5 "who asked has an answer" dead "$asker"
expect_between "seconds to catch up" $((($(now_us) - began) / 1000000)) 0 5
expect_true "the tenant lives" holds c1 "$pid"
