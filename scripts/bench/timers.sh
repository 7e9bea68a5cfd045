#!/usr/bin/env bash
# usage
# Measures how late delayed tasks start (p50, p99, max) on an instance with nothing else to do, while other delayed tasks wait
# for an hour and more, and what those take of memory.
#
# scripts/bench/timers.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --waiting N,...       delayed tasks that wait meanwhile (default: 0,1000,1000000)
#   --count N             tasks measured in each round, one every 5 ms (default: 2000)
#   --warm N              tasks before them that are not measured (default: 4000)
#   --delay-max-ms N      the longest of their delays (default: 3000)
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/timers.sh --rounds 1 --waiting 1000

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main TimersMain "$@"
