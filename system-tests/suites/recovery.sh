#!/usr/bin/env bash
# usage
# Kills servers of an instance that has many tasks queued, and measures how long it takes until a task is accepted and
# assigned again, and where the time goes. A benchmark, with a limit: leave the machine alone meanwhile.
#
# system-tests/suites/recovery.sh [options]
#   --role ROLE    plm, scheduler, register or all (the three at once); may be repeated; default: each
#   --times N      how often each (default: 50)
#   --queued N     how many tasks wait (default: 1000000)
#   --limit MS     what the worst may be after the death of one server (default: 3000)
# Exit codes: 0 the worst of these is within the limit; 1 it is not; 2 an option is wrong.

set -euo pipefail
# shellcheck source=../../scripts/lib/common.sh
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../../scripts/lib/common.sh"

roles=()
times=50
queued=1000000
limit=3000
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --role | --times | --queued | --limit)
      [ -n "${2:-}" ] || fail 2 "$1 needs a value; $0 --help lists the options"
      case $1 in
        --role) roles+=("$2") ;;
        --times) times=$2 ;;
        --queued) queued=$2 ;;
        --limit) limit=$2 ;;
      esac
      shift
      ;;
    *) fail 2 "there is no option $1; $0 --help lists the options" ;;
  esac
  shift
done
[[ $times$queued$limit =~ ^[0-9]+$ ]] || fail 2 "--times, --queued and --limit are whole numbers"
[ ${#roles[@]} -gt 0 ] || roles=(plm scheduler register all)
for role in "${roles[@]}"; do
  case $role in plm | scheduler | register | all) ;; *) fail 2 "there is no role $role; $0 --help lists them" ;; esac
done

prepare_java missing
prepare_cds
classes=$ROOT_DIR/system-tests/target/test-classes
[ -d "$classes/io/tidemill/system/kills" ] || fail 1 "the harness is not built; mvn package -DskipTests builds it"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mapfile -t options < <(base_opts)
cd -- "$ROOT_DIR"
"$TIDEMILL_JAVA" "${options[@]}" -DTIDEMILL_LOG_LEVEL=WARN -Xmx512m -cp "$classes:$TIDEMILL_CLASSPATH" \
  io.tidemill.system.kills.RecoveryBenchmark "$work" "$queued" "$times" "$limit" "${roles[@]}"
