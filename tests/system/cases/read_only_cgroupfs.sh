# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: on a read-only cgroupfs plan works, apply and reeved refuse with exit status 4
# needs: cpu mount
# fault: F65
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
mkdir ro
mount --bind "$RIG_CGROUP" ro
mount -o remount,bind,ro ro
at_end umount "$work/ro"
root=$work/ro/${cg##*/}

run 0 reevectl plan --root "$root" "$policies"
expect_output 'web' 'cpu\.max'
run 4 reevectl apply --root "$root" "$policies"
expect_output '[Rr]ead-only'
mkdir state
run 4 timeout 20 reeved --root "$root" --policy-dir "$policies" --state-dir state \
  --socket control.sock --web.listen-address "$listen"
expect_output '[Rr]ead-only'
expect_false "nothing was made" test -d "$cg/web"
