#!/usr/bin/env bash
# usage
# Kills and pauses the processes of real instances at random moments under load, again and again, and holds what clients
# and workers saw against the journals. Goes on where the ledger ends, so it can be cut short at any time and run in many
# sittings.
#
# system-tests/suites/kills.sh [options]
#   --kind KIND    plm, scheduler, register, supervisor, worker, client, all (the three servers at once), recovery (ten
#                  kills running, each of the next incarnation as it starts) or pause; may be repeated; default: each
#   --kills N      until the ledger has so many of each kind (default: 1000; 200 of all, 100 of recovery)
#   --seed N       of the first instance of this sitting; each further one has the next (default: at random, and printed)
#   --rate N       tasks a second of each of two clients (default: 25)
#   --ledger FILE  default: ${XDG_STATE_HOME:-~/.local/state}/tidemill/kills.ledger
#   --report       only prints what the ledger has
# Exit codes: 0 nothing lost, doubled or otherwise wrong, now or before; 1 something is; 2 an option is wrong.

set -euo pipefail
# shellcheck source=../../scripts/lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../../scripts/lib/common.sh"

kinds=()
kills=''
seed=$RANDOM
rate=25
ledger=${XDG_STATE_HOME:-$HOME/.local/state}/tidemill/kills.ledger
report=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --report) report=yes ;;
    --kind | --kills | --seed | --rate | --ledger)
      [ -n "${2:-}" ] || fail 2 "$1 needs a value; $0 --help lists the options"
      case $1 in
        --kind) kinds+=("$2") ;;
        --kills) kills=$2 ;;
        --seed) seed=$2 ;;
        --rate) rate=$2 ;;
        --ledger) ledger=$2 ;;
      esac
      shift
      ;;
    *) fail 2 "there is no option $1; $0 --help lists the options" ;;
  esac
  shift
done
[[ ${kills:-1}$seed$rate =~ ^[0-9]+$ ]] || fail 2 "--kills, --seed and --rate are whole numbers"
[ ${#kinds[@]} -gt 0 ] || kinds=(plm scheduler register worker all pause recovery client supervisor)
wanted=()
for kind in "${kinds[@]}"; do
  case $kind in
    all) wanted+=("all=${kills:-200}") ;;
    recovery) wanted+=("recovery=${kills:-100}") ;;
    plm | scheduler | register | supervisor | worker | client | pause) wanted+=("$kind=${kills:-1000}") ;;
    *) fail 2 "there is no kind $kind; $0 --help lists them" ;;
  esac
done
[ -z "$report" ] || wanted=()

# These processes do hardly anything but start.
export TIDEMILL_JAVA_OPTS=${TIDEMILL_JAVA_OPTS--XX:TieredStopAtLevel=1}
prepare_java missing
prepare_cds
classes=$ROOT_DIR/system-tests/target/test-classes
[ -d "$classes/io/tidemill/system/kills" ] || fail 1 "the harness is not built; mvn package -DskipTests builds it"
work=${TMPDIR:-/tmp}
[ -n "$report" ] || say "kills: seed=$seed rate=$rate ledger=$ledger wanted: ${wanted[*]}"
mapfile -t options < <(base_opts)
# The tests' own place in the checkout is found from the working directory.
cd -- "$ROOT_DIR"
exec "$TIDEMILL_JAVA" "${options[@]}" -Xmx256m -cp "$classes:$TIDEMILL_CLASSPATH" io.tidemill.system.kills.KillSuite \
  "$ledger" "$work" "$seed" "$rate" "${wanted[@]}"
