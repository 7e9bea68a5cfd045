#!/usr/bin/env bash
# usage
# Adds a worker that lives, beats and takes tasks, and never reports an end: only the execution timeout of a task (or
# this worker's own end) gives it back.
#
# scripts/inject/silent-worker.sh [--data DIR] [--seconds N, 0: until Ctrl-C (default)]

set -euo pipefail
# shellcheck source=../lib/inject.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/inject.sh"

inject_options "$@"
refuse_rest 0
odd_worker_main silent "${SECONDS_GIVEN:-0}" --never-report
