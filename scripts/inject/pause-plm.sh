#!/usr/bin/env bash
# usage
# Stops the PLM of an instance with SIGSTOP for some seconds (default: 5) and lets it go on with SIGCONT.
# Past the supervisor's limit it is killed and replaced instead.
#
# scripts/inject/pause-plm.sh [--data DIR] [--seconds N]

set -euo pipefail
# shellcheck source=../lib/inject.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../lib/inject.sh"

pause_server_main plm "$@"
