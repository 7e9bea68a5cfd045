#!/usr/bin/env bash
# usage
# Measures the whole life of tasks with results (submit, journal, order, dispatch, run, record, result) through the command
# line's session, and the time of one task at a time, on an instance of its own with default settings.
#
# scripts/bench/whole-life.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --count N             tasks a round (default: 300000), echo with 16 bytes
#   --single N            tasks a round one at a time (default: 3000)
#   --workers N           worker processes (default: 1)
#   --durability LEVEL    process (default) or disk
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/whole-life.sh --durability disk --rounds 3

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"

prepare_java missing
rounds=5 count=300000 single=3000 workers=1 durability=process json=false
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --json) json=true && shift && continue ;;
    --rounds | --count | --single | --workers | --durability) ;;
    *) fail 2 "there is no option $1; scripts/bench/whole-life.sh --help lists them" ;;
  esac
  [ $# -gt 1 ] || fail 2 "$1 needs a value"
  case $1 in
    --durability)
      case $2 in process | disk) durability=$2 ;; *) fail 2 "--durability is process or disk: value=$2" ;; esac
      ;;
    *)
      [[ $2 =~ ^[1-9][0-9]{0,7}$ ]] || fail 2 "$1 is to be a number above 0: value=$2"
      printf -v "${1#--}" '%s' "$2"
      ;;
  esac
  shift 2
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-bench.XXXXXX")
data=$folder/data
trap '"$SCRIPTS_DIR/stop-all.sh" --data "$data" >/dev/null 2>&1 || true; rm -rf -- "$folder"' EXIT
trap 'exit 130' INT TERM

"$SCRIPTS_DIR/start-all.sh" --data "$data" --workers "$workers" --port-base $((20000 + RANDOM % 20000)) \
  --durability "$durability" >"$folder/start.log" 2>&1 || fail 1 "could not start: $(tail -n 1 "$folder/start.log")"

# submit COUNT OPTIONS...: prints the summary of a run.
submit() {
  "$SCRIPTS_DIR/tidemill" task submit --data "$data" --type echo --payload 0123456789abcdef --json --count "$@"
}

# figure NAME: takes a figure out of the summary on stdin.
figure() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

# spread VALUES...: prints median, lowest and highest.
spread() { printf '%s\n' "$@" | sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)], v[1], v[NR]}'; }

say "warming up"
submit "$count" >/dev/null
submit "$single" --outstanding 1 >/dev/null
rates=() p50s=() p99s=()
for ((round = 1; round <= rounds; round++)); do
  say "round $round of $rounds"
  rates+=("$(submit "$count" | figure tasks_per_s)")
  alone=$(submit "$single" --outstanding 1)
  p50s+=("$(figure p50_us <<<"$alone")")
  p99s+=("$(figure p99_us <<<"$alone")")
done

read -r rate rate_low rate_high < <(spread "${rates[@]}")
read -r p50 p50_low p50_high < <(spread "${p50s[@]}")
read -r p99 p99_low p99_high < <(spread "${p99s[@]}")
java=$("$TIDEMILL_JAVA" -version 2>&1 | head -n 1 | tr -d '"') 2>/dev/null || java=unknown
if $json; then
  printf '{"benchmark":"whole-life","cores":%d,"java":"%s","durability":"%s","workers":%d,"rounds":%d,"count":%d,' \
    "$(nproc)" "$java" "$durability" "$workers" "$rounds" "$count"
  printf '"tasks_per_s":%s,"tasks_per_s_min":%s,"tasks_per_s_max":%s,' "$rate" "$rate_low" "$rate_high"
  printf '"p50_us":%s,"p50_us_min":%s,"p50_us_max":%s,' "$p50" "$p50_low" "$p50_high"
  printf '"p99_us":%s,"p99_us_min":%s,"p99_us_max":%s}\n' "$p99" "$p99_low" "$p99_high"
else
  printf '%s cores, %s, durability %s, %s worker(s), echo with 16 bytes, median of %s [lowest-highest]\n' \
    "$(nproc)" "$java" "$durability" "$workers" "$rounds"
  printf 'whole life with results   %10.0f tasks/s  [%.0f-%.0f]\n' "$rate" "$rate_low" "$rate_high"
  printf 'one at a time, p50        %10s us       [%s-%s]\n' "$p50" "$p50_low" "$p50_high"
  printf 'one at a time, p99        %10s us       [%s-%s]\n' "$p99" "$p99_low" "$p99_high"
fi
