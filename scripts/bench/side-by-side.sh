#!/usr/bin/env bash
# usage
# Measures the whole life of tasks with results (submit, journal, order, dispatch, run, record, result) through one session
# of the client library, on an instance of its own: in order of submission, with random priorities over many waiting tasks,
# and one at a time. Beside it, in each round: a relay of the same five processes that keeps nothing, the load generator
# against a server that does nothing (its own ceiling), and the drivers of other systems that are given.
#
# scripts/bench/side-by-side.sh [options]
#   --rounds N            how often (default: 5); medians are printed, with the lowest and highest
#   --warm N              rounds before those that count (default: 8): the code of all sides is compiled meanwhile
#   --count N             tasks a round (default: 300000), echo with 16 bytes
#   --outstanding N       tasks without a result at a time (default: 20000)
#   --waiting N           the same with random priorities (default: 100000)
#   --single N            tasks a round one at a time (default: 3000)
#   --workers N           worker processes (default: 1)
#   --durability LEVEL    process (default) or disk
#   --peer NAME=COMMAND   another system's driver, run in each round: does the same work and ends with a line that is its
#                         tasks a second; may be repeated
#   --json                one JSON object instead of the table
#   --help
# It is a benchmark, not a test: nothing fails because the machine was slow. Leave the machine alone meanwhile.
# Example: scripts/bench/side-by-side.sh --durability disk --rounds 3

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"
# shellcheck source=../lib/bench.sh
. "$SCRIPTS_DIR/lib/bench.sh"

bench_main SideBySideMain "$@"
