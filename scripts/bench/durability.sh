#!/usr/bin/env bash
# usage
# Measures what it costs that acknowledgements and results survive a loss of power: the whole life of tasks and one task at
# a time on two instances, one with process and one with disk durability, in turn, beside what the disk charges for a force.
#
# scripts/bench/durability.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --count N             tasks a round (default: 200000), echo with 16 bytes
#   --outstanding N       tasks without a result at a time (default: 20000)
#   --single N            tasks a round one at a time (default: 2000)
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/durability.sh --rounds 3

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main DurabilityMain "$@"
