#!/usr/bin/env bash
# usage
# Kills every server and worker of an instance at once with SIGKILL; the supervisor brings them back.
# With --supervisor the supervisor too: then scripts/start-all.sh brings everything back.
#
# scripts/inject/kill-all.sh [--data DIR] [--supervisor]

set -euo pipefail
# shellcheck source=../lib/inject.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/inject.sh"

supervisor=()
args=()
for arg in "$@"; do
  if [ "$arg" = --supervisor ]; then supervisor=(supervisor); else args+=("$arg"); fi
done
inject_options "${args[@]}"
refuse_rest 0
pids=()
for role in "${supervisor[@]}" plm scheduler register $(running_workers); do
  if pid=$(pid_of "$role"); then pids+=("$pid"); fi
done
[ ${#pids[@]} -gt 0 ] || fail 1 "nothing runs: data=$DATA; scripts/start-all.sh --data $DATA starts it"
kill -KILL "${pids[@]}" 2>/dev/null || true
if [ ${#supervisor[@]} -gt 0 ]; then
  say "killed: pids=${pids[*]} signal=KILL; scripts/start-all.sh --data $DATA brings everything back, nothing lost"
else
  say "killed: pids=${pids[*]} signal=KILL; the supervisor brings them back, and nothing accepted is lost"
  watch_hint
fi
