#!/usr/bin/env bash
# usage
# Measures the time from start-all.sh to all healthy, with what is built, in a new folder, on each JDK that is there. What is
# made once for each build (the class-data archive) is made before.
#
# scripts/bench/start.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --jdk DIR             only this JDK; may be repeated
#   --workers N           worker processes (default: 2)
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/start.sh --rounds 10

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main StartMain "$@"
