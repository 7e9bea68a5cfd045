#!/usr/bin/env bash
# usage
# Runs a load against an instance while its processes are killed and paused at random, then gives the account: what was
# submitted, accepted, completed, lost (0) and recorded twice (0), and the longest stall. The account is drawn up by
# `tidemill audit` from the client's own ledger, the journals and the slots.
#
# scripts/inject/storm.sh [options]
#   --data DIR       the instance's folder (default: $TIDEMILL_DATA or ~/.tidemill); it has to run
#   --seconds N      how long (default: 60)
#   --rate N         tasks a second (default: 200): 70 % short, 20 % medium, 10 % long (0.2, 2 and 20 ms of computing)
#   --seed N         the same seed does the same things in the same order (default: at random, and printed)
# Exit codes: 0 the account is clean; 1 it is not, or the storm could not run; 2 an option is wrong.

set -euo pipefail
# shellcheck source=../lib/inject.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/inject.sh"

rate=200
args=()
while [ $# -gt 0 ]; do
  if [ "$1" = --rate ]; then
    rate=$(need_count "$1" "${2:-}") || exit 2
    shift 2
  else
    args+=("$1") && shift
  fi
done
inject_options "${args[@]}"
refuse_rest 0
seconds=${SECONDS_GIVEN:-60}
seed=${SEED:-$RANDOM}
inject=$SCRIPTS_DIR/inject
export INJECT_IN_STORM=yes TIDEMILL_LOG_LEVEL=${TIDEMILL_LOG_LEVEL:-WARN}
tidemill=$SCRIPTS_DIR/tidemill
pid_of supervisor >/dev/null || not_running supervisor
worker_count=$(running_workers | wc -l)
[ "$worker_count" -gt 0 ] || fail 1 "no worker runs: data=$DATA; scripts/start-all.sh --data $DATA --workers 2 starts two"

folder=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-storm.XXXXXX")
ledger=$folder/ledger
load_pid=''
# Whatever happens: nothing stays stopped, and nothing that the storm added stays.
calm() {
  local role pid
  for role in plm scheduler register $(running_workers); do
    if pid=$(pid_of "$role"); then kill -CONT "$pid" 2>/dev/null || true; fi
  done
  mapfile -t pids < <(jobs -p)
  [ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[@]}" 2>/dev/null || true
}
trap calm EXIT
trap 'exit 130' INT TERM

at() { printf -- '--- %d s\n' $((SECONDS - began)) >&2; }

# One thing at random. A process that is away just now is left alone: it was hit a moment ago.
strike() {
  local servers=(plm scheduler register)
  local server=${servers[RANDOM % 3]} worker=worker-$((RANDOM % worker_count + 1))
  local pause=$((RANDOM % 3 + 1)) what=$((RANDOM % 12))
  at
  case $what in
    0 | 1 | 2) "$inject/kill-$server.sh" --data "$DATA" ;;
    3 | 4) "$inject/pause-$server.sh" --data "$DATA" --seconds "$pause" ;;
    5 | 6) "$inject/kill-worker.sh" --data "$DATA" "$worker" ;;
    7) "$inject/pause-worker.sh" --data "$DATA" --seconds "$((pause * 4))" "$worker" & ;;
    8) "$inject/kill-all.sh" --data "$DATA" ;;
    9) "$inject/slow-worker.sh" --data "$DATA" --slow-ms 200 --seconds 10 & ;;
    10) "$inject/silent-worker.sh" --data "$DATA" --seconds 8 & ;;
    11)
      "$inject/kill-all.sh" --data "$DATA" --supervisor
      start_again
      ;;
  esac || true
}

# The settings are in the folder, so that it comes back as it was.
start_again() {
  at
  if "$SCRIPTS_DIR/start-all.sh" --data "$DATA" >"$folder/start.log" 2>&1; then
    say "started again: scripts/start-all.sh --data $DATA"
  else
    say "could not be started again: $(tail -n 3 "$folder/start.log")"
  fi
}

say "storm: data=$DATA seconds=$seconds rate=$rate seed=$seed ledger=$ledger"
began=$SECONDS
"$tidemill" load --data "$DATA" --scenario mixed --type spin --short-us 200 --medium-us 2000 --long-us 20000 \
  --rate "$rate" --duration "${seconds}s" --seed "$seed" --wait-timeout 120s --ledger "$ledger" --json \
  >"$folder/load.json" 2>"$folder/load.err" &
load_pid=$!
RANDOM=$seed
while [ $((SECONDS - began)) -lt "$seconds" ]; do
  sleep "$((RANDOM % 3 + 1))"
  # It ends with the time, or earlier if something is wrong, which its exit code tells below.
  kill -0 "$load_pid" 2>/dev/null || break
  strike
done

at
say "calm again: waiting for the load to end"
for pid in $(jobs -p); do
  [ "$pid" = "$load_pid" ] || wait "$pid" || true
done
wait "$load_pid" || say "the load ended with exit code $?: $(tail -n 3 "$folder/load.err")"
"$tidemill" audit --data "$DATA" --ledger "$ledger"
rm -rf -- "$folder"
