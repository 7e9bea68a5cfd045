#!/usr/bin/env bash
# usage
# Draws what the benchmarks wrote with --json: latency over load (open-loop.sh), rate over depth (scale.sh), and the cost of
# the heap over its size (heap.sh -rf json -rff FILE).
#
# scripts/bench/plot.sh --out FOLDER FILE...
#   --out FOLDER          where the SVG files go
#   --help
# Example: scripts/bench/plot.sh --out docs/plots scale.json open-loop.json heap.json

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main PlotMain "$@"
