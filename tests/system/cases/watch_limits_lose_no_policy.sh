# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: with an overflown event queue, no watches, no instance of inotify, no policy and no drift is lost
# needs: cpu mount
# long: yes
# fault: F32 F33
limits=/proc/sys/fs/inotify
for limit in max_queued_events max_user_watches max_user_instances; do
  at_end eval "echo $(<$limits/$limit) >$limits/$limit"
done
web() {  # CPU.MAX
  policy <<END
cgroups:
  web: {cpu.max: $1 cores, cpu.weight: 50}
END
}
web 0.1

# The queue holds four events, and there are hundreds while nobody reads.
echo 4 >$limits/max_queued_events
start_daemon --settle 200ms
wait_until 5 "the first policy" value_is web cpu.max "10000 100000"
kill -STOP "$daemon"
for i in {1..500}; do echo "$i" >"$policies/noise-$((i % 7))"; done
web 0.2
kill -CONT "$daemon"
wait_until 5 "the last content" value_is web cpu.max "20000 100000"
expect_true "that events were lost is counted" scrape_has '^reeve_event_overflows_total.source="inotify".*[1-9]'
stop_daemon

# No watch is left when it starts.
echo 0 >$limits/max_user_watches
start_daemon --settle 200ms
expect_true "it says so for the policies" log_has 'policy.d: .*max_user_watches.*read every'
wait_until 5 "and for the tree" log_has 'max_user_watches.*the tree is looked at'
expect_value web cpu.max "20000 100000"
stop_daemon

# No instance either; then there are both again.
echo 0 >$limits/max_user_instances
start_daemon --settle 200ms
expect_true "it says so" log_has 'max_user_instances'
web 0.3
echo 77 >"$cg/web/cpu.weight"
wait_until 15 "it reads without being told" value_is web cpu.max "30000 100000"
wait_until 15 "and looks at the tree" value_is web cpu.weight 50
echo 128 >$limits/max_user_instances
echo 8000 >$limits/max_user_watches
wait_until 15 "it watches again" log_has 'watched again'
web 0.4
wait_until 5 "and hears at once" value_is web cpu.max "40000 100000"
