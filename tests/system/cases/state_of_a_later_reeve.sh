# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: state that a later reeve wrote is neither used nor lost, and going back to the later one finds it
# needs: cpu
# fault: F10
policy <<'EOF'
cgroups:
  web: {cpu.max: 0.5 cores}
EOF
start_daemon --settle 100ms
wait_until 5 "the first" value_is web cpu.max "50000 100000"
workload web hold
ctl 0 hold --for 1h --why INC-1
stop_daemon
cp -a "$state" ours

# What the later one keeps differs in its first line only, as far as we can tell.
for file in "$state"/last-good "$state"/generation-1; do sed -i '1s/1$/2/' "$file"; done
sed -i 's/"reeve books 1"/"reeve books 2"/' "$state/books"
cp -a "$state" theirs

# With a policy that can be used, that is in force; what was set meanwhile stays.
start_daemon --settle 100ms
expect_true "it says that it can not read the books" log_has 'books.*begin anew'
expect_true "and that it keeps them" log_has 'books is kept as books.unreadable'
expect_true "the set likewise" log_has 'last-good is kept as last-good.unreadable'
expect_value web cpu.max "50000 100000"
expect_true "the workload lives" holds web "$pid"
stop_daemon
for file in books last-good; do
  expect_true "$file is as it was written" cmp "$state/$file.unreadable" "theirs/$file"
done

# Without one nothing is in force, and nothing is taken away.
rm -r "$state"
cp -a theirs "$state"
echo 'cgroups: [' >"$policies/10-case.yaml"
start_daemon --settle 100ms
expect_value web cpu.max "50000 100000"
expect_true "the workload lives" holds web "$pid"
run 1 reevectl status -q --socket "$socket"
expect_output 'LOAD FAILED'
stop_daemon

# The later one, again: here ourselves, with what we kept.
rm -r "$state"
cp -a ours "$state"
start_daemon --settle 100ms
expect_true "its generation is in force again" log_has 'generation 1 .* is in force again'
ctl "0|1" status
expect_output 'INC-1'
