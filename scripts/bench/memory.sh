#!/usr/bin/env bash
# usage
# Measures what the three servers take of memory (proportional set size): idle, and for each task while many are queued; and
# how much garbage they make for each task.
#
# scripts/bench/memory.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --queued N            tasks queued (default: 1000000), with 16 bytes
#   --count N             tasks run for the garbage of one (default: 500000)
#   --outstanding N       tasks without a result at a time (default: 20000)
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/memory.sh --rounds 1

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main MemoryMain "$@"
