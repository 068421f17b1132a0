# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: strangers get no answer, members of reeve read, those of reeve-admin and root change; refusals are logged
# needs: cpu mount
# fault: F110
printf 'reeve:x:64711:\nreeve-admin:x:64712:\n' >>/etc/group || skip "groups can not be made here"
policy <<'YAML'
cgroups: {web: {cpu.max: 0.5 cores}}
YAML
start_daemon
wait_until 10 "cpu.max is set" value_is web cpu.max "50000 100000"
expect_equal "the socket" "$(stat -c '%A %U %G' "$socket")" "srw-rw---- root reeve"

# Of user 1234, in these groups only.
as() {  # GROUPS STATUS VERB ARGUMENT...
  local groups=--groups=$1
  [[ $1 == none ]] && groups=--clear-groups
  run "$2" setpriv --reuid=1234 --regid=1234 "$groups" reevectl "${@:3}" --socket "$socket"
}

as none 4 status
expect_output 'reeve'
as none 4 hold --for 1h --why x
as 64711 0 status
expect_output 'AS DESCRIBED'
as 64711 0 plan
for change in 'hold --for 1h --why x' 'apply' 'undo' 'set web cpu.max=max --for 1h --why x' 'kill web --yes'; do
  # shellcheck disable=SC2086  # words
  as 64711 4 $change
done
wait_until 5 "the refusals are logged, with the uid" log_has 'audit: hold .*refused .403.; by .*uid 1234'
as 64712 0 status
as 64712 0 set web cpu.max=max --for 1h --why INC-7
expect_value web cpu.max "max 100000"
as 64712 0 release set-web
wait_until 10 "the policy's value is back" value_is web cpu.max "50000 100000"
as 64712 0 history
expect_output 'uid 1234'
ctl 0 history

# Over TCP nobody is known, so nobody is answered.
expect_false "no status over TCP" scrape /v1/status
expect_true "the probe is for everybody" scrape /-/healthy
