# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a state directory or socket place that is missing, full, read-only or somebody else's is refused in words, or used for what it can do
# needs: pids mount
# fault: F95
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
try() {  # STATUS STATE SOCKET
  run "$1" timeout 20 reeved --root "$cg" --policy-dir "$policies" --state-dir "$2" --socket "$3" --settle 100ms \
    --web.listen-address "$listen"
}
echo plain >file
try '[1-9]*' "$work/file" "$socket"
expect_output 'file'
mkdir open && chmod 777 open
try '[1-9]*' "$work/open" "$socket"
expect_output 'open' 'write|may'
mkdir theirs && chown 12345 theirs
try '[1-9]*' "$work/theirs" "$socket"
expect_output 'theirs'
mkdir ro && mount -t tmpfs -o ro none ro
at_end umount "$work/ro"
try '[1-9]*' "$work/ro/state" "$socket"
expect_output '[Rr]ead-only'
try '[1-9]*' "$state" "$work/file/control.sock"
expect_output 'file'
expect_false "nothing was made by any of them" test -d "$cg/web"

# Full while it runs: limits go on, and it is said.
mkdir small && mount -t tmpfs -o size=64k none small
at_end umount "$work/small"
state=$work/small/state
start_daemon --settle 100ms
wait_until 10 "the limit is there" value_is web pids.max 100
dd if=/dev/zero of=small/full bs=4k 2>/dev/null
policy <<'EOF'
cgroups:
  web: {pids.max: 200}
EOF
wait_until 10 "limits follow the policy" value_is web pids.max 200
wait_until 10 "it says that it can not be kept" log_has 'No space left'
echo 7 >"$cg/web/pids.max"
wait_until 10 "drift is repaired" value_is web pids.max 200
expect_true "it runs" alive "$daemon"
rm small/full
policy <<'EOF'
cgroups:
  web: {pids.max: 300}
EOF
wait_until 10 "limits follow the policy" value_is web pids.max 300
stop_daemon KILL
start_daemon --settle 100ms
expect_true "what is kept is the last one" log_has 'in force again'
expect_value web pids.max 300
