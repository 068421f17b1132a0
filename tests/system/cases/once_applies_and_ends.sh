# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: reeved --once applies and ends
# needs: cpu
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
mkdir state
run 0 reeved --once --root "$cg" --policy-dir "$policies" --state-dir state --socket control.sock
expect_value web cpu.max "50000 100000"
expect_converged
