# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: reeved --check judges a temporary file as the daemon would, as nobody, below a chroot without cgroupfs, with fixed exit codes
# needs: cpu mount
# fault: F106
# The way of ansible.builtin.template and Puppet's validate_cmd: a temporary name, another directory, %s.
good=$work/.ansible_tmp4711reeve.yaml
bad=$work/20-people.yaml20261122-1-x8k2
printf 'apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: t}\ncgroups: {web: {cpu.max: 0.5 cores}}\n' >"$good"
printf 'apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: t}\ncgroups: {web: {cpu.mx: 0.5 cores}}\n' >"$bad"
chmod 644 "$good" "$bad"
chmod 755 "$work"
reeved=$(command -v reeved)
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
run 0 as_nobody "$reeved" --check "$good"
run 1 as_nobody "$reeved" --check "$bad"
expect_output '20-people.yaml20261122-1-x8k2:4:[0-9]+: error' 'cpu\.max'
run 1 as_nobody "$reeved" --check "$work/nosuch.yaml"
run 64 as_nobody "$reeved" --chekc "$good"

# What nobody governs and nobody mounted: the same verdicts.
mount -t tmpfs none /sys/fs/cgroup
at_end umount /sys/fs/cgroup
run 0 as_nobody "$reeved" --check "$good"
run 1 as_nobody "$reeved" --check "$bad"
umount /sys/fs/cgroup

# And the daemon's own.
cp "$good" "$policies/10-case.yaml"
start_daemon --settle 100ms
expect_value web cpu.max "50000 100000"
cp "$bad" "$policies/10-case.yaml"
wait_until 5 "the same verdict" log_has '10-case.yaml:4:[0-9]+.*cpu\.mx'
expect_value web cpu.max "50000 100000"
