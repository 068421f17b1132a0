# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: whatever a tenant makes below its own cgroup, by number, depth and name, nothing of reeve slows down or breaks
# needs: cpu pids
# fault: F70 F107
# timeout: 120
policy <<'EOF'
cgroups:
  tenant: {pids.max: 500}
  web: {pids.max: 100}
EOF
ctl() { run "$1" reevectl "${@:2}" --socket "$socket"; }
start_daemon --settle 100ms
wait_until 10 "the limits are there" value_is tenant pids.max 500

# 300 beside each other, 60 deep, and names as bad as the kernel takes them.
for i in {1..300}; do echo "$cg/tenant/n$i"; done | xargs mkdir
mkdir -p "$cg/tenant/deep/$(printf "d/%.0s" {1..60})"
bad=("a b" $'esc\e[31mred' "käse-§" '=cmd|x' '"quoted"' $'tab\there' 'back\slash' "$(printf 'l%.0s' {1..250})" '{brace}' $'half\xc3')
for name in "${bad[@]}"; do mkdir "$cg/tenant/$name"; done
mkdir "$cg/"$'stranger\e[2J "x"'

echo 7 >"$cg/web/pids.max"
wait_until 5 "drift is repaired beside them" value_is web pids.max 100
echo 7 >"$cg/tenant/pids.max"
wait_until 5 "and in the tenant itself" value_is tenant pids.max 500

raw() { grep -q $'\e\|\x01' <<<"$output"; }
ctl 0 status
expect_false "no control byte reaches the terminal" raw
expect_output 'AS DESCRIBED'
run 0 reevectl status -o json --socket "$socket"
printf '%s' "$output" >status.json
output=''
expect_true "the JSON is one" python3 -m json.tool --no-ensure-ascii status.json /dev/null
ctl 0 plan
expect_output 'AS DESCRIBED'
ctl 0 explain tenant
expect_false "nor there" raw
ctl 0 report "$work/report.tar.gz"
reeve_plan 0
expect_output 'AS DESCRIBED'
for name in "${bad[@]}"; do expect_true "$(printf '%q' "${name:0:20}") is still there" test -d "$cg/tenant/$name"; done

# The tenant goes: what is below it is not ours to remove.
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
ctl '0|1|4' apply --accept max_remove
expect_true "what others made stays" test -d "$cg/tenant/n1"
ctl '0|1|4' status
expect_false "no control byte then either" raw
