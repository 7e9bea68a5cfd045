#!/usr/bin/env bash
# usage
# Measures one task at a time, from its submission to its result at the client, on an instance of its own with default
# settings, beside a relay of the same five processes that keeps nothing: round by round in turn, after all of them have
# run long enough to be compiled.
#
# scripts/bench/latency.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --count N             tasks a round (default: 5000)
#   --outstanding N       tasks without a result at a time (default: 1)
#   --warm-up N           tasks before the rounds (default: 300000)
#   --durability LEVEL    process (default) or disk
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/latency.sh --outstanding 1024 --count 200000

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main LatencyMain "$@"
