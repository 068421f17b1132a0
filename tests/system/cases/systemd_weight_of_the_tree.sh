# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: tree: in reeved.yaml sets the weight of reeve.slice and hands hugetlb down; both outlive what systemd does
# needs: systemd package cpu pids
# long: yes
# fault: F63
# timeout: 300
install_package
slice=/sys/fs/cgroup/reeve.slice
with_tree() { # YAML
  printf '%s\n' "$1" >/etc/reeve/reeved.yaml
  run 0 systemctl restart reeved
}
slice_is() { [[ $(cat "$slice/$1") == "$2" ]]; }  # FILE TEXT
has_hugetlb() { grep -qw hugetlb "$cg/cgroup.controllers"; }
expect_equal "weight without a word" "$(cat $slice/cpu.weight)" 100
expect_false "hugetlb is not handed down by itself" has_hugetlb

run 0 systemctl set-property --runtime reeve.slice IOWeight=70
with_tree 'tree: {cpu.weight: 300, memory.low: 16MiB, delegate: [hugetlb]}'
wait_until 20 "the slice has its weight" slice_is cpu.weight 300
wait_until 20 "and its memory" slice_is memory.low 16777216
expect_equal "systemd says the same" "$(systemctl show --property=CPUWeight --value reeve.slice)" 300
expect_true "hugetlb is handed down" has_hugetlb
policy 10-web <<'EOF'
cgroups:
  web: {hugetlb.2MB.max: 4MiB, pids.max: 100}
EOF
run 0 systemctl reload reeved
expect_value web hugetlb.2MB.max 4194304
workload web hold

for verb in daemon-reload daemon-reexec reset-failed 'set-property --runtime reeve-tree.scope CPUWeight=50'; do
  # shellcheck disable=SC2086  # words
  run 0 systemctl $verb
  expect_equal "$verb: weight" "$(cat $slice/cpu.weight)" 300
  expect_value web hugetlb.2MB.max 4194304
  expect_true "$verb: the workload is where it was" holds web "$pid"
done
run 0 reevectl status --quiet

with_tree '# nothing'
wait_until 20 "what is taken out goes back" slice_is cpu.weight 100
wait_until 20 "memory too" slice_is memory.low 0
expect_equal "what somebody else set stays" "$(systemctl show --property=IOWeight --value reeve.slice)" 70

# Without the daemon the verbs find the tree as well, and `--once` makes one that is not there.
run 0 systemctl stop reeved.service reeved.socket
run 0 reevectl plan --offline
expect_output 'AS DESCRIBED'
echo 1 >"$cg/cgroup.kill"
tree_is_gone() { [[ ! -e $cg ]]; }
wait_until 20 "the tree is gone" tree_is_gone
run '1|4|64' reevectl plan --offline
run 0 reeved --lift
expect_output 'NOTHING TO LIFT'
run 0 reeved --once
expect_value web pids.max 100
run 0 reeved --lift
expect_value web pids.max max
