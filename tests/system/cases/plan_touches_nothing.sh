# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: plan and diff show what would be done, and do nothing
# needs: cpu
before=$(show_tree; cat "$cg/cgroup.subtree_control")
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
reeve_plan 0
expect_output 'web' 'cpu\.max' '0\.5 cores' '10-case\.yaml:5' 'Nothing was changed|Plan: 1 to create'
reeve_diff 1
expect_equal "the tree" "$(show_tree; cat "$cg/cgroup.subtree_control")" "$before"
