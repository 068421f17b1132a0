# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a frozen cgroup that leaves the policy lets its processes go on, wherever they end up
# needs: cpu freezer pids
# fault: F72
freeze() {
  policy <<'EOF'
cgroups:
  batch: {cgroup.freeze: true, cgroups: {inner: {pids.max: 9}}}
  web: {pids.max: 100}
EOF
}
thawed() { [[ $(sed 's/.*) //' "/proc/$1/stat") == [RS]* && $(sed -n 's/^0:://p' "/proc/$1/cgroup") != */batch* ]]; }
freeze
start_daemon --settle 100ms
wait_until 10 "it is there" value_is batch cgroup.freeze 1
start_workload batch/inner busy
sleeper=$pid
wait_until 10 "it stands still" key_at_least batch/inner cgroup.events frozen 1
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
run '0|1|4' reevectl apply --accept max_remove --socket "$socket"
wait_until 10 "the cgroup is gone" test ! -e "$cg/batch"
expect_true "its process goes on" alive "$sleeper"
used() { awk '{print $14 + $15}' "/proc/$sleeper/stat"; }
before=$(used)
runs() { (($(used) > before)); }
wait_until 10 "and uses the CPU" runs
