# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: what reeve did not make it does not remove, and values it never set it does not write
# needs: cpu pids
mkdir "$cg/foreign"
policy <<'EOF'
cgroups:
  web: {pids.max: 100}
EOF
reeve_apply
echo 300 >"$cg/web/cpu.weight"
policy <<'EOF'
cgroups:
  web: {pids.max: 200}
EOF
reeve_apply
expect_value web pids.max 200
expect_value web cpu.weight 300
expect_true "the foreign cgroup is there" test -d "$cg/foreign"
