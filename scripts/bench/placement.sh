#!/usr/bin/env bash
# usage
# Compares the placement policies on recorded workloads in simulated time: the Main Scheduler's own order and policies decide over
# on-heap memory, without processes. Prints makespan, mean wait, mean and p99 bounded slowdown, and the share of workers in use.
#
# scripts/bench/placement.sh [options] TRACE...
#   TRACE                 .swf (Standard Workload Format), .csv (Azure's LLM inference) or .json (WfFormat), also .gz
#   --workers N           (default: 100)
#   --capacity N          tasks a worker runs at a time (default: 4)
#   --prefetch N          tasks a worker holds beyond those (default: 0)
#   --speeds F,...        of the workers in turn; 1 is as fast as the trace says (default: half of them 1, 0.5 and 0.25)
#   --load F              work that arrives, over what the workers can do meanwhile (default: 0.7); arrivals are scaled to it
#   --copies N            of each trace, one after the other (default: 1)
#   --processors-each     a job is as many tasks as it had processors
#   --bound SECONDS       runs below this count as this long in the slowdown (default: 1)
#   --policies P,...      (default: all)
#   --plots DIR           writes the distribution of the slowdowns as SVG there
#   --json                one JSON object a line instead of the table
#   --help
# It is a benchmark, not a test; its figures but the last column do not depend on the machine.
# Example: scripts/bench/placement.sh --workers 10000 --copies 20 NASA-iPSC-1993-3.1-cln.swf.gz

set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/common.sh"

case " $* " in *" --help "* | *" -h "*) usage && exit 0 ;; esac
prepare_java missing
prepare_bench
mapfile -t options < <(base_opts | grep -v -e SharedArchiveFile -e ArchiveRelocationMode)
exec "$TIDEMILL_JAVA" "${options[@]}" -DTIDEMILL_LOG_LEVEL=WARN -Xmx3g -cp "$BENCH_CLASSPATH" \
  io.tidemill.bench.placement.PlacementMain "$@"
