#!/usr/bin/env bash
# usage
# Measures for how long no task ends while upgrade-all.sh replaces every process of an instance of its own, under a steady
# load (open loop): the longest gap between two results at the client, and the longest that a task took from the time at
# which it was to be sent.
#
# scripts/bench/upgrade-stall.sh [options]
#   --rate N              tasks a second (default: 200)
#   --workers N           worker processes (default: 2)
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/upgrade-stall.sh --rate 1000 --rounds 3

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main UpgradeStallMain "$@"
