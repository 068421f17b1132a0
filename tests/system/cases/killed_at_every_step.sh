# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: killed before each mkdir, mark, write, rename and rmdir of a change, reeve loses nobody and the next one ends it
# needs: cpu pids
# long: yes
# fault: F1
# timeout: 300
command -v strace >/dev/null || skip "strace is not here"

# From the first to the second: a value goes up and one down, a cgroup comes, one becomes inner, one goes with the
# process that lives in it.
first() {
  policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores, cpu.weight: 50, pids.max: 100}
  work: {pids.max: 50}
  old: {pids.max: 40, cpu.weight: 20}
EOF
}
second() {
  policy <<'EOF'
cgroups:
  web: {cpu.max: 0.2 cores, cpu.weight: 70, pids.max: 200}
  work: {cgroups: {api: {pids.max: 30}}}
  new: {cpu.weight: 30}
EOF
}
once() {
  reeved --once --root "$cg" --policy-dir "$policies" --state-dir "$state" >"$daemon_log" 2>&1
  status=$?
}

# Neither looser nor tighter than both ends, whatever was done so far.
either() {  # CGROUP FILE ONE OTHER
  local now
  now=$(value "$1" "$2")
  [[ ! $now || $now == "$3" || $now == "$4" ]] || fail "killed at $step: $1 $2 is '$now', neither '$3' nor '$4'"
}
expect_between_the_ends() {
  either web cpu.max "50000 100000" "20000 100000"
  either web cpu.weight 50 70
  either web pids.max 100 200
  either work pids.max 50 max
  either work/api pids.max max 30
  either old pids.max 40 max
}

mkdir -p "$state"
killed=0
for call in mkdirat fsetxattr write renameat unlinkat; do
  for ((nth = 1; ; nth++)); do
    step="$call $nth"
    first
    once
    ((status == 0)) || fail "before $step: $(<"$daemon_log")"
    if ((nth == 1)) && [[ $call == mkdirat ]]; then
      for where in web work old; do
        workload "$where" hold
        tenants+=("$pid")
      done
    fi
    second
    # Its log goes where no write of it is counted.
    strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=SIGKILL:when=$nth" \
      reeved --once --root "$cg" --policy-dir "$policies" --state-dir "$state" >/dev/null 2>&1
    ended=$?
    expect_between_the_ends
    for tenant in "${tenants[@]}"; do alive "$tenant" || fail "killed at $step: a process died"; done
    once
    ((status == 0)) || fail "after $step: $(<"$daemon_log")"
    reevectl diff --root "$cg" "$policies" >/dev/null || fail "after $step: not as described"
    [[ ! -d $cg/old && -d $cg/new && $(value work/api pids.max) == 30 ]] || fail "after $step: not there"
    ((ended == 137)) || break
    killed=$((killed + 1))
  done
  ok "$call: killed before each of $((nth - 1))"
done
# A cgroup that was made but not marked yet is known as ours: it goes when nobody wants it any more.
for ((nth = 1; ; nth++)); do
  first
  once
  second
  strace -f -qq -o /dev/null -e trace=fsetxattr -e "inject=fsetxattr:signal=SIGKILL:when=$nth" \
    reeved --once --root "$cg" --policy-dir "$policies" --state-dir "$state" >/dev/null 2>&1
  ended=$?
  first
  once
  [[ ! -d $cg/new && ! -d $cg/work/api ]] || fail "killed before mark $nth: what nobody wants is still there"
  ((ended == 137)) || break
  killed=$((killed + 1))
done
ok "nothing is left behind by one killed before any of $((nth - 1)) marks"
expect_between "steps at which it was killed" "$killed" 20 2000
expect_false "nothing half written is left" compgen -G "$state/.*.new"
