# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: each scrape during reloads, applies and a storm of drift is of one generation, and whole
# needs: cpu memory pids
# fault: F109
# timeout: 180
generations=12
# Generation N has 100 + N cgroups, and all of them say so; not so many change that a guard would hold it back.
write_policy() {  # N
  local i pids
  {
    echo cgroups:
    for ((i = 0; i < 100 + $1; i++)); do
      pids=$((i < 15 ? 1000 + $1 : 1000))
      echo "  c$i: {cpu.max: 0.5 cores, pids.max: $pids, labels: {generation: g$1}}"
    done
  } | policy
}
write_policy 1
start_daemon --settle 100ms
wait_until 30 "all is as described" log_has 'AS DESCRIBED: generation 1, 101 cgroups'
run 0 scrape
expect_output '^reeve_cgroup_info\{cgroup="c0",.*label_generation="g1"\} 1$' '^reeve_policy_generation 1$'

# Sleeping without a program: starting one is dear in a guest.
mkfifo "$work/never"
exec {never}<>"$work/never"
storm() {
  local i
  for ((i = 0; ; i = (i + 7) % 100)); do
    echo max >"$cg/c$i/cpu.max"
    echo 77 >"$cg/c$i/pids.max"
    read -rt 0.02 -u "$never"
  done 2>/dev/null
}
storm &
workloads+=("$!")
reload() {
  local n
  for ((n = 2; n <= generations; n++)); do
    write_policy "$n"
    sleep 0.7
  done
}
reload &
reloading=$!
workloads+=("$reloading")

scrapes=0
while alive "$reloading"; do
  scrape >"$work/scrape-$scrapes" || fail "no scrape"
  scrapes=$((scrapes + 1))
  scrape /metrics 'Accept: application/openmetrics-text; version=1.0.0' >"$work/scrape-$scrapes" || fail "no scrape"
  scrapes=$((scrapes + 1))
done
expect_between "scrapes meanwhile" "$scrapes" 5 100000

# What is wrong with a scrape, a line each; nothing when it is of one generation.
judge() {  # FILE
  awk '
    /^# TYPE / { if (seen[$3]++) print "family " $3 " stands twice" }
    /^reeve_policy_generation / { generation = $2 }
    /^reeve_as_described / { described = $2 }
    /^reeve_cgroup_info\{/ {
      match($0, /label_generation="g[0-9]+"/)
      labels[substr($0, RSTART + 19, RLENGTH - 20)]++
    }
    /^reeve_cgroup_pids_limit\{/ { limits++ }
    /^reeve_cgroup_cpu_usage_seconds_total\{/ { figures++ }
    /^reeve_scrape_collector_success/ { good = $2 }
    /^reeve_scrape_series / { ended = 1 }
    END {
      for (label in labels) {
        kinds++
        if (label != generation) print "cgroups of generation " label " in a scrape of " generation
        # Those that are still to be made have no lines yet, and the tree is not as described then.
        if (labels[label] > 100 + label) print labels[label] " cgroups of generation " label
        if (labels[label] < 100 + label && described) print labels[label] " are all of generation " label
        if (figures < 100) print figures " cgroups with figures"
      }
      if (kinds != 1) print kinds + 0 " generations"
      if (!ended) print "it is cut off"
      if (good != 1) print "not all could be read"
    }' "$1"
}
for ((i = 0; i < scrapes; i++)); do judge "$work/scrape-$i"; done >"$work/wrong"
seen=$(cat "$work"/scrape-* | grep -h '^reeve_policy_generation ' | sort -u | wc -l)
expect_between "generations seen" "$seen" 3 "$generations"
expect_equal "what is wrong with $scrapes scrapes" "$(sort "$work/wrong" | uniq -c | head -n 5)" ""
expect_true "drift was put back meanwhile" scrape_has '^reeve_drift_repaired_total\{controller="cpu"\} [1-9]'
