# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a clamp takes a process tree from wherever it is, and brings everybody back in time, also after a restart
# needs: cpu memory pids
policy <<'EOF'
cgroups:
  web: {pids.max: 500}
EOF
ctl() { run "$1" reevectl "${@:2}" --socket "$socket"; }
cgroup_of() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
is_in() { [[ $(cgroup_of "$1") == */"$2" ]]; }
start_daemon --settle 100ms
wait_until 10 "the limits are there" value_is web pids.max 500

# A stranger's tree, outside of what reeve governs: a shell with two children.
outside=$RIG_CGROUP/stranger-$$
mkdir "$outside"
at_end bash -c "echo 1 >$outside/cgroup.kill; sleep 0.3; rmdir $outside"
bash -c "echo \$\$ >$outside/cgroup.procs; sleep 300 & sleep 300 & wait" &
job=$!
disown "$job"
workloads+=("$job")
has_two_children() { (($(pgrep -c -P "$job") == 2)); }
wait_until 10 "it has two children" has_two_children
mapfile -t children <<<"$(pgrep -P "$job")"
workloads+=("${children[@]}")

ctl 0 clamp --pid "$job" --tree cpu.max='0.5 cores' memory.high=64MiB --for 1h --why INC-9001
expect_output "^3 processes \(bash\) -> clamp-$job: cpu.max 0.5 cores, memory.high 64MiB" \
  '^!escape They leave /.*stranger' '^!lost' "release clamp-$job"
expect_value "clamp-$job" cpu.max '50000 100000'
for one in "$job" "${children[@]}"; do expect_true "$one is in the clamp" holds "clamp-$job" "$one"; done
ctl 1 clamp --pid "$job" pids.max=5 --for 1h --why again
expect_output 'there is a cgroup .clamp-'
ctl 0 status
expect_output "clamp-$job"

ctl 0 release "clamp-$job"
for one in "$job" "${children[@]}"; do wait_until 5 "$one is back" is_in "$one" "stranger-$$"; done
wait_until 5 "the cgroup is gone" test ! -e "$cg/clamp-$job"

# In time, although the daemon was killed and started again meanwhile.
ctl 0 clamp --pid "${children[0]}" pids.max=7 --for 4s --why INC-9002
expect_true "only the one named" is_in "${children[1]}" "stranger-$$"
stop_daemon KILL
start_daemon --settle 100ms
expect_true "it stays in over the restart" holds "clamp-${children[0]}" "${children[0]}"
wait_until 10 "it is back by itself" is_in "${children[0]}" "stranger-$$"
wait_until 5 "the cgroup is gone" test ! -e "$cg/clamp-${children[0]}"

# Its time is over while nobody is there.
ctl 0 clamp --pid "${children[0]}" pids.max=7 --for 2s --why INC-9003
stop_daemon KILL
sleep 2
start_daemon --settle 100ms
wait_until 10 "it is back at the start" is_in "${children[0]}" "stranger-$$"

# Stop, think, let go.
ctl 0 freeze --pid "$job" --tree --for 1h --why look
expect_value "clamp-$job" cgroup.freeze 1
wait_until 5 "it stands still" grep -q 'frozen 1' "$cg/clamp-$job/cgroup.events"
ctl 0 release "clamp-$job"
wait_until 5 "it is back" is_in "$job" "stranger-$$"

# Refused, with nothing done.
ctl 3 clamp --pid 4194000 pids.max=5 --for 1h --why x
expect_output 'is not there'
ctl 4 clamp --pid 1 pids.max=5 --for 1h --why x
expect_output 'the first process of all'
ctl 4 clamp --pid "$daemon" pids.max=5 --for 1h --why x
expect_output 'reeve itself'
ctl 1 clamp --pid "$job" pids.mx=5 --for 1h --why x
expect_output 'R0101'
expect_true "nothing is left by hand" test -z "$(ls "$state/by-hand.d")$(ls "$state/clamps")"
