# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: memory.low below a managed root that has none protects nothing; doctor says how to mend it
# needs: memory
policy <<'EOF'
cgroups:
  db: {memory.low: 64MiB}
EOF
reeve_apply
run '0|1' reevectl doctor --root "$cg" "$policies" -o json
expect_output "memory\\.low: $cg has 0 bytes .*case\\.yaml:5 wants 67108864 bytes" \
  "echo 67108864 > $cg/memory\\.low" 'memory\.min: .*\(unused\)'

echo 67108864 >"$cg/memory.low"
run '0|1' reevectl doctor --root "$cg" "$policies" -o json
expect_output 'memory\.low: .*has 67108864 bytes'
expect_no_output 'wants 67108864 bytes'
