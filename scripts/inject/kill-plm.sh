#!/usr/bin/env bash
# usage
# Kills the PLM of an instance with SIGKILL, and says what to watch.
#
# scripts/inject/kill-plm.sh [--data DIR]

set -euo pipefail
# shellcheck source=../lib/inject.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/inject.sh"

kill_server_main plm "$@"
