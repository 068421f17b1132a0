# shellcheck shell=bash disable=SC2034  # for those who source it
# SPDX-License-Identifier: Apache-2.0
# How the stories of deploy/quickstart are told. Sourced by them; `work` is where one keeps reeved.log, or nothing.

step=0 work='' bold='' dim='' plain=''

in_color() { bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; }

title() {  # TEXT
  step=$((step + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$step" "$1" "$plain"
}

note() { printf '   %s\n' "$*"; }

quote() { sed -u 's/^/   | /'; }

# Shows a command as one would type it, and what it prints.
show() {  # COMMAND...
  printf '   %s$ %s%s\n' "$dim" "$*" "$plain"
  "$@" 2>&1 | quote
  return "${PIPESTATUS[0]}"
}

now_us() { echo "${EPOCHREALTIME/[.,]/}"; }

percent() { printf '%d.%d %%' $(($1 / 10)) $(($1 % 10)); }  # PER-MILLE

# Ends the story: something is not as it should be.
lost() {  # MESSAGE
  printf '\n%sThis should not happen:%s %s\n' "$bold" "$plain" "$1"
  [[ -s $work/reeved.log ]] && tail -n 20 "$work/reeved.log" | quote
  exit 1
}

wait_until() {  # SECONDS COMMAND...
  local deadline=$(($(now_us) + $1 * 1000000))
  shift
  until "$@"; do
    (($(now_us) < deadline)) || return 1
    sleep 0.02
  done
}
