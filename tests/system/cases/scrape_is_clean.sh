# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: promtool has nothing to say about the scrape of a daemon at work, hostile names and labels included
# needs: cpu memory pids disk
# fault: F107
# timeout: 120
promtool --version >/dev/null 2>&1 || skip "there is no promtool, or this guest does not see it"
tree_with() {  # MEMORY_MAX of a cgroup whose limit is in its way down
  policy <<YAML
cgroups:
  web:
    memory.max: 64MiB
    cgroups: {api: {cpu.max: 0.5 cores, labels: {a-b: "x\\"y\\\\z", a_b: "line\\nbreak", tenant: "ünïcode {}"}}}
  shrinks: {memory.max: $1}
  disk: {io.max: [{device: /dev/ubda, wbps: 5MB/s}]}
  later: {io.max: [{device: /dev/nowhere, wbps: 5MB/s}]}
YAML
}
tree_with 512MiB
start_daemon --settle 100ms
wait_until 10 "all is as described, but for what is not there" value_is web/api cpu.max "50000 100000"
workload web/api busy 1
workload shrinks eat 200
tree_with 100MiB
wait_until 60 "a limit waits" log_has 'shrinks memory.max waits'
for ((i = 0; i < 5; i++)); do
  echo max >"$cg/web/api/cpu.max"
  sleep 0.3
done

scrape >"$work/text" || fail "no scrape"
run 0 promtool check metrics <"$work/text"
expect_equal "what promtool says" "$output" ""
expect_between "families" "$(grep -c '^# TYPE' "$work/text")" 50 200
for line in 'reeve_shrinks_waiting 1' 'reeve_pending_knobs 1' 'reeve_drift_fights{cgroup="web/api"} 1' \
  'reeve_cgroup_info{cgroup="web/api",tenant="ünïcode {}"'; do
  expect_true "it has $line" grep -qF "$line" "$work/text"
done

lag=$(sed -n 's/^reeve_loop_lag_seconds_sum \([0-9]*\).*/\1/p' "$work/text")
expect_between "seconds the loop was late, in all" "$lag" 0 60
expect_false "looks are timed" grep -qx 'reeve_reconcile_duration_seconds_count 0' "$work/text"

# What a browser, or a Prometheus that compresses, gets is the same.
exec {http}<>"/dev/tcp/${listen%:*}/${listen#*:}"
printf '%s\r\n' 'GET /metrics HTTP/1.0' "Host: $listen" 'Accept-Encoding: gzip' '' >&"$http"
cat <&"$http" >"$work/answer"
expect_true "it is in gzip" grep -qax $'Content-Encoding: gzip\r' "$work/answer"
LC_ALL=C awk 'BEGIN { RS = "\r\n\r\n" } NR > 1 { if (NR > 2) printf "%s", RS; printf "%s", $0 }' "$work/answer" | gzip -dc >"$work/unpacked"
run 0 promtool check metrics <"$work/unpacked"
expect_equal "families in gzip" "$(grep -c '^# TYPE' "$work/unpacked")" "$(grep -c '^# TYPE' "$work/text")"
