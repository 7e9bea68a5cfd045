#!/usr/bin/env bash
# usage
# Starts Tidemill on this host: the PLM, the Main Scheduler, the Register and workers, under a supervisor that starts
# again what dies. Builds first what is not built. Returns 0 when every process is healthy.
#
# scripts/start-all.sh [options]
#   --data DIR            the instance's folder (default: $TIDEMILL_DATA or ~/.tidemill)
#   --workers N           how many stock workers (default: as at the last start; at the first one 2)
#   --capacity N          how many tasks each worker runs at one time (default: twice the number of cores)
#   --port-base P         PLM at P, Main Scheduler at P+1, Register at P+2 (default: 7411)
#   --durability LEVEL    process: survives the death of every process (default); disk: survives a loss of power
#   --set KEY=VALUE       any other setting of docs/configuration.md; may be repeated
#   --foreground          stay, and stop everything on SIGTERM or Ctrl-C
#   --demo [FILES...]     then count the words of these files and folders (default: README.md, the texts in docs/ and the
#                         system's licences) on the workers, and leave everything running
#   --help
# Exit codes: 0 healthy; 1 could not start, with a sentence that says why; 2 an option is wrong.
# Examples:
#   scripts/start-all.sh --demo
#   scripts/start-all.sh --data /var/lib/tidemill --workers 4 --durability disk
#   scripts/start-all.sh --data /tmp/second --port-base 7511

set -euo pipefail
self=$(readlink -f -- "${BASH_SOURCE[0]}")
# shellcheck source=lib/common.sh
. "$(dirname -- "$self")/lib/common.sh"

data=$(default_data_dir)
demo=false
foreground=false
demo_files=()
passed=()

wrong() { fail 2 "$*; scripts/start-all.sh --help lists the options"; }

# need_number OPTION VALUE LEAST MOST
need_number() {
  { [[ $2 =~ ^[0-9]{1,9}$ ]] && ((10#$2 >= $3 && 10#$2 <= $4)); } || wrong "$1 is to be a number from $3 to $4: value=$2"
}

while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in
    --*=*) set -- "${option#*=}" "$@" && option=${option%%=*} ;;
    --data | --workers | --capacity | --port-base | --durability | --set) [ $# -gt 0 ] || wrong "$option needs a value" ;;
  esac
  case $option in
    --help | -h) usage && exit 0 ;;
    --data)
      [ -n "$1" ] || wrong "--data is empty"
      data=$1 && shift
      ;;
    --workers) need_number "$option" "$1" 0 1024 && passed+=("$option" "$1") && shift ;;
    --capacity) need_number "$option" "$1" 1 10000 && passed+=("$option" "$1") && shift ;;
    --port-base) need_number "$option" "$1" 1024 65533 && passed+=("$option" "$1") && shift ;;
    --durability)
      case $1 in process | disk) ;; *) wrong "--durability is process or disk: value=$1" ;; esac
      passed+=("$option" "$1") && shift
      ;;
    --set) passed+=("$option" "$1") && shift ;;
    --foreground) foreground=true ;;
    --demo)
      demo=true
      while [ $# -gt 0 ] && [[ $1 != --* ]]; do
        [ -r "$1" ] || wrong "--demo cannot read: file=$1"
        demo_files+=("$1") && shift
      done
      ;;
    *) wrong "there is no option $option" ;;
  esac
done
case $data in /*) ;; *) data=$PWD/$data ;; esac
# As completion leaves it; processes are known by their words.
[ "$data" = / ] || data=${data%/}
if $demo; then
  if $foreground; then wrong "--demo and --foreground exclude each other"; fi
  case " ${passed[*]} " in *' --workers 0 '*) wrong "--demo needs a worker: --workers 1 or more" ;; esac
fi

prepare_java stale
prepare_cds

# become ROLE OPTIONS WORD...: becomes the JVM that starts the instance and goes on as its supervisor.
become() {
  local role=$1 flags=$2
  shift 2
  exec_java "$role" "$flags" io.tidemill.plm.lifecycle.StartMain --data "$data" "${passed[@]}" "$@"
}

# The supervisor outlives this script, so it holds on to nothing of it: a session and a folder of its own, and the streams
# only until it answers, on descriptor 3.
start() {
  local code='' pid
  exec 4>&1
  exec 3< <(
    exec 3>&1 >&4 4>&- </dev/null
    cd / && own_session
    become supervisor "$TIDEMILL_SUPERVISOR_OPTS
-XX:ErrorFile=$data/logs/crash-supervisor-%p.log" --answer 3
  )
  pid=$!
  exec 4>&-
  trap 'say "tidemill: the start goes on; to end it: $SCRIPTS_DIR/stop-all.sh --data $data"; exit 130' INT
  if read -r -u 3 code; then exit "$code"; fi
  wait "$pid" || code=$?
  [ "${code:-0}" -lt 128 ] || fail 1 "the supervisor was killed as it started: signal=$((code - 128)) data=$data"
  exit "${code:-0}"
}

if $foreground; then become cli "$(command_opts)"; fi
$demo || start
(start) || exit $?
if [ ${#demo_files[@]} -eq 0 ]; then
  mapfile -t demo_files < <(find "$ROOT_DIR/docs" "$ROOT_DIR/README.md" -name node_modules -prune -o -name '*.md' -print)
  [ ! -r /usr/share/common-licenses ] || demo_files+=(/usr/share/common-licenses)
fi
"$SCRIPTS_DIR/tidemill" demo wordcount --data "$data" "${demo_files[@]}" || exit $?
printf '\nEverything is left running. To stop it:\n  %s --data %s\n' "$SCRIPTS_DIR/stop-all.sh" "$data"
