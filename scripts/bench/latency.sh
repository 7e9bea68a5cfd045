#!/usr/bin/env bash
# usage
# Measures one task at a time, from its submission to its result at the client, on an instance of its own with default
# settings, beside a relay of the same five processes that keeps nothing: round by round in turn.
#
# scripts/bench/latency.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --count N             tasks a round (default: 5000)
#   --outstanding N       tasks without a result at a time (default: 1)
#   --durability LEVEL    process (default) or disk
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/latency.sh --outstanding 1024 --count 200000

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"

durability=process passed=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --json) passed+=(--json) ;;
    --durability) durability=${2:-} && shift ;;
    --rounds | --count | --outstanding)
      [[ ${2:-} =~ ^[1-9][0-9]{0,7}$ ]] || fail 2 "$1 is to be a number above 0: value=${2:-}"
      passed+=("$1" "$2") && shift
      ;;
    *) fail 2 "there is no option $1; scripts/bench/latency.sh --help lists them" ;;
  esac
  shift
done
case $durability in process | disk) ;; *) fail 2 "--durability is process or disk: value=$durability" ;; esac

prepare_java missing
prepare_bench
folder=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-bench.XXXXXX")
data=$folder/data
trap '"$SCRIPTS_DIR/stop-all.sh" --data "$data" >/dev/null 2>&1 || true; rm -rf -- "$folder"' EXIT
trap 'exit 130' INT TERM
base=$(free_port_base)
"$SCRIPTS_DIR/start-all.sh" --data "$data" --workers 1 --port-base "$base" --durability "$durability" \
  >"$folder/start.log" 2>&1 || fail 1 "could not start: $(tail -n 1 "$folder/start.log")"
mapfile -t options < <(load_opts)
"$TIDEMILL_JAVA" "${options[@]}" -cp "$BENCH_CLASSPATH" io.tidemill.bench.LatencyMain --plm "127.0.0.1:$base" --folder "$folder" \
  ${passed[@]+"${passed[@]}"}
