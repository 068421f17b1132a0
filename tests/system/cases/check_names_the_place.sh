# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: check says file, line and column with a caret and the likely spelling, without root or kernel
policy <<'EOF'
cgroups:
  web: {memory.mx: 64MiB}
EOF
run 1 reevectl check "$policies/10-case.yaml"
expect_output '10-case\.yaml:5:9: error\[R[0-9]+\]' 'memory\.max' '\^'
run 1 reevectl check "$policies"
run 1 reeved --check "$policies/10-case.yaml"
run 1 reevectl check -o json "$policies/10-case.yaml"
expect_output '"line": *5'

policy <<'EOF'
cgroups:
  web: {memory.max: 64MiB}
EOF
run 0 reevectl check "$policies/10-case.yaml"
expect_output '^OK'
run 64 reevectl check --no-such-option
