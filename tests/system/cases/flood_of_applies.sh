# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: several that apply without a pause: one generation for each edit, drift and status are served in between
# needs:
# long: yes
# fault: F111
# timeout: 120
floods=8 bound_ms=500
# On the one CPU of a guest it is the clients, being started, that others wait for.
[[ $RIG_TIER == native ]] || floods=2 bound_ms=5000
write_policy() {  # DEPTH
  local i
  {
    echo cgroups:
    for ((i = 0; i < 100; i++)); do
      echo "  c$i: {cgroup.max.depth: 5, cgroup.max.descendants: $((i < 15 ? $1 : 9))}"
    done
  } | policy
}
write_policy 9
start_daemon
wait_until 20 "all is as described" log_has 'AS DESCRIBED: generation 1, 100 cgroups'

flood() {
  local code i=0
  while [[ ! -e $work/enough ]]; do
    reevectl apply --socket "$socket" >"$work/apply.$1" 2>&1
    code=$?
    # More than fifty at once are asked to come again.
    ((code == 0 || code == 75)) || { cp "$work/apply.$1" "$work/apply-failed.$1" && echo "apply $code" >>"$work/codes"; }
    i=$((i + 1))
  done
  echo "$i" >"$work/applies.$1"
}
for ((i = 1; i <= floods; i++)); do
  flood "$i" &
  workloads+=("$!")
done

for edit in {1..5}; do
  sleep 1
  write_policy $((9 + edit))
  wait_until 10 "edit $edit is in force" value_is c3 cgroup.max.descendants $((9 + edit))
  from=$(now_us) text=''
  echo max >"$cg/c$((20 + edit))/cgroup.max.depth"
  while [[ $text != 5 ]] && (($(now_us) - from < 10000000)); do
    read -r text <"$cg/c$((20 + edit))/cgroup.max.depth"
  done
  expect_between "ms until drift was put back" $((($(now_us) - from) / 1000)) 0 "$bound_ms"
  ctl '0|1' status -q
done
: >"$work/enough"
for ((i = 1; i <= floods; i++)); do wait_until 10 "flood $i ends" test -s "$work/applies.$i"; done
echo "applies: $(cat "$work"/applies.* | tr '\n' ' ')"
expect_false "an apply failed: $(cat "$work"/apply-failed.* 2>/dev/null | head -n 5)" test -e "$work/codes"
ctl 0 history
expect_equal "generations" "$(grep -c '^ *[0-9]' <<<"$output")" 6
ctl 0 status
expect_output 'AS DESCRIBED'
