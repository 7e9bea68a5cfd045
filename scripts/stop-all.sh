#!/usr/bin/env bash
# usage
# Stops the Tidemill instance of a folder: its workers drain, then the servers end in order. Says what it did.
# Nothing running is no error.
#
# scripts/stop-all.sh [options]
#   --data DIR       the instance's folder (default: $TIDEMILL_DATA or ~/.tidemill)
#   --help
# Exit codes: 0 stopped, or nothing was running; 1 something did not stop; 2 an option is wrong.
# Example:
#   scripts/stop-all.sh --data /tmp/second

set -euo pipefail
self=$(readlink -f -- "${BASH_SOURCE[0]}")
# shellcheck source=lib/common.sh
. "$(dirname -- "$self")/lib/common.sh"

data=$(default_data_dir)
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --data)
      [ -n "${2:-}" ] || fail 2 "--data needs a value; scripts/stop-all.sh --help lists the options"
      data=$2 && shift 2
      ;;
    --data=?*) data=${1#*=} && shift ;;
    *) fail 2 "there is no option $1; scripts/stop-all.sh --help lists the options" ;;
  esac
done

if ! compgen -G "$data/run/*" >/dev/null; then
  say "nothing is running: data=$data"
  exit 0
fi
prepare_java missing
exec_java cli "$(command_opts)" io.tidemill.plm.lifecycle.StopMain --data "$data"
