# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a policy directory that stops to answer holds up neither reeved, its end, nor its next start
# needs: cpu mount
# fault: F102
# timeout: 120
modprobe fuse 2>/dev/null
[[ -e /dev/fuse ]] || skip "this kernel has no FUSE"
mkdir fuse source
at_end umount -l "$work/fuse"
policies=$work/source
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
workload . fuse "$work/fuse" "$policies/10-case.yaml"
server=$pid
policies=$work/fuse
expect_true "the policy is read from there" grep -q 0.5 "$policies/10-case.yaml"

start_daemon
wait_until 10 "cpu.max is set" value_is web cpu.max "50000 100000"
expect_true "changes there are looked for" log_has 'fuse does not tell of changes; .* every 10 s'

kill -USR1 "$server"
kill -HUP "$daemon"
wait_until 20 "reeved says what hangs" log_has 'fuse: not read within 5 s: .*what is in force stays'
stuck() { grep -qE '^[0-9]+ \(reeved\) D' /proc/[0-9]*/stat; }
not_stuck() { ! stuck; }
expect_true "the reader can not be killed" stuck
echo max >"$cg/web/cpu.max"
wait_until 10 "drift is put back" value_is web cpu.max "50000 100000"

stop_daemon
expect_equal "exit status of reeved" "$status" 0
expect_true "the reader is still there" stuck
start_daemon
expect_true "the last good set is in force" log_has 'generation 1 .* is in force again'
echo max >"$cg/web/cpu.max"
wait_until 10 "the next reeved puts drift back" value_is web cpu.max "50000 100000"

kill -KILL "$server"
wait_until 20 "the readers end with their file system" not_stuck
