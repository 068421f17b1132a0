# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a reeved whose managed root was removed says so and ends, so that it is started on another
# needs: pids
# fault: F64
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
start_daemon
wait_until 10 "pids.max is set" value_is web pids.max 100
watched=$daemon
kill -STOP "$watched"  # or it would make web again in between
run 0 rmdir "$cg/web" "$cg"
kill -CONT "$watched"
wait_until 20 "reeved ends" dead "$watched"
wait "$watched"
expect_equal "exit status of reeved" $? 1
daemon=''
expect_true "the log says why" log_has 'the managed root was removed'
