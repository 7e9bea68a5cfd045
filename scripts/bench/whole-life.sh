#!/usr/bin/env bash
# usage
# Measures the whole life of tasks with results (submit, journal, order, dispatch, run, record, result), on an instance of its
# own with default settings, by a client that goes on from round to round: tasks a second, and the processor time that each
# process spends on a task. One task at a time: scripts/bench/latency.sh.
#
# scripts/bench/whole-life.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --count N             tasks a round (default: 300000), echo with 16 bytes
#   --outstanding N       tasks without a result at a time (default: 20000)
#   --warm N              rounds before those that count (default: 5): the servers' code is compiled meanwhile
#   --submit-only         until each task is acknowledged; there are no workers, and no more than 900000 tasks in all
#   --workers N           worker processes (default: 1)
#   --durability LEVEL    process (default) or disk
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/whole-life.sh --durability disk --rounds 3

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"

durability=process workers=1 warm=5 rounds=5 passed=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --json) passed+=(--json) ;;
    --submit-only) passed+=(--submit-only) && workers=0 warm=1 rounds=2 ;;
    --durability) durability=${2:-} && shift ;;
    --rounds | --count | --outstanding | --warm | --workers)
      [[ ${2:-} =~ ^[0-9]{1,8}$ ]] || fail 2 "$1 is to be a number: value=${2:-}"
      case $1 in
        --rounds | --warm | --workers) printf -v "${1#--}" '%s' "$2" ;;
        *) passed+=("$1" "$2") ;;
      esac
      shift
      ;;
    *) fail 2 "there is no option $1; scripts/bench/whole-life.sh --help lists them" ;;
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
"$SCRIPTS_DIR/start-all.sh" --data "$data" --workers "$workers" --port-base "$base" --durability "$durability" \
  >"$folder/start.log" 2>&1 || fail 1 "could not start: $(tail -n 1 "$folder/start.log")"
mapfile -t options < <(load_opts)
"$TIDEMILL_JAVA" "${options[@]}" -cp "$BENCH_CLASSPATH" io.tidemill.bench.WholeLifeMain \
  --instance "tidemill=127.0.0.1:$base=$data" --warm "$warm" --rounds "$rounds" ${passed[@]+"${passed[@]}"}
