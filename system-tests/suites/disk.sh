#!/usr/bin/env bash
# Disk use under a steady load while old tasks live: prints it over time, and ends with an account. Small cycles, so that
# each journal goes round many times.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)

usage() {
  cat <<'USAGE'
usage: system-tests/suites/disk.sh [--seconds N] [--old N] [--rate N] [--port-base PORT]

  --seconds N       how long the load goes on (300)
  --old N           tasks that nobody runs, submitted first (20000)
  --rate N          tasks a second that come and go (1000)
  --port-base PORT  three ports in a row (17470)

Passes if the journals stayed below their bound, every old task is still there, and the account is clean.
USAGE
}

seconds=300 old=20000 rate=1000 port=17470
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift 2 ;;
    --old) old=$2; shift 2 ;;
    --rate) rate=$2; shift 2 ;;
    --port-base) port=$2; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

work=$(mktemp -d)
data=$work/data
tidemill=$root/scripts/tidemill
cycle=$((1 << 20))
keep=1000
load=0

stop() {
  [ "$load" = 0 ] || kill "$load" 2>/dev/null || true
  "$root/scripts/stop-all.sh" --data "$data" >/dev/null 2>&1 || true
  rm -rf -- "$work"
}
trap stop EXIT

"$root/scripts/start-all.sh" --data "$data" --port-base "$port" --set tasks.max=200000 --set "journal.cycle.bytes=$cycle" \
  --set "result.keep.count=$keep" >"$work/start.out"

used() { du -s -B1 -- "$data/journal/$1" | cut -f1; }
# The files of a journal, the oldest first.
numbers() { find "$data/journal/$1" -name '*.cq4' -printf '%f\n' | sort; }
number() { # Chronicle writes cycle N as the minute N.
  local name=$1
  echo $(($(date -u -d "${name:0:8} ${name:9:2}:${name:11:2}" +%s) / 60))
}

payload=$(head -c 200 /dev/zero | tr '\0' x)
"$tidemill" task submit --data "$data" --connect-timeout 60s --type nobody-runs-this --payload "$payload" --count "$old" \
  --no-wait --ledger "$work/old.ledger" >/dev/null
needed=$(used submissions)
payload=$(head -c 1000 /dev/zero | tr '\0' x)
(
  while :; do
    "$tidemill" task submit --data "$data" --connect-timeout 60s --type echo --payload "$payload" --count "$rate" \
      --ledger "$work/new.ledger" >/dev/null 2>>"$work/load.err" || exit 1
  done
) &
load=$!

# What is kept of ended tasks, both journals, and what comes in while a finished cycle stays (30 s, and the turns of those
# who delete). The load takes as long as the machine does, so it is measured.
echo "bytes of old tasks: $needed"
printf '%8s %12s %14s %14s %14s %8s %8s\n' seconds recorded submissions outcomes bound oldest newest
start=$(date +%s)
most=0 passed=1 previous=0 previous_at=$start busiest=0
while now=$(date +%s) && [ $((now - start)) -lt "$seconds" ]; do
  sleep 10
  now=$(date +%s)
  recorded=$("$tidemill" stats --data "$data" --connect-timeout 60s --json | grep -o '"recorded":[0-9]*' | cut -d: -f2)
  per_second=$(((recorded - previous) / (now - previous_at)))
  previous=$recorded previous_at=$now
  [ "$per_second" -le "$busiest" ] || busiest=$per_second
  task=$((1200 + 1200))
  bound=$((2 * (needed + keep * task) + 12 * cycle + 50 * busiest * task))
  submissions=$(used submissions) outcomes=$(used outcomes)
  total=$((submissions + outcomes))
  [ "$total" -le "$most" ] || most=$total
  [ "$total" -le "$bound" ] || passed=0
  printf '%8d %12d %14d %14d %14d %8d %8d\n' $((now - start)) "$recorded" "$submissions" "$outcomes" "$bound" \
    "$(number "$(numbers submissions | head -n 1)")" "$(number "$(numbers submissions | tail -n 1)")"
done
kill "$load" 2>/dev/null || true
load=0

newest=$(number "$(numbers submissions | tail -n 1)")
oldest=$(number "$(numbers submissions | head -n 1)")
accepted=$((recorded * 1200 + needed))
pending=$("$tidemill" audit --data "$data" --connect-timeout 60s --ledger "$work/old.ledger" --json | tail -n 1)
echo "account of the old tasks: $pending"
printf 'cycles written %d, first kept %d, most bytes %d, bytes written per byte accepted %s\n' "$newest" "$oldest" "$most" \
  "$(awk -v w=$((newest * cycle)) -v a="$accepted" 'BEGIN { printf "%.2f", w / a }')"
case "$pending" in
  *"\"pending\":$old,"*) ;;
  *) echo "disk: old tasks are missing" >&2; passed=0 ;;
esac
case "$pending" in
  *'"lost":0,'*) ;;
  *) passed=0 ;;
esac
[ "$oldest" -gt 1 ] || { echo "disk: the first cycle was never deleted; give it more --seconds" >&2; passed=0; }
if [ "$passed" != 1 ]; then
  echo "disk: failed" >&2
  exit 1
fi
echo "disk: passed"
