#!/usr/bin/env bash
# usage
# Stops a worker (the one named, or any one) with SIGSTOP for some seconds (default: 8) and lets it go on. After its
# missed beats it is dead, its tasks go elsewhere, and what it reports afterwards is refused by its fencing token.
#
# scripts/inject/pause-worker.sh [--data DIR] [--seconds N] [worker-1]

set -euo pipefail
# shellcheck source=../lib/inject.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/inject.sh"

inject_options "$@"
refuse_rest 1
worker=$(choose_worker "${REST[0]:-}")
watch_hint
pause_role "$worker" "${SECONDS_GIVEN:-8}" "it turns LATE, then DEAD, and its tasks go to others"
