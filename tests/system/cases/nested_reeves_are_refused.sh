# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a reeve inside or around another one's tree is refused, unless the tree was left to it
# needs: cpu pids
# fault: F104
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
  tenant: {pids.max: 500}
EOF
start_daemon --settle 100ms
outer=$daemon
wait_until 5 "the first" value_is web cpu.max "50000 100000"

mkdir inner.d inner
printf 'apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: inner}\ncgroups: {job: {pids.max: 7}}\n' \
  >inner.d/10-inner.yaml
other=(--policy-dir "$work/inner.d" --state-dir "$work/inner" --socket "$work/inner.sock" --settle 100ms
  --web.listen-address "127.0.0.1:$((${listen##*:} + 1))")

# Inside, however deep.
run 4 timeout 20 reeved --root "$cg/tenant" "${other[@]}"
expect_output "$cg: another reeve \\(pid $outer\\) governs this tree, which the managed root lies in"
run 4 timeout 20 reeved --once --root "$cg/web" "${other[@]}"
run 4 reevectl apply --offline --root "$cg/tenant" inner.d
expect_output "another reeve \\(pid $outer\\)"
expect_false "nothing was made" test -d "$cg/tenant/job"

# Beside is free.
mkdir "$cg-beside"
at_end rmdir "$cg-beside"
at_end rmdir "$cg-beside/job"
run 0 timeout 20 reeved --once --root "$cg-beside" "${other[@]}"
expect_equal "beside" "$(cat "$cg-beside/job/pids.max")" 7

# Told that the tree was left to it: each keeps his own, and what is inside is a stranger's to the outer one.
reeved --nested --root "$cg/tenant" "${other[@]}" >inner.log 2>&1 &
inner=$!
at_end kill -KILL "$inner"
wait_until 10 "the inner one" value_is tenant/job pids.max 7
echo 9 >"$cg/tenant/job/pids.max"
echo max >"$cg/tenant/pids.max"
wait_until 10 "the outer one repairs its own" value_is tenant pids.max 500
wait_until 10 "the inner one repairs its own" value_is tenant/job pids.max 7
ctl 0 status
stop_daemon
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.7 cores}
  tenant: {pids.max: 400}
EOF
start_daemon --settle 100ms
wait_until 10 "the outer one goes on" value_is tenant pids.max 400
expect_value tenant/job pids.max 7
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.7 cores}
EOF
ctl "0|1|4" apply --accept max_remove
wait_until 10 "what it no longer names is lifted" value_is tenant pids.max max
expect_value tenant/job pids.max 7
stop_daemon

# Around: the one inside was there first and did not say that it is nested.
kill "$inner"
wait "$inner" 2>/dev/null
reeved --root "$cg/tenant" "${other[@]}" >inner.log 2>&1 &
inner=$!
at_end kill -KILL "$inner"
wait_until 10 "the inner one again" grep -q 'ready' inner.log
run 4 timeout 20 reeved --root "$cg" --policy-dir "$policies" --state-dir "$state" --socket "$socket"
expect_output "$cg: another reeve \\(pid $inner\\) governs a tree inside this managed root"
run 0 reevectl doctor --root "$cg"
expect_output 'no reeved runs on this managed root'
kill -KILL "$inner"
wait "$inner" 2>/dev/null
start_daemon --settle 100ms
wait_until 5 "with nobody inside it governs" value_is web cpu.max "70000 100000"
