# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: CPUs of a partition that reeve made are still the managed root's: the second plan is empty
# needs: cpuset smp2
# The managed root becomes a partition itself, because only there may others be made on 6.1; the CPU
# that is left is what the hierarchy's own processes need.
echo 1 >"$cg/cpuset.cpus"
echo root >"$cg/cpuset.cpus.partition"
expect_value . cpuset.cpus.partition root

policy <<'EOF'
cgroups:
  realtime: {cpuset.cpus: "1,5", cpuset.cpus.partition: root}
EOF
reeve_apply
expect_output 'the managed root has no CPU 5, only 1'
expect_value realtime cpuset.cpus.partition root
expect_value . cpuset.cpus.effective ""

run 0 reevectl facts --root "$cg" -o json
expect_output '"cpu_ids": "1"' '"memory_nodes": "0"' '"cpus": 1'
reeve_apply 0 -o json
expect_output '"changed": *false'
expect_value realtime cpuset.cpus 1
expect_value realtime cpuset.cpus.partition root
