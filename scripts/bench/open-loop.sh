#!/usr/bin/env bash
# usage
# Measures the latency under a fixed rate, whatever comes back (open loop: from the time at which a task was to be sent), on an
# instance of its own with default settings.
#
# scripts/bench/open-loop.sh [options]
#   --rate N              tasks a second; without it:
#   --fraction F          of the highest rate, which is measured first (default: 0.5)
#   --seconds N           (default: 60)
#   --durability LEVEL    process (default) or disk
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/open-loop.sh --rate 50000 --seconds 20

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"

durability=process passed=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --json) passed+=(--json) ;;
    --durability) durability=${2:-} && shift ;;
    --fraction)
      [[ ${2:-} =~ ^0?\.[0-9]+$ ]] || fail 2 "$1 is to be a number between 0 and 1: value=${2:-}"
      passed+=("$1" "$2") && shift
      ;;
    --rate | --seconds)
      [[ ${2:-} =~ ^[1-9][0-9]{0,7}$ ]] || fail 2 "$1 is to be a number above 0: value=${2:-}"
      passed+=("$1" "$2") && shift
      ;;
    *) fail 2 "there is no option $1; scripts/bench/open-loop.sh --help lists them" ;;
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
"$TIDEMILL_JAVA" "${options[@]}" -cp "$BENCH_CLASSPATH" io.tidemill.bench.OpenLoopMain --plm "127.0.0.1:$base" \
  ${passed[@]+"${passed[@]}"}
