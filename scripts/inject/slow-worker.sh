#!/usr/bin/env bash
# usage
# Adds a worker that takes N ms longer for each task (default: 500). Work goes to the others as its queue grows.
#
# scripts/inject/slow-worker.sh [--data DIR] [--slow-ms N] [--seconds N, 0: until Ctrl-C (default)]

set -euo pipefail
# shellcheck source=../lib/inject.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/inject.sh"

slow_ms=500
args=()
while [ $# -gt 0 ]; do
  if [ "$1" = --slow-ms ]; then
    slow_ms=$(need_count "$1" "${2:-}") || exit 2
    shift 2
  else
    args+=("$1") && shift
  fi
done
inject_options "${args[@]}"
refuse_rest 0
odd_worker_main slow "${SECONDS_GIVEN:-0}" --slow-ms "$slow_ms"
