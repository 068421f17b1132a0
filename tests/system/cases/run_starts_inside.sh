# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: reevectl run starts a command inside the cgroup, and ends with its exit status
# needs: cpu
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
reeve_apply
run 0 reevectl run --root "$cg" web -- reeve_workload where
expect_output "^0::.*/${cg##*/}/web\$"
run 7 reevectl run --root "$cg" web -- sh -c 'exit 7'
run 127 reevectl run --root "$cg" web -- /no/such/program
run '3|125' reevectl run --root "$cg" nowhere -- true
