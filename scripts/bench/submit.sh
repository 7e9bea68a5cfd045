#!/usr/bin/env bash
# usage
# Measures submissions alone, from the first one to the last acknowledgement, with no worker to run them, beside the load
# generator against a server that does nothing (its own ceiling).
#
# scripts/bench/submit.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --count N             tasks a round (default: 1000000), echo with 16 bytes; as many before, to warm up
#   --outstanding N       submissions without an acknowledgement at a time (default: 100000)
#   --durability LEVEL    process (default) or disk
#   --peer NAME=COMMAND   another system's driver, run in each round: does the same work and ends with a line that is its
#                         tasks a second; may be repeated
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/submit.sh --durability disk --count 300000

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main SubmitMain "$@"
