#!/usr/bin/env bash
# usage
# Measures the latency under fixed rates, whatever comes back (open loop: from the time at which a task was to be sent), on
# an instance of its own with default settings.
#
# scripts/bench/open-loop.sh [options]
#   --rate N[,N...]       tasks a second; without it:
#   --fraction F[,F...]   of the highest rate, which is measured first (default: 0.5)
#   --seconds N           at each rate (default: 60)
#   --warm-seconds N      at the first rate before, uncounted (default: 60)
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --durability LEVEL    process (default) or disk
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/open-loop.sh --fraction 0.1,0.25,0.5,0.75,0.9 --seconds 20 --rounds 1

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

# Whoever measures latencies must not stop for 60 ms itself, as the collector does that serves the other commands.
BENCH_HEAP=(-Xms2g -Xmx2g -XX:-UseSerialGC -XX:+UseG1GC -XX:MaxGCPauseMillis=5)
bench_main OpenLoopMain "$@"
