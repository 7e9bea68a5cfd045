# shellcheck shell=bash
# Sourced by scripts/inject/: options, and signals for the processes of one instance and no other.
#
# DIR/run/ROLE.pid names a process. A pid comes back in time as another program's, so nothing is signalled unless the
# process's own command line names the instance's folder.

# shellcheck source=common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

# inject_options ARGS...: sets DATA, SECONDS_GIVEN (empty if not given), SEED and REST (what is no option).
# shellcheck disable=SC2034 # SEED is for the storm
inject_options() {
  DATA=$(default_data_dir) SECONDS_GIVEN='' SEED='' REST=()
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage && exit 0 ;;
      --data | --seconds | --seed)
        [ -n "${2:-}" ] || fail 2 "$1 needs a value; $0 --help lists the options"
        case $1 in
          --data) DATA=$2 ;;
          --seconds) SECONDS_GIVEN=$(need_count "$1" "$2") || exit 2 ;;
          --seed) SEED=$(need_count "$1" "$2") || exit 2 ;;
        esac
        shift 2
        ;;
      *) REST+=("$1") && shift ;;
    esac
  done
  [ -d "$DATA" ] || fail 2 "there is no such folder: data=$DATA; --data names that of a running instance"
  DATA=$(realpath -- "$DATA")
}

need_count() {
  [[ $2 =~ ^[0-9]{1,9}$ ]] || fail 2 "$1 is to be a whole number: value=$2"
  printf '%s' $((10#$2))
}

# refuse_rest MOST: at most so many words that are no options.
refuse_rest() {
  [ ${#REST[@]} -le "$1" ] || fail 2 "there is no option ${REST[$1]}; $0 --help lists the options"
  case "${REST[*]:-}" in -*) fail 2 "there is no option ${REST[0]}; $0 --help lists the options" ;; esac
}

# belongs PID: the process's command line names this instance's folder, or something in it.
belongs() {
  local args=() arg
  mapfile -d '' args 2>/dev/null <"/proc/$1/cmdline" || return 1
  for arg in "${args[@]}"; do
    case $arg in "$DATA" | *="$DATA" | "$DATA"/* | *="$DATA"/*) return 0 ;; esac
  done
  return 1
}

# pid_of ROLE: prints the pid of this instance's process of that role; fails if there is none now.
pid_of() {
  local pid
  pid=$(head -n 1 "$DATA/run/$1.pid" 2>/dev/null) || return 1
  pid=${pid%%[!0-9]*}
  [ -n "$pid" ] && belongs "$pid" && printf '%s' "$pid"
}

# The roles of the workers that run, one a line.
running_workers() {
  local file role
  for file in "$DATA"/run/worker-*.pid; do
    role=${file##*/} role=${role%.pid}
    if pid_of "$role" >/dev/null; then printf '%s\n' "$role"; fi
  done
}

# The worker asked for, or any one.
choose_worker() {
  local workers=()
  if [ -n "${1:-}" ]; then
    pid_of "$1" >/dev/null || fail 1 "no worker of this name runs: worker=$1 data=$DATA; running:" \
      "$(running_workers | tr '\n' ' ')"
    printf '%s' "$1"
    return
  fi
  mapfile -t workers < <(running_workers)
  [ ${#workers[@]} -gt 0 ] || fail 1 "no worker runs: data=$DATA; scripts/start-all.sh --data $DATA starts some"
  printf '%s' "${workers[RANDOM % ${#workers[@]}]}"
}

not_running() { fail 1 "$1 does not run now: data=$DATA; scripts/start-all.sh --data $DATA starts it"; }

# The storm sets INJECT_IN_STORM: its reader watches already.
watch_hint() { [ -n "${INJECT_IN_STORM:-}" ] || say "watch: scripts/tidemill top --data $DATA"; }

# kill_role ROLE WHAT_FOLLOWS
kill_role() {
  local pid
  pid=$(pid_of "$1") || not_running "$1"
  kill -KILL "$pid" 2>/dev/null || not_running "$1"
  say "killed: role=$1 pid=$pid signal=KILL; $2"
}

# pause_role ROLE SECONDS WHAT_FOLLOWS: stopped, and let go again even if this script is interrupted.
pause_role() {
  local role=$1 seconds=$2 pid
  pid=$(pid_of "$role") || not_running "$role"
  # shellcheck disable=SC2064 # this very pid
  trap "kill -CONT $pid 2>/dev/null || true" EXIT
  trap 'exit 130' INT TERM
  kill -STOP "$pid" 2>/dev/null || not_running "$role"
  say "paused: role=$role pid=$pid signal=STOP seconds=$seconds; $3"
  sleep "$seconds"
  if kill -CONT "$pid" 2>/dev/null; then
    say "goes on: role=$role pid=$pid signal=CONT"
  else
    say "gone: role=$role pid=$pid was killed and replaced while it was paused"
  fi
}

RESTARTED="the supervisor starts it again within a second; its incarnation rises by 1 and nothing accepted is lost"
STALLED="nothing accepted is lost; past its limit the supervisor kills and replaces it"

# What inject/kill-SERVER.sh and inject/pause-SERVER.sh do.
kill_server_main() {
  local role=$1
  shift
  inject_options "$@"
  refuse_rest 0
  kill_role "$role" "$RESTARTED"
  watch_hint
}

pause_server_main() {
  local role=$1
  shift
  inject_options "$@"
  refuse_rest 0
  watch_hint
  pause_role "$role" "${SECONDS_GIVEN:-5}" "$STALLED"
}

# odd_worker_main KIND DEFAULT_SECONDS WORKER_OPTIONS...: a further worker with odd manners, in the foreground for so
# long (0: until it is interrupted).
odd_worker_main() {
  local kind=$1 seconds=$2 pid id
  shift 2
  id=$kind-$$
  "$SCRIPTS_DIR/tidemill" worker --data "$DATA" --id "$id" "$@" &
  pid=$!
  # shellcheck disable=SC2064 # this very pid
  trap "kill -TERM $pid 2>/dev/null; wait $pid || true; exit 130" INT TERM
  say "started: worker=$id pid=$pid; it leaves $([ "$seconds" = 0 ] && echo on Ctrl-C || echo "after $seconds s")"
  watch_hint
  if [ "$seconds" != 0 ]; then
    sleep "$seconds" &
    wait $! || true
    kill -KILL "$pid" 2>/dev/null || true
    say "killed: worker=$id pid=$pid signal=KILL; what it held goes back to its place in the order"
  fi
  { wait "$pid" || true; } 2>/dev/null
}
