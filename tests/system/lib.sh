# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The words that the cases of tests/system are written in. A case is bash that reads from top to
# bottom; the first expectation that does not hold ends it and shows what was the matter.
#
#   $cg            the managed root of this case: a fresh cgroup, every controller at hand
#   $work          an empty directory of this case
#   $policies      the directory that `policy` writes to
#   $output        what the last `run` printed (both streams), $status its exit status
#   $pid           the last program that `workload` started
#   $disk          an empty block device of 64 MiB, or what the case asks for (needs: disk)
#   $listen        a loopback address for reeved

case_name=${1##*/}
case_name=${case_name%.sh}
work=/tmp/case-$case_name
[[ $RIG_TIER == native ]] && work=$RIG_DIR/case-$case_name
cg=$RIG_CGROUP/reeve-$case_name
policies=$work/policy.d
state=$work/state
socket=$work/control.sock
daemon_log=$work/reeved.log
listen=127.0.0.1:$((20000 + $$ % 20000))
# shellcheck disable=SC2034  # for the cases
disk=$RIG_DISK
output='' status=0 pid='' daemon='' expectations=0 workloads=() endings=()

# --- Outcome -----------------------------------------------------------------------------------

skip() {  # REASON
  echo "$*"
  exit 77
}

# Ends the case. The caller is the expectation; the line shown is the case's own.
fail() {  # MESSAGE
  local frame=0
  while [[ ${BASH_SOURCE[frame + 1]-} == *lib.sh ]]; do frame=$((frame + 1)); done
  echo "$case_name.sh:${BASH_LINENO[frame]}: $*"
  describe_world
  exit 1
}

ok() {
  expectations=$((expectations + 1))
  echo "ok: $*"
}

describe_world() {
  local file
  [[ $output ]] && indent "output of the last command (exit $status)" "$output"
  for file in "$policies"/*; do
    [[ -f $file ]] && indent "${file##*/}" "$(cat "$file")"
  done
  [[ -f $daemon_log ]] && indent "the end of reeved's log" "$(tail -n 20 "$daemon_log")"
  [[ $policies == /etc/* ]] && indent "the end of the journal" "$(journalctl --output=short-precise --quiet --lines=40)"
  [[ -d $cg ]] && indent "cgroups" "$(show_tree)"
}

indent() {  # TITLE TEXT
  echo "-- $1"
  printf '   %s\n' "${2//$'\n'/$'\n'   }"
}

show_tree() {
  local dir
  find "$cg" -type d | sort | while read -r dir; do
    printf '%s: procs [%s] controllers [%s]\n' "${dir#"$RIG_CGROUP/"}" \
      "$(tr '\n' ' ' <"$dir/cgroup.procs" 2>/dev/null)" "$(cat "$dir/cgroup.controllers" 2>/dev/null)"
  done
}

# --- Expectations ------------------------------------------------------------------------------

expect_equal() {  # WHAT GOT WANTED
  [[ $2 == "$3" ]] || fail "$1 is '$2', wanted '$3'"
  ok "$1 is '$2'"
}

expect_between() {  # WHAT GOT LOW HIGH
  ((${2:--1} >= $3 && ${2:--1} <= $4)) || fail "$1 is '$2', wanted $3 to $4"
  ok "$1 is $2 ($3 to $4)"
}

expect_true() {  # WHAT COMMAND...
  local what=$1
  shift
  "$@" || fail "not so: $what ($*)"
  ok "$what"
}

expect_false() {  # WHAT COMMAND...
  local what=$1
  shift
  ! "$@" || fail "not so: $what ($*)"
  ok "$what"
}

# An extended regular expression, in what the last `run` printed.
expect_output() {  # REGEX...
  local regex
  for regex in "$@"; do
    grep -Eq -- "$regex" <<<"$output" || fail "the output does not have /$regex/"
    ok "the output has /$regex/"
  done
}

expect_no_output() {  # REGEX
  ! grep -Eq -- "$1" <<<"$output" || fail "the output has /$1/"
  ok "the output has no /$1/"
}

# Runs a command; its exit status is part of the contract. STATUS is a number, or several: "0|1".
run() {  # STATUS COMMAND...
  local wanted=$1
  shift
  output=$("$@" 2>&1)
  status=$?
  [[ $status =~ ^($wanted)$ ]] || fail "exit status $status, wanted $wanted: $*"
  ok "exit status $status: ${*##*/}"
}

# Polls: nothing in here may depend on how long something takes, only on that it comes.
wait_until() {  # SECONDS WHAT COMMAND...
  local deadline=$(($(now_us) + $1 * 1000000)) what=$2 seconds=$1
  shift 2
  until "$@"; do
    (($(now_us) < deadline)) || fail "not within $seconds s: $what ($*)"
    sleep 0.05
  done
  ok "$what"
}

now_us() { echo "${EPOCHREALTIME/[.,]/}"; }

# --- Interface files ---------------------------------------------------------------------------

# `value web cpu.max`, or `value web cpu.stat usage_usec` for one key of a flat-keyed file.
value() {  # CGROUP FILE [KEY]
  local file=$cg/$1/$2
  if (($# == 2)); then
    cat "$file" 2>/dev/null
  else
    awk -v key="$3" '$1 == key {print $2}' "$file" 2>/dev/null
  fi
}

expect_value() {  # CGROUP FILE WANTED
  expect_equal "$1 $2" "$(value "$1" "$2")" "$3"
}

value_is() {  # CGROUP FILE WANTED
  [[ $(value "$1" "$2") == "$3" ]]
}

key_at_least() {  # CGROUP FILE KEY NUMBER
  (($(value "$1" "$2" "$3") >= $4))
}

holds() {  # CGROUP PID
  grep -qx "$2" "$cg/$1/cgroup.procs" 2>/dev/null
}

alive() {  # PID
  local state
  state=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) && [[ $state && ${state:0:1} != [ZX] ]]
}

dead() { ! alive "$1"; }

# CPU used by a cgroup over some seconds, in per mille of one CPU.
cpu_permille() {  # CGROUP SECONDS
  local from_us from_usage
  from_us=$(now_us)
  from_usage=$(value "$1" cpu.stat usage_usec)
  sleep "$2"
  echo $((($(value "$1" cpu.stat usage_usec) - from_usage) * 1000 / ($(now_us) - from_us)))
}

# The same within bounds, in one of several tries: a guest's CPU is what other programs of the
# machine leave it, and a busy machine must not fail a case.
expect_cpu() {  # CGROUP SECONDS LOW HIGH
  local got _
  for _ in {1..6}; do
    got=$(cpu_permille "$1" "$2")
    ((got >= $3 && got <= $4)) && break
  done
  expect_between "CPU of $1, per mille" "$got" "$3" "$4"
}

# For cases without reeve: makes a cgroup with these controllers by hand.
make_cgroup() {  # CGROUP CONTROLLER...
  local controller
  for controller in "${@:2}"; do echo "+$controller" >"$cg/cgroup.subtree_control"; done
  mkdir -p "$cg/$1"
}

# --- Programs ----------------------------------------------------------------------------------

# Starts reeve_workload in the background, in a cgroup below $cg, and waits for its first line.
workload() {  # CGROUP VERB ARGUMENT...
  start_workload "$@"
  wait_until 20 "workload ${*:2} is where it wants to be" test -s "$work/workload.$pid"
}

# The same without waiting, for one that will not get there.
start_workload() {  # CGROUP VERB ARGUMENT...
  local where=$cg/$1 log
  log=$(mktemp "$work/workload.XXXXXX")
  reeve_workload --in "$where" "${@:2}" >"$log" 2>&1 &
  pid=$!
  workloads+=("$pid")
  disown "$pid"
  ln -s "$log" "$work/workload.$pid"
}

workload_says() {  # PID
  cat "$work/workload.$1"
}

# --- reeve -------------------------------------------------------------------------------------

# Writes a policy file with the usual head; the text begins with what follows `metadata`.
policy() {  # [NAME] <<EOF
  local file=$policies/${1:-10-case}.yaml
  {
    printf 'apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: %s}\n' "${1:-case}"
    cat
  } >"$file.new"
  mv "$file.new" "$file"
}

# The offline verbs, on this case's root and policies.
reeve_plan() { run "${1:-0}" reevectl plan --root "$cg" "$policies" "${@:2}"; }
reeve_apply() { run "${1:-0}" reevectl apply --root "$cg" "$policies" "${@:2}"; }
reeve_diff() { run "${1:-0}" reevectl diff --root "$cg" "$policies" "${@:2}"; }
reeve_status() { run "${1:-0}" reevectl status --root "$cg" "$policies" "${@:2}"; }
reeve_doctor() { run "${1:-0}" reevectl doctor --root "$cg" "${@:2}"; }

# Nothing to do: said by plan, and by diff in its exit status.
expect_converged() {
  reeve_plan 0
  expect_output 'AS DESCRIBED'
  reeve_diff 0
}

# Starts reeved and waits until it says that it is ready; its log begins anew.
start_daemon() {  # [ARGUMENT]...
  mkdir -p "$state"
  : >"$daemon_log"
  reeved --root "$cg" --policy-dir "$policies" --state-dir "$state" --socket "$socket" \
    --web.listen-address "$listen" "$@" >>"$daemon_log" 2>&1 &
  daemon=$!
  wait_until 20 "reeved is ready" log_has 'msg="ready'
}

# Its exit status is in $status.
stop_daemon() {  # [SIGNAL]
  local stopped=$daemon
  daemon=''
  kill -s "${1:-TERM}" "$stopped" 2>/dev/null
  wait "$stopped" 2>/dev/null
  status=$?
}

# Installs the package; from here on $cg and $policies are those of the service.
install_package() {
  rm -f /usr/sbin/policy-rc.d  # where this machine forbids services to start, the guest may
  rmdir "$cg"
  cg=/sys/fs/cgroup/reeve.slice/reeve-tree.scope
  policies=/etc/reeve/policy.d
  at_end remove_package
  run 0 dpkg_quietly --install "$RIG_DIR/system/package/reeve.deb"
}

# With books of its own: those of a whole machine take a guest ten seconds to read, and what it would do for others
# (manual pages, caches) is not ours to wait for. What the package needs is here, or it would not have been built.
dpkg_quietly() {
  mkdir -p "$work"/dpkg/{info,updates,triggers}
  touch "$work"/dpkg/{status,available}
  dpkg --admindir="$work/dpkg" --force-depends --no-triggers "$@"
}

remove_package() {
  rm -rf "${policies:?}"/*
  dpkg_quietly --purge reeve
  # What a case had set by hand.
  rm -rf /run/systemd/system.control/reeve*.d
  systemctl daemon-reload
} >/dev/null 2>&1

main_pid() { systemctl show --property=MainPID --value reeved.service; }

log_has() {  # REGEX
  grep -Eq -- "$1" "$daemon_log"
}

# What was logged so far is not looked at again.
forget_log() { : >"$daemon_log"; }

# A verb of the running daemon.
ctl() {  # STATUS VERB ARGUMENT...
  run "$1" reevectl "${@:2}" --socket "$socket"
}

# The body of what reeved's metrics port answers; a failure unless it answers whole, with status 200.
# shellcheck disable=SC2120  # most cases scrape without arguments
scrape() {  # [PATH [HEADER]...]
  local http line
  exec {http}<>"/dev/tcp/${listen%:*}/${listen#*:}" || return
  printf '%s\r\n' "GET ${1:-/metrics} HTTP/1.0" "Host: $listen" "${@:2}" '' >&"$http"
  IFS= read -r line <&"$http"
  [[ $line == 'HTTP/1.'?' 200 '* ]] || {
    echo "$line" >&2
    return 1
  }
  while IFS= read -r line <&"$http" && [[ $line != $'\r' ]]; do :; done
  cat <&"$http"
  exec {http}<&-
}

scrape_has() {  # REGEX
  scrape | grep -Eq -- "$1"
}

# --- Begin and end -----------------------------------------------------------------------------

begin_case() {
  rm -rf "$work"
  mkdir -p "$policies"
  cd "$work" || exit
  [[ -z $RIG_CGROUP || ! -e $RIG_CGROUP/cgroup.procs ]] || mkdir -p "$cg"
}

# A command for the end of the case, however that comes; the last one named is done first.
at_end() {  # COMMAND...
  endings=("$(printf '%q ' "$@")" "${endings[@]}")
}

# A case leaves nothing: whatever it did to its cgroups must not be seen by the next one.
end_case() {
  local outcome=$? program ending
  trap - EXIT
  for ending in "${endings[@]}"; do eval "$ending"; done
  [[ $daemon ]] && stop_daemon KILL
  for program in "${workloads[@]}"; do kill -KILL "$program" 2>/dev/null; done
  if [[ -d $cg ]]; then
    echo 1 >"$cg/cgroup.kill"
    for _ in {1..100}; do
      find "$cg" -depth -type d -exec rmdir {} + 2>/dev/null
      [[ -d $cg ]] || break
      sleep 0.05
    done
  fi 2>/dev/null
  cd / && rm -rf "$work"
  ((outcome == 0 && expectations == 0)) && {
    echo "$case_name.sh: expected nothing, so it has shown nothing"
    outcome=1
  }
  exit "$outcome"
}
