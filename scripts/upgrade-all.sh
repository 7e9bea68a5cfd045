#!/usr/bin/env bash
# usage
# Takes a running instance over to this release, with tasks going on: run it from the new release's folder. The supervisor
# is replaced first, then the Register, the Main Scheduler and the PLM, then each worker when it has ended what it had
# begun. Clients and other hosts' workers connect again by themselves. Nothing that was accepted is lost, and no task is
# begun twice. It also serves to restart everything in turn, for another JDK say.
#
# scripts/upgrade-all.sh [options]
#   --data DIR          the instance's folder (default: $TIDEMILL_DATA or ~/.tidemill)
#   --worker-wait S     how long to wait for a worker to end its tasks (default: 600); one that needs longer is replaced
#                       when it has ended them
#   --help
# Exit codes: 0 all are of this release; 1 it broke off, with a sentence that says why; 2 an option is wrong.
# Example:
#   /opt/tidemill-0.2.0/scripts/upgrade-all.sh --data /var/lib/tidemill

set -euo pipefail
self=$(readlink -f -- "${BASH_SOURCE[0]}")
# shellcheck source=lib/common.sh
. "$(dirname -- "$self")/lib/common.sh"

data=$(default_data_dir)
passed=()
while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in --*=*) set -- "${option#*=}" "$@" && option=${option%%=*} ;; esac
  case $option in
    --help | -h) usage && exit 0 ;;
    --data | --worker-wait)
      [ -n "${1:-}" ] || fail 2 "$option needs a value; scripts/upgrade-all.sh --help lists the options"
      case $option in
        --data) data=$1 ;;
        *) passed+=("$option" "$1") ;;
      esac
      shift
      ;;
    *) fail 2 "there is no option $option; scripts/upgrade-all.sh --help lists the options" ;;
  esac
done

prepare_java stale
prepare_cds
exec_java cli "$(command_opts)" io.tidemill.plm.lifecycle.UpgradeMain --data "$data" ${passed[@]+"${passed[@]}"}
