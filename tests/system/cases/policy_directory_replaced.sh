# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a policy directory moved away, replaced, mounted over, unmounted or emptied unleashes nobody and is followed
# needs: cpu mount
# fault: F34 F101
policy <<'END'
cgroups:
  web: {cpu.max: 0.1 cores}
END
start_daemon --settle 200ms
wait_until 5 "the first policy" value_is web cpu.max "10000 100000"

mv "$policies" "$work/away"
wait_until 5 "its absence is seen" log_has 'was here and is gone'
expect_value web cpu.max "10000 100000"
mkdir "$policies"
wait_until 5 "an empty one is held back" log_has 'HELD BACK by guard empty_set'
policy <<'END'
cgroups:
  web: {cpu.max: 0.2 cores}
END
wait_until 5 "the new directory is watched" value_is web cpu.max "20000 100000"
policy <<'END'
cgroups:
  web: {cpu.max: 0.3 cores}
END
wait_until 5 "and goes on being watched" value_is web cpu.max "30000 100000"

# A mount on top of it shows other files, or none; nothing in the directory itself changes.
mount -t tmpfs -o mode=755 none "$policies"
at_end umount -l "$policies"
policy <<'END'
cgroups:
  web: {cpu.max: 0.4 cores}
END
wait_until 5 "what was mounted is read" value_is web cpu.max "40000 100000"
umount "$policies"
wait_until 5 "what lay beneath is read" value_is web cpu.max "30000 100000"
rm "$policies"/*
sleep 1
expect_value web cpu.max "30000 100000"
