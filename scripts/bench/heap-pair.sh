#!/usr/bin/env bash
# usage
# Measures the task heap between two real processes: one submits over the ring, the other one takes from the ring into the
# heap and the best out of it, and each moves the slot's word by a compare-and-set. Beside it, what these compare-and-sets
# cost in one process that does nothing else.
#
# scripts/bench/heap-pair.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --count N             pairs of a push and a pop a round (default: 3000000)
#   --resident N[,N...]   tasks in the heap all the time (default: 1000,100000)
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/heap-pair.sh --resident 1000,500000

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main HeapPairMain "$@"
