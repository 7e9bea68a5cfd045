#!/usr/bin/env bash
# usage
# Kills a worker of an instance with SIGKILL: the one named, or any one.
#
# scripts/inject/kill-worker.sh [--data DIR] [worker-1]

set -euo pipefail
# shellcheck source=../lib/inject.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/inject.sh"

inject_options "$@"
refuse_rest 1
worker=$(choose_worker "${REST[0]:-}")
kill_role "$worker" "the tasks that it held go back to their place in the order; the supervisor starts it again"
watch_hint
