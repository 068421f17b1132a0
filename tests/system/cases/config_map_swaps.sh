# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: a Kubernetes volume swapped in a loop is never read as a mix of two sets, and the last one counts
# needs: cpu
# fault: F36
# Both files of a set say the same number; the second would hide a mix by itself.
for number in 1 2; do
  mkdir "$policies/..$number"
  for name in a b; do
    printf 'apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: %s}\ncgroups: {%s: {cpu.weight: %s00}}\n' \
      $name $name $number >"$policies/..$number/$name.yaml"
  done
done
swap() {  # NUMBER
  ln -s "..$1" "$policies/..data_tmp"
  mv -T "$policies/..data_tmp" "$policies/..data"
}
swap 1
ln -s ..data/a.yaml "$policies/a.yaml"
ln -s ..data/b.yaml "$policies/b.yaml"
start_daemon --settle 20ms
wait_until 5 "the first set" value_is a cpu.weight 100
# As fast as it can; each set has a name of its own and the old one is removed, as kubelet does.
python3 - "$policies" "$work/enough" <<'END' &
import itertools, os, shutil, sys
os.chdir(sys.argv[1])
for i in itertools.count():
    if i % 2 == 0 and i >= 1500 and os.path.exists(sys.argv[2]):
        break
    old = os.readlink("..data")
    new = f"..set{i}"
    shutil.copytree("..2" if i % 2 == 0 else "..1", new)
    os.symlink(new, "..data_tmp")
    os.rename("..data_tmp", "..data")
    if old.startswith("..set"):
        shutil.rmtree(old)
END
swapper=$!
at_end kill $swapper
generations_reach() { (($(reevectl history --socket "$socket" -o json | grep -c '"policy_hash"') >= $1)); }
wait_until 40 "sets are taken up meanwhile" generations_reach 4
touch "$work/enough"
expect_true "the swaps end" wait $swapper
expect_true "the daemon goes on" alive "$daemon"
swap 2
last_set() { value_is a cpu.weight 200 && value_is b cpu.weight 200; }
wait_until 5 "the last set" last_set
run 0 reevectl history --socket "$socket" -o json
expect_equal "different sets that were ever in force" \
  "$(grep -o '"policy_hash": "[^"]*"' <<<"$output" | sort -u | wc -l)" 2
expect_false "nothing was refused" log_has 'level=error'
