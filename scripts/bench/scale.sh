#!/usr/bin/env bash
# usage
# Measures what becomes of the rate with many tasks queued, with many worker connections out of one process, while many
# clients wait, and with larger payloads beside what a journal takes by itself.
#
# scripts/bench/scale.sh [options]
#   --part NAME           only this one of queued, workers, clients, payloads; may be repeated
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --count N             tasks a round (default: 200000)
#   --outstanding N       tasks without a result at a time (default: 20000)
#   --queued N[,N...]     tasks queued (default: 1000,10000,100000,1000000)
#   --workers N[,N...]    worker connections (default: 1,1000)
#   --clients N           clients that wait (default: 10000)
#   --payloads N[,N...]   bytes of a payload (default: 16,1024,65536)
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/scale.sh --part queued --rounds 3

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main ScaleMain "$@"
