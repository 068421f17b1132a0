# shellcheck shell=bash disable=SC2154  # the words of lib.sh
# what: every way in which programs save a file is one generation, and no temporary file is ever read
# needs: cpu
# fault: F35 F37
policy <<'END'
cgroups:
  web: {cpu.max: 0.1 cores}
END
file=$policies/10-case.yaml
start_daemon --settle 300ms
wait_until 5 "the first policy" value_is web cpu.max "10000 100000"
generations=1

# After a save the new value is there, and it took one generation.
saved() {  # HOW CPU.MAX
  wait_until 8 "$1: taken up" value_is web cpu.max "$2 100000"
  generations=$((generations + 1))
  expect_true "$1: in one generation" log_has "generation $generations accepted \(1 file changed\)"
  expect_false "$1: nothing was refused" log_has 'level=(error|warning)'
}
text() {  # CPU.MAX
  sed "s/0\.[0-9]* cores/$1 cores/" "$file"
}

sed -i 's/0.1 cores/0.2 cores/' "$file"
saved "sed -i" 20000
cat <<<"$(text 0.3)" >"$file"
saved "in place, as nano does" 30000
if command -v vim >/dev/null; then
  # Swap file, the probe 4913, a backup, a rename.
  HOME=$work vim -u NONE -es -c 'set nocp swapfile writebackup backup' -c '%s/0.3/0.4/' -c wq "$file" </dev/null
else
  text 0.4 >"$policies/.10-case.yaml.swp" && mv "$file" "$file~" && text 0.4 >"$file"
fi
saved "vim" 40000
if command -v rsync >/dev/null; then
  mkdir "$work/source"
  text 0.51 >"$work/source/10-case.yaml"
  rsync -a --inplace "$work/source/" "$policies/"
  saved "rsync --inplace" 51000
  text 0.5 >"$work/source/10-case.yaml"
  rsync -a "$work/source/" "$policies/"
else
  text 0.51 >"$policies/.10-case.yaml.Xq3zTc" && mv "$policies/.10-case.yaml.Xq3zTc" "$file"
  saved "rsync --inplace" 51000
  text 0.5 >"$policies/.10-case.yaml.Xq3zTd" && mv "$policies/.10-case.yaml.Xq3zTd" "$file"
fi
saved "rsync" 50000
# What the template and copy modules of Ansible do.
text 0.6 >"$policies/.ansible_tmpv3u8x10-case.yaml"
mv "$policies/.ansible_tmpv3u8x10-case.yaml" "$file"
saved "Ansible" 60000
text 0.7 >"$file.dpkg-new" && mv "$file" "$file.dpkg-old" && mv "$file.dpkg-new" "$file"
saved "dpkg" 70000

# A slow writer: each part stands there for a while, shorter than the quiet time.
head=$(sed -n 1,3p "$file")
so_far=''
for part in "$head" cgroups: '  web: {cpu.max: 0.8'; do
  so_far+=$part$'\n'
  printf %s "$so_far" >"$file"
  sleep 0.2
done
text_of_slow=${so_far%$'\n'}
echo "$text_of_slow cores}" >"$file"
saved "a slow writer" 80000

# Half a file for longer than that is a load error, or means what it says; nothing is lost meanwhile.
echo "$text_of_slow" >"$file"
wait_until 5 "half a file is no policy" log_has 'can not be used'
expect_value web cpu.max "80000 100000"
run 1 reevectl status -q --socket "$socket"
expect_output 'LOAD FAILED'
echo "$text_of_slow cores}" >"$file"
wait_until 5 "it is whole again" log_has 'what is in force again'
run 0 reevectl status -q --socket "$socket"

# Somebody writes there all the time; what stands still is taken up all the same.
(while sleep 0.05; do echo x >>"$policies/notes.yaml~"; done) &
noise=$!
at_end kill $noise
echo "${text_of_slow/0.8/0.9} cores}" >"$file"
wait_until 8 "unrest is no reason to wait for ever" value_is web cpu.max "90000 100000"
