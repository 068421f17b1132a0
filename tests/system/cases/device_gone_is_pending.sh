# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a device that is not there leaves its key pending; the rest is applied
# needs: io cpu disk
# fault: F77
policy <<EOF
cgroups:
  batch:
    cpu.max: 0.5 cores
    io.max:
      - {device: /dev/disk/by-id/gone, wbps: 1MiB/s}
      - {device: $disk, wbps: 2MiB/s}
EOF
reeve_plan 0
expect_output 'NOT YET' '/dev/disk/by-id/gone'
reeve_plan 0 -o json
expect_output '"kind": *"pending"'
reeve_apply 0
expect_output 'not possible here' '/dev/disk/by-id/gone'
expect_value batch cpu.max "50000 100000"
expect_equal "io.max" "$(value batch io.max | grep -o 'wbps=[0-9]*')" "wbps=$((2 * 1024 * 1024))"
reeve_apply 0 -o json
expect_output '"changed": *false'
