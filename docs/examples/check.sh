#!/usr/bin/env bash
# usage
# Runs the worker and the client of each language against an instance of its own, on a free port, and stops it.
#
# docs/examples/check.sh [python|node]...      (default: both)
# Exit codes: 0 they work; 1 one does not, or the machine lacks what it needs.

set -euo pipefail
here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd -P)
root=$(dirname -- "$(dirname -- "$here")")
# shellcheck source=../../scripts/lib/common.sh
. "$root/scripts/lib/common.sh"
python=${PYTHON:-/usr/bin/python3}
case ${1:-} in --help | -h) usage && exit 0 ;; esac

scratch=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-examples.XXXXXX")
worker_pid=''

finish() {
  local code=$?
  [ -z "$worker_pid" ] || kill "$worker_pid" 2>/dev/null || true
  "$root/scripts/stop-all.sh" --data "$scratch/data" >"$scratch/stop.log" 2>&1 || cat "$scratch/stop.log" >&2
  if [ "$code" = 0 ]; then rm -rf -- "$scratch"; else say "failed: the logs are in $scratch"; fi
}
trap finish EXIT
trap 'exit 130' INT TERM

# Both in a copy, so that nothing is left behind in the tree.
prepare_python() {
  "$python" -c 'import grpc, google.protobuf' || {
    say "python: grpc is missing; Debian: apt-get install python3-grpcio"
    return 1
  }
  cp -r "$here/python" "$scratch/python"
  rm -rf -- "$scratch/python/gen" && mkdir "$scratch/python/gen"
  local protos=() proto
  for proto in "$root"/api/src/main/proto/tidemill/v1/*.proto; do protos+=("tidemill/v1/${proto##*/}"); done
  protoc -I "$root/api/src/main/proto" --python_out="$scratch/python/gen" --grpc_python_out="$scratch/python/gen" \
    --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" \
    "${protos[@]}" || {
    say "python: protoc or its plugin is missing; Debian: apt-get install protobuf-compiler protobuf-compiler-grpc"
    return 1
  }
}

prepare_node() {
  cp -r "$here/node" "$scratch/node"
  export TIDEMILL_PROTOS=$root/api/src/main/proto
  [ -d "$scratch/node/node_modules" ] || (cd "$scratch/node" && npm install --no-audit --no-fund --silent)
}

# choose LANGUAGE: sets run, with XX in the place of worker or client.
choose() {
  case $1 in
    python) run=("$python" "$scratch/python/XX.py") ;;
    node) run=(node "$scratch/node/XX.js") ;;
  esac
}

# start_worker LANGUAGE NAME: sets worker_pid.
start_worker() {
  "${run[@]/XX/worker}" "127.0.0.1:$((base + 2))" "$2" 2>>"$scratch/$1-worker.log" &
  worker_pid=$!
}

# run_pair LANGUAGE EXPECTED: the worker, then the client, whose last line has to be as expected.
run_pair() {
  local language=$1 expected=$2 run
  choose "$language"
  start_worker "$language" "$language-1"
  timeout 60 "${run[@]/XX/client}" "127.0.0.1:$base" | tee "$scratch/$language-client.log"
  kill "$worker_pid" 2>/dev/null || true
  wait "$worker_pid" || true
  worker_pid=''
  [ "$(tail -n 1 "$scratch/$language-client.log")" = "$expected" ] || {
    say "$language: expected: $expected"
    return 1
  }
}

# finds_deadly LANGUAGE HANDLER: with a further handler that is the end of its worker's process at once. Its task is DEAD
# after one worker, since its start was announced; unannounced, the death would count for nothing and the task wait on.
finds_deadly() {
  local language=$1 handler=$2 run file state
  choose "$language"
  file=${run[1]/XX/worker}
  sed -i "s|handlers = {|&$handler, |I" "$file"
  start_worker "$language" "$language-2"
  timeout 60 "$root/scripts/tidemill" task submit --data "$scratch/data" --type "$language.deadly" --payload x \
    --max-worker-deaths 1 --wait --json >"$scratch/$language-deadly.json" 2>&1 || true
  wait "$worker_pid" || true
  worker_pid=''
  state=$(grep -o '"state":"[A-Z]*"' "$scratch/$language-deadly.json") || true
  [ "$state" = '"state":"DEAD"' ] || {
    say "$language: a task that ended its worker was not found out: ${state:-it waits}"
    return 1
  }
}

languages=("$@")
[ $# -gt 0 ] || languages=(python node)
for language in "${languages[@]}"; do
  case $language in python | node) "prepare_$language" ;; *) say "there is no example in $language" && exit 1 ;; esac
done
base=$(free_port_base)
"$root/scripts/start-all.sh" --data "$scratch/data" --port-base "$base" --workers 0
for language in "${languages[@]}"; do
  case $language in
    python)
      run_pair python '1000 of 1000 succeeded; the last one said WAVE 1000'
      finds_deadly python '"python.deadly": lambda payload: os._exit(1)'
      ;;
    node)
      run_pair node '1000 of 1000 succeeded; the last one said 0001 evaw'
      finds_deadly node "'node.deadly': () => process.exit(1)"
      ;;
  esac
done
say "both ends work: ${languages[*]}"
