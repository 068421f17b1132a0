# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: 200 clients that say nothing, send byte by byte or never read: scrapes, status and repairs come in time
# needs:
# long: yes
# fault: F108
# timeout: 180
{
  echo cgroups:
  for ((i = 0; i < 200; i++)); do
    echo "  c$i: {cgroup.max.depth: 5, cgroup.max.descendants: 9}"
  done
} | policy
start_daemon
wait_until 30 "all is as described" log_has 'AS DESCRIBED: generation 1, 200 cgroups'
mkdir "$cg/clients"

# The medians of some are judged: this machine may be busy with others, and a client that delays does so each time.
middle() { sort -n | sed -n "$(((tries + 1) / 2))p"; }
tries=9

scrape_ms() {
  local from
  from=$(now_us)
  scrape >"$work/scraped" || fail "no scrape"
  grep -q '^reeve_scrape_collector_success{collector="cgroups"} 1$' "$work/scraped" || fail "half a scrape"
  echo $((($(now_us) - from) / 1000))
}

# Without a program of its own: starting one takes longer than what is measured. Another cgroup each time: who writes
# the same key again and again is put off.
cgroup=0
repair_ms() {
  local from file text=''
  cgroup=$((cgroup + 1))
  file=$cg/c$cgroup/cgroup.max.depth
  from=$(now_us)
  echo max >"$file"
  while [[ $text != 5 ]]; do
    read -r text <"$file"
    (($(now_us) - from < 10000000)) || break
  done
  echo $((($(now_us) - from) / 1000))
}

status_ms() {
  local from
  from=$(now_us)
  reevectl status -q --socket "$socket" >"$work/status" || fail "status: $(cat "$work/status")"
  echo $((($(now_us) - from) / 1000))
}

measure() {  # WHAT COMMAND [ARGUMENT]...
  local i
  for ((i = 0; i < tries; i++)); do "${@:2}" || exit; done >"$work/measured"
  echo "$1, ms: $(tr '\n' ' ' <"$work/measured")"
  middle=$(middle <"$work/measured")
}

measure "scrapes alone" scrape_ms
alone=$middle
# The CPU of a guest is what other programs of the machine leave it.
slack=$((200 + 2 * alone)) repaired=200 told=1000
[[ $RIG_TIER == native ]] || slack=$((2000 + 5 * alone)) repaired=2000 told=5000
workload clients slow "$listen" 70 60 70
workload clients slow "$socket" 15 15 15
expect_equal "slow clients" "$(cat "$work"/workload.* | sort -u | tr '\n' ' ')" "200 slow clients 45 slow clients "
sleep 2

measure "scrapes beside them" scrape_ms
expect_between "ms of a scrape beside them (alone: $alone)" "$middle" 0 $((alone + slack))
measure "repairs beside them" repair_ms
expect_between "ms until a value is back" "$middle" 0 "$repaired"
measure "status beside them" status_ms
expect_between "ms of a status" "$middle" 0 "$told"
expect_true "the status is good" grep -q '^AS DESCRIBED' "$work/status"

# They cost memory, within bounds: 8 readings, and a piece for each who reads.
expect_between "private memory (RssAnon), kB" "$(awk '/^RssAnon/ {print $2}' /proc/"$daemon"/status)" 1 32000
# Each is thrown out after 20 s, and comes again.
sleep 22
measure "scrapes beside them, later" scrape_ms
expect_between "ms of a scrape beside them (alone: $alone)" "$middle" 0 $((alone + slack))
expect_false "nothing is complained of" log_has 'level=error'
