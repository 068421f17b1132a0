# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: the rig's kernel holds a busy loop to cpu.max, written by hand
# needs: cpu
make_cgroup web cpu
workload web busy
expect_cpu web 2 700 1050
echo "50000 100000" >"$cg/web/cpu.max"
expect_cpu web 5 480 520
