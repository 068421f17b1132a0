# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: io.max holds O_DIRECT writes within 10 % of the rate
# needs: io disk
policy <<EOF
cgroups:
  batch:
    io.max: [{device: $disk, wbps: 2MiB/s}]
EOF
reeve_apply
expect_equal "io.max" "$(value batch io.max | grep -o 'wbps=[0-9]*')" "wbps=$((2 * 1024 * 1024))"
start_workload batch write "$disk" $((8 * 1024 * 1024)) 65536
wait_until 30 "8 MiB are written" grep -q wrote "$work/workload.$pid"
seconds=$(workload_says "$pid" | sed 's/.* in //')
expect_between "ms for 8 MiB at 2 MiB/s" "${seconds/./}" 3600 4400
