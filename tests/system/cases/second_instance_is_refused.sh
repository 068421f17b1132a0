# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a second reeve on the same tree, or with the same state or socket, says who is there and leaves it alone
# needs: cpu
# fault: F9
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
start_daemon --settle 100ms
wait_until 5 "the first" value_is web cpu.max "50000 100000"

# The same tree, by whatever name, with everything else of its own.
mkdir other other.d
cp "$policies/10-case.yaml" other.d
sed -i 's/0.5/0.7/' other.d/10-case.yaml
ln -s "$cg" tree
listen2=127.0.0.1:$((${listen##*:} + 1))
for root in "$cg" "$work/tree"; do
  run 4 timeout 20 reeved --root "$root" --policy-dir "$work/other.d" --state-dir "$work/other" \
    --socket "$work/other.sock" --web.listen-address "$listen2" --settle 100ms
  expect_output "another reeve.*\\(pid $daemon\\)"
done
run 4 timeout 20 reeved --once --root "$cg" --policy-dir "$work/other.d" --state-dir "$work/other"
expect_output "another reeve.*\\(pid $daemon\\)"
run 4 reevectl apply --offline --root "$cg" "$work/other.d"
expect_output 'another reeve'

# Another tree, but the same books; then another state, but the same socket.
mkdir "$cg-apart"
at_end rmdir "$cg-apart"
run 4 timeout 20 reeved --root "$cg-apart" --policy-dir "$work/other.d" --state-dir "$state" \
  --socket "$work/other.sock" --web.listen-address "$listen2"
expect_output 'another reeved keeps its generations here'
run "1|4" timeout 20 reeved --root "$cg-apart" --policy-dir "$work/other.d" --state-dir "$work/other" \
  --socket "$socket" --web.listen-address "$listen2" --settle 100ms
expect_output "$socket"
expect_true "nothing was done there" test ! -d "$cg-apart/web"

sleep 0.5
expect_value web cpu.max "50000 100000"
ctl "0|1" status
echo max >"$cg/web/cpu.max"
wait_until 5 "the first one goes on" value_is web cpu.max "50000 100000"
stop_daemon
expect_equal "exit status of the first" "$status" 0
