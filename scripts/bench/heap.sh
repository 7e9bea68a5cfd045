#!/usr/bin/env bash
# usage
# Measures the task heap alone, in one process (JMH): one push and one pop with 1,000 to 10,000,000 tasks resident, in order of
# submission and with random priorities, beside java.util.concurrent.PriorityBlockingQueue and beside the compare-and-sets
# that a task's state word takes on its way.
#
# scripts/bench/heap.sh [JMH options]
#   -p resident=1000,1000000   only these
#   -f N                       so many processes for each figure (default: 1)
#   -rf json -rff FILE         as JSON, too
#   -h                         all of them
# It is a benchmark, not a test. Leave the machine alone meanwhile; some 5 minutes.
# Example: scripts/bench/heap.sh -p order=fifo

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"

[ "${1:-}" != --help ] || { usage && exit 0; }
prepare_java missing
prepare_bench
mapfile -t options < <(base_opts | grep -v -e SharedArchiveFile -e ArchiveRelocationMode)
exec "$TIDEMILL_JAVA" "${options[@]}" -DTIDEMILL_LOG_LEVEL=WARN -Xmx4g -cp "$BENCH_CLASSPATH" org.openjdk.jmh.Main HeapBenchmark "$@"
